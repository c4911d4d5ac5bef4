// What must not cross, because a runtime would empty it in silence.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { assertCrossable, isCopiedSooner, mayTakeAway, mostCopied } from "./wire_value.ts";

const REFUSED = { name: "DataCloneError" };

/** What happens to a value on its way: the check, and then the runtime's own. */
function cross(value: unknown): unknown {
  assertCrossable(value);
  return structuredClone(value);
}

test("platform objects that would be emptied are refused, however deep", () => {
  for (const hostile of [
    new AbortController().signal,
    new FormData(),
    new Event("x"),
    new TextEncoder(),
  ]) {
    assert.throws(() => cross(hostile), REFUSED);
    assert.throws(() => cross({ a: [1, new Map([["k", new Set([hostile])]])] }), REFUSED);
  }
});

test("everything structured clone keeps is let through", () => {
  const values = [
    ...[
      undefined,
      null,
      1,
      "text",
      2n,
      true,
      new Date(),
      /x/,
      new Error("x"),
      new Map([[{}, 1]]),
      new Set([1]),
    ],
    ...[
      new Uint8Array(2),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(2)),
      new Blob(["x"]),
      new BigInt64Array(1),
    ],
    ...[new DOMException("x"), Object.create(null), new Array(1), Object(1)],
  ];
  for (const value of values) assertCrossable(value);
});

test("an object of a class with fields crosses, as a plain one", () => {
  class Point {
    x = 1;
    get [Symbol.toStringTag]() {
      return "Point";
    }
  }
  assertCrossable(new Point());
});

test("getters are not run", () => {
  let runs = 0;
  assertCrossable({
    get trap() {
      return runs++;
    },
  });
  assert.equal(runs, 0);
});

test("cycles and deep nesting end without growing the stack", () => {
  const loop: Record<string, unknown> = {};
  loop.self = { loop };
  assertCrossable(loop);
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assertCrossable(deep);
});

test("any value made of data is let through", () => {
  fc.assert(
    fc.property(
      fc.anything({
        withBigInt: true,
        withDate: true,
        withMap: true,
        withSet: true,
        withTypedArray: true,
      }),
      (value) => assertCrossable(value),
    ),
  );
});

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
