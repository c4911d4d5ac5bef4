// Tests of what workers get of flags and environment, in the ways that no program of the other tests has them.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { passedOn, workerEnv } from "./passed_on.ts";

test("passedOn() keeps flags with their values, and leaves programs out whatever they look like", () => {
  const notEval = (name: string) => !/^(-e|--eval|--inspect-port)$/.test(name);
  const cases: [string[], string[]][] = [
    [
      ["-C", "a", "--conditions=b"],
      ["-C", "a", "--conditions=b"],
    ],
    [
      ["-e", "--import", "--import", "./a.mjs"],
      ["--import", "/here/a.mjs"],
    ],
    [
      ["--eval=--import", "-r", "x"],
      ["-r", "x"],
    ],
    [["--inspect_port", "0", "--import=./a=b.mjs"], ["--import=/here/a=b.mjs"]],
    [
      ["--inspect_port=0", "--title", "a name"],
      ["--title", "a name"],
    ],
  ];
  for (const [flags, passed] of cases)
    assert.deepEqual(passedOn(flags, notEval, "/here"), passed, flags.join(" "));
});

test("workerEnv() takes debuggers away, makes paths absolute, and leaves the rest as it is", () => {
  const before = { ...process.env };
  const cases: [string, string][] = [
    ["--inspect", ""],
    ["--inspect-brk=0.0.0.0:1 --no-warnings", " --no-warnings"],
    ["-C a --inspect-port 0 --inspect-wait", "-C a  "],
    ["--inspect-publish-uid=http,stderr -C a", " -C a"],
    ["--require ./a.cjs --import=../b.mjs -r c", "--require /here/a.cjs --import=/b.mjs -r c"],
    [`--require "./a b.cjs"`, `--require "/here/a b.cjs"`],
  ];
  try {
    for (const [flags, passed] of cases) {
      process.env.NODE_OPTIONS = flags;
      assert.equal(workerEnv(undefined, "/here")?.NODE_OPTIONS, passed, flags);
    }
    process.env.NODE_OPTIONS = "-C a";
    assert.equal(workerEnv(undefined, undefined), undefined);
    process.env.BUN_INSPECT = "ws://127.0.0.1:0/a";
    assert.equal(workerEnv({}, undefined)?.BUN_INSPECT, undefined);
    // Who says so gets one.
    assert.equal(workerEnv({ BUN_INSPECT: "own" }, undefined)?.BUN_INSPECT, "own");
  } finally {
    for (const name of ["NODE_OPTIONS", "BUN_INSPECT"]) {
      if (before[name] === undefined) delete process.env[name];
      else process.env[name] = before[name];
    }
  }
});
