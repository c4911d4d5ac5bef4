// What is moved, and what is copied and taken away instead.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isCopiedSooner, mayTakeAway, mostCopied } from "./wire_value.ts";

test("isCopiedSooner() is true of few bytes that are the values' own, each once", () => {
  const bytes = new Uint8Array(100);
  assert.equal(isCopiedSooner([bytes], [bytes.buffer], 100), true);
  assert.equal(isCopiedSooner([bytes.buffer], [bytes.buffer], 100), true);
  assert.equal(isCopiedSooner([bytes], [], 0), true);
  assert.equal(isCopiedSooner([bytes], [bytes.buffer], 99), false, "they are too many");
  assert.equal(isCopiedSooner([bytes], [bytes.buffer, bytes.buffer], 200), false);
  assert.equal(isCopiedSooner([{ bytes }], [bytes.buffer], 100), false, "they lie deeper");
  assert.equal(isCopiedSooner([1], [new ArrayBuffer(1)], 100), false, "nobody is sent them");
});

test("mayTakeAway() leaves nothing to the sender, and says so of what cannot be taken", () => {
  const bytes = new Uint8Array(100);
  assert.equal(mayTakeAway([bytes.buffer]), true);
  assert.equal(bytes.length, 0);
  const buffer = new WebAssembly.Memory({ initial: 1 }).buffer as ArrayBuffer;
  assert.equal(mayTakeAway([buffer]), false);
  assert.equal(buffer.byteLength, 65_536);
});

test("between processes all is copied, between threads what is small", () => {
  assert.equal(mostCopied(false), Number.POSITIVE_INFINITY);
  assert.ok(mostCopied(true) < 2 ** 20 && mostCopied(undefined) === mostCopied(true));
});
