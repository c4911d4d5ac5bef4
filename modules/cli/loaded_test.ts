// A test of how much the command loads before it does anything: a start costs what it loads.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const ROOT = new URL("../", import.meta.url).href;

/** Files of ours at the start of each verb. Whoever needs one more has it loaded by the flag that needs it. */
const MOST: readonly [name: string, most: number, entries: readonly string[]][] = [
  ["any verb", 6, ["./main.ts"]],
  ["run", 31, ["./main.ts", "./run.ts"]],
  ["map", 32, ["./main.ts", "./map.ts"]],
  ["map --loop, and a worker", 36, ["./main.ts", "./map.ts", "./worker/call.ts"]],
];

/** An import or export of values: types are gone when code runs. */
const LOADS = /^(?:import|export)\b(?! type\b)(?:[^;"]*?\bfrom)?\s*"(\.[^"]+)"/gm;

/** What a runtime makes when it is asked, which who imports it by its name does: 7 ms for a stream of files, 3 for `inspect`. */
const MADE_WHEN_ASKED =
  /import \{[^}]*\b(?:inspect|formatWithOptions|create(?:Read|Write)Stream)\b[^}]*\} from "node:/;

/** All that is loaded with some files, themselves first. */
function loadedWith(entries: readonly string[]): string[] {
  const found = new Set(entries.map((entry) => new URL(entry, import.meta.url).href));
  for (const file of found) {
    for (const [, specifier] of readFileSync(new URL(file), "utf8").matchAll(LOADS))
      found.add(new URL(specifier as string, file).href);
  }
  return [...found].map((file) => file.replace(ROOT, "")).sort();
}

for (const [name, most, entries] of MOST) {
  test(`the command loads no more files for ${name} than it needs`, () => {
    const all = loadedWith(entries);
    const own = all.filter((file) => file.startsWith("cli/"));
    assert.ok(own.includes("cli/command_line.ts"), "the walk has gone astray");
    assert.ok(own.length <= most, `${own.length} files of at most ${most}: ${own.join(", ")}`);
    // The library is for map alone; what a flag or another verb asks for is loaded when it is asked for.
    if (!name.startsWith("map")) assert.equal(own.length, all.length, all.join(", "));
    const later = /\b(?:agent|completion|dashboard|doctor|help|joblog|man|queue|read_rows|trace)\b/;
    assert.deepEqual(
      all.filter((file) => later.test(file.replace("call_tracer", ""))),
      [],
    );
    assert.deepEqual(
      all.filter((file) => MADE_WHEN_ASKED.test(readFileSync(new URL(file, ROOT), "utf8"))),
      [],
    );
  });
}
