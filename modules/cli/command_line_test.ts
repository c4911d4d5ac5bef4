// The command line, and what is said of mistakes in it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { readCommandLine } from "./command_line.ts";

const read = (line: string) => readCommandLine(line.split(" "));

test("readCommandLine() takes flags before and behind a function, and arguments behind :::", () => {
  const { verb, flags, words, items } = read("map -j 4 ./jobs.ts#f --tag --rate=3/s ::: --tag b");
  assert.deepEqual([verb, words, items], ["map", ["./jobs.ts#f"], ["--tag", "b"]]);
  assert.deepEqual({ ...flags }, { jobs: "4", tag: true, rate: "3/s" });
});

test("readCommandLine() takes flags before the verb", () => {
  assert.deepEqual({ ...read("--cwd /tmp run true").flags }, { cwd: "/tmp" });
});

test("readCommandLine() leaves a command of several words its own flags", () => {
  const { flags, words } = read("run -k gzip -9 --jobs 3");
  assert.deepEqual([{ ...flags }, words], [{ "keep-order": true }, ["gzip", "-9", "--jobs", "3"]]);
});

test("readCommandLine() takes flags behind a command that is one quoted word", () => {
  const { flags, words } = readCommandLine(["run", "gzip -9 {}", "--jobs", "3", ":::", "a"]);
  assert.deepEqual([{ ...flags }, words], [{ jobs: "3" }, ["gzip -9 {}"]]);
});

test("readCommandLine() names what was meant", () => {
  assert.throws(() => read("map f --keep-oder"), /no such flag; did you mean --keep-order\?/);
  assert.throws(() => read("mpa f"), /no such verb; did you mean map\?/);
  assert.throws(() => read("map f --jobs"), /--jobs: its N is missing/);
  assert.throws(() => read("map f --tag=x"), /--tag: it takes no value/);
  assert.throws(() => readCommandLine(["run", "f {}", "--processes"]), /belongs to futures map/);
  assert.throws(() => readCommandLine([]), /name a verb/);
  assert.throws(() => read("doctor now"), /Cannot doctor: what is "now"\?/);
  assert.throws(() => read("man ::: a"), /Cannot man: what is ":::"\?/);
  assert.throws(() => read("map f g"), /what is "g"\? arguments stand behind :::/);
});

test("readCommandLine() says whose a flag is", () => {
  assert.throws(() => read("map f --drain 1s"), /it belongs to futures agent$/);
  assert.throws(() => read("run --queue q f"), /it belongs to futures map and futures agent$/);
});
