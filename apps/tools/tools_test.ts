// The tools do what they say, on Deno and Bun.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { decode, encode } from "fast-png";
import { countLog } from "./count_log.ts";
import { findDuplicates } from "./duplicates.ts";
import { resizeAll } from "./resize.ts";

/** A folder that is removed at the end. */
function workshop() {
  const folder = mkdtempSync(join(tmpdir(), "tools-"));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test("findDuplicates() finds files of the same contents in a tree, and looks into no others", async () => {
  using own = workshop();
  const write = (name: string, text: string) => writeFileSync(join(own.folder, name), text);
  mkdirSync(join(own.folder, "deep"));
  for (const [name, text] of [
    ["a", "same"],
    ["deep/b", "same"],
    ["c", "more"],
    ["d", "longer"],
  ] as const)
    write(name, text);
  const groups = await findDuplicates(own.folder, new AbortController().signal);
  assert.deepEqual(groups, [[join(own.folder, "a"), join(own.folder, "deep/b")]]);
});

test("findDuplicates() tells what it has found when it is interrupted", async () => {
  using own = workshop();
  for (const name of ["a", "b"]) writeFileSync(join(own.folder, name), "same");
  assert.deepEqual(await findDuplicates(own.folder, AbortSignal.abort()), []);
});

test("countLog() counts each line once, wherever the file is cut", async () => {
  using own = workshop();
  const log = join(own.folder, "access.log");
  const lines = Array.from({ length: 5000 }, (_, at) => {
    const status = at % 10 === 0 ? 404 : 200;
    return `127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET /${"x".repeat(at % 37)} HTTP/1.1" ${status} ${at}\n`;
  });
  writeFileSync(log, lines.join(""));
  const expected = { lines: 5000, bytes: (5000 * 4999) / 2, status: { 200: 4500, 404: 500 } };
  // The length of the first line, too: then a part begins where a line does.
  for (const part of [1 << 20, 10_007, 100 * (lines[0] as string).length])
    assert.deepEqual(await countLog(log, part), expected);
});

test("resizeAll() makes pictures smaller, and tells which are none", async () => {
  using own = workshop();
  const white = new Uint8Array(40 * 20 * 4).fill(255);
  const [good, bad] = [join(own.folder, "good.png"), join(own.folder, "bad.png")];
  writeFileSync(good, encode({ width: 40, height: 20, channels: 4, data: white }));
  writeFileSync(bad, "no picture");
  const folder = join(own.folder, "small");
  const problems = await resizeAll([good, bad], {
    folder,
    width: 10,
    signal: new AbortController().signal,
  });
  assert.deepEqual([...problems.keys()], [bad]);
  const { width, height, data } = decode(readFileSync(join(folder, "good.png")));
  assert.deepEqual([width, height, data[0]], [10, 5, 255]);
});
