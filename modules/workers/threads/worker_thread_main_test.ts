// A test of how much a thread loads before it can be ready: each file is found, read and compiled for every thread anew.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";

/** As many as ever. Whoever needs one more merges what is one subject, or keeps out what only the host needs. */
const MOST_FILES = 18;

/** Deno looks up also what is named literally to be loaded later, with all that this imports. */
const MOST_FILES_ON_DENO = 17;

/** So many does a module of tasks cost it that imports `@concurrent/futures/task`; the core as a whole is a hundred. */
const MOST_MORE = 10;

/** An import or export of values: types are gone when code runs. */
const LOADS = /^(?:import|export)\b(?! type\b)(?:[^;"]*?\bfrom)?\s*"(\.[^"]+)"/gm;

/** The same, and what is named to be loaded later; not where only its type is told of. */
const NAMES = new RegExp(`${LOADS.source}|(?<!typeof )\\bimport\\("(\\.[^"]+)"\\)`, "gm");

/** All that is loaded with a file, itself first. */
function loadedWith(entry: URL, names: RegExp): string[] {
  const found = new Set([entry.href]);
  for (const file of found) {
    for (const [, now, later] of readFileSync(new URL(file), "utf8").matchAll(names)) {
      const named = new URL((now ?? later) as string, file);
      // Comments and advice name files that there are not.
      if (existsSync(named)) found.add(named.href);
    }
  }
  const root = new URL("../../", import.meta.url).href;
  return [...found].map((file) => file.replace(root, "")).sort();
}

const entries: readonly [where: string, entry: string, names: RegExp, most: number][] = [
  ["on Node", "./worker_thread_main.ts", LOADS, MOST_FILES],
  ["on Deno", "../../deno/thread_main.ts", NAMES, MOST_FILES_ON_DENO],
];

for (const [where, entry, counted, most] of entries) {
  test(`a thread ${where} loads no more files than it needs`, () => {
    const names = loadedWith(new URL(entry, import.meta.url), counted);
    // What is loaded for certain, or the walk has gone astray.
    for (const name of ["core/serving/server.ts", "core/memory/ring.ts", "workers/tell_runtime.ts"])
      assert.ok(names.includes(name), `${name} was not found among ${names.join(", ")}`);
    assert.ok(
      names.length <= most,
      `a thread loads ${names.length} files of at most ${most}: ${names.join(", ")}`,
    );
  });
}

test("what is loaded later is found where it is named", () => {
  const names = loadedWith(new URL("./worker_thread_main.ts", import.meta.url), NAMES);
  assert.ok(names.includes("core/serving/producer.ts"), names.join(", "));
});

test("what a module of tasks imports costs a thread few files more, and no executor", () => {
  const own = loadedWith(new URL("../../deno/thread_main.ts", import.meta.url), NAMES);
  const more = loadedWith(new URL("../../core/for_tasks.ts", import.meta.url), NAMES).filter(
    (file) => !own.includes(file),
  );
  assert.ok(more.length > 0, "the walk has gone astray");
  assert.ok(more.length <= MOST_MORE, `${more.length} files more: ${more.join(", ")}`);
  assert.deepEqual(
    more.filter((file) => /executor|scheduling/.test(file)),
    [],
  );
});
