// A test of how much a thread loads before it can be ready: each file is found, read and compiled for every thread anew.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

/**
 * As many as ever, and one for the shapes of objects: it saves a message for each call that is given one. Whoever needs one
 * more merges what is one subject, or keeps out what only the host needs.
 */
const MOST_FILES = 20;

/** So many does a module of tasks cost it that imports `@concurrent/futures/task`; the core as a whole is a hundred. */
const MOST_MORE = 10;

/** An import or export of values: types are gone when code runs. */
const LOADS = /^(?:import|export)\b(?! type\b)(?:[^;"]*?\bfrom)?\s*"(\.[^"]+)"/gm;

/** All that is loaded with a file, itself first. */
function loadedWith(entry: string): string[] {
  const found = new Set([new URL(entry, import.meta.url).href]);
  for (const file of found) {
    for (const [, specifier] of readFileSync(new URL(file), "utf8").matchAll(LOADS))
      found.add(new URL(specifier as string, file).href);
  }
  const root = new URL("../../", import.meta.url).href;
  return [...found].map((file) => file.replace(root, "")).sort();
}

test("a thread loads no more files than it needs", () => {
  const names = loadedWith("./worker_thread_main.ts");
  // What is loaded for certain, or the walk has gone astray.
  for (const name of ["core/serving/server.ts", "core/memory/ring.ts", "workers/tell_runtime.ts"])
    assert.ok(names.includes(name), `${name} was not found among ${names.join(", ")}`);
  assert.ok(
    names.length <= MOST_FILES,
    `a thread loads ${names.length} files of at most ${MOST_FILES}: ${names.join(", ")}`,
  );
});

test("what a module of tasks imports costs a thread few files more, and no executor", () => {
  const own = loadedWith("./worker_thread_main.ts");
  const more = loadedWith("../../core/for_tasks.ts").filter((file) => !own.includes(file));
  assert.ok(more.length > 0, "the walk has gone astray");
  assert.ok(more.length <= MOST_MORE, `${more.length} files more: ${more.join(", ")}`);
  assert.deepEqual(
    more.filter((file) => /executor|scheduling/.test(file)),
    [],
  );
});
