// Records out of chunks.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import { splitRecords } from "./split_records.ts";

async function split(
  chunks: (string | Uint8Array)[],
  separator: "\n" | "\0" = "\n",
): Promise<string[]> {
  async function* source() {
    yield* chunks;
  }
  return (await Array.fromAsync(splitRecords(source(), separator))).flat();
}

test("splitRecords() joins what was cut apart, letters too", async () => {
  const bytes = Buffer.from("añb\nc");
  for (let at = 0; at <= bytes.length; at++)
    assert.deepEqual(await split([bytes.subarray(0, at), bytes.subarray(at)]), ["añb", "c"]);
});

test("splitRecords() keeps empty lines, drops carriage returns, and needs no last line end", async () => {
  assert.deepEqual(await split(["a\r\n\nb"]), ["a", "", "b"]);
  assert.deepEqual(await split(["a\nb\n"]), ["a", "b"]);
  assert.deepEqual(await split([]), []);
});

test("splitRecords() splits at NUL, and leaves line ends alone", async () => {
  assert.deepEqual(await split(["a\nb\0c\r\n\0"], "\0"), ["a\nb", "c\r\n"]);
});
