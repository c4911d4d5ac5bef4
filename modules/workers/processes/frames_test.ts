// Tests of the frames: whatever the pieces, the same messages; nothing but frames of the worker's own.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import v8 from "node:v8";
import fc from "fast-check";
import { encodeFrame, FrameReader } from "./frames.ts";

const KEY = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

test("FrameReader puts the same messages together however the bytes are cut", () => {
  const message = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.uint8Array({ maxLength: 300 }),
    fc.constant({ kind: "look" }),
    fc.record({ kind: fc.string(), values: fc.array(fc.double()) }, { noNullPrototype: true }),
  );
  const property = fc.property(
    fc.array(message, { maxLength: 8 }),
    fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
    (messages, cuts) => {
      const read: unknown[] = [];
      const reader = new FrameReader(v8, (message) => read.push(message), KEY);
      const bytes = Buffer.concat(messages.map((message) => encodeFrame(v8, message, KEY)));
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const end = at + (cuts[cut % cuts.length] as number);
        reader.push(Uint8Array.from(bytes.subarray(at, end)));
        at = end;
      }
      assert.deepEqual(read, messages);
    },
  );
  fc.assert(property, { numRuns: 300 });
});

const item = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 1020, maxLength: 1030 }),
  fc.double(),
  fc.integer(),
  fc.constantFrom<unknown>(-0, null, undefined, true, 1n, "\ud800", "\u2028", '"],[', {}, []),
);

test("FrameReader reads the same of a link, whether it was written as a text or not", () => {
  const property = fc.property(
    fc.nat(),
    fc.option(fc.nat(), { nil: undefined }),
    fc.array(item, { minLength: 1, maxLength: 10 }),
    fc.constantFrom(undefined, 12),
    (link, seq, items, cost) => {
      const word = { does: "items", items, ...(cost === undefined ? {} : { cost }) };
      const message = { kind: "link", ...(seq === undefined ? {} : { seq }), link, word };
      const read: unknown[] = [];
      const reader = new FrameReader(v8, (message) => read.push(message), KEY);
      reader.push(encodeFrame(v8, message, KEY));
      assert.deepStrictEqual(read, [message]);
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});

test("encodeFrame() writes a few short values of a link as a text, and looks into nothing to find out", () => {
  const bytesOf = (items: readonly unknown[]) => {
    const frame = encodeFrame(v8, { kind: "link", link: 3, word: { does: "items", items } });
    return Buffer.from(frame.subarray(4)).toString();
  };
  assert.equal(bytesOf([1, "two", null]), '3,-1,1,"two",null');
  const trap = new Proxy([], { get: () => assert.fail("somebody has looked") });
  assert.throws(() => bytesOf([trap]), { name: "DataCloneError" });
});

test("FrameReader tells of a forged text as of what cannot be read, and reads what is behind it", () => {
  const read: unknown[] = [];
  const reader = new FrameReader(v8, (message) => read.push(message), KEY);
  for (const forged of ["x", "]", "1,2]", '1,2,"'])
    reader.push(
      Uint8Array.from([KEY.length + forged.length, 0, 0, 0, ...KEY, ...Buffer.from(forged)]),
    );
  reader.push(encodeFrame(v8, "behind", KEY));
  assert.deepEqual(read, [...Array(4).fill({ kind: "unreadable" }), "behind"]);
});

test("FrameReader throws for what does not begin with the key, whatever it is", () => {
  const property = fc.property(fc.uint8Array({ minLength: 4, maxLength: 64 }), (bytes) => {
    const read: unknown[] = [];
    const reader = new FrameReader(v8, (message) => read.push(message), KEY);
    const frame = Uint8Array.from([bytes.length, 0, 0, 0, ...bytes]);
    if (KEY.every((byte, index) => bytes[index] === byte)) return;
    assert.throws(() => reader.push(frame), TypeError);
    assert.deepEqual(read, []);
  });
  fc.assert(property, { numRuns: 1_000 });
});

test("FrameReader tells of a frame that cannot be read, and reads those behind it", () => {
  const read: unknown[] = [];
  const reader = new FrameReader(v8, (message) => read.push(message), KEY);
  const garbage = [KEY.length + 3, 0, 0, 0, ...KEY, 255, 15, 1];
  reader.push(Uint8Array.from([...garbage, ...encodeFrame(v8, "behind", KEY)]));
  assert.deepEqual(read, [{ kind: "unreadable" }, "behind"]);
});

test("encodeFrame() throws a DataCloneError for what cannot be cloned, and what a getter throws", () => {
  for (const value of [() => {}, Symbol("x"), { f: () => {} }, new WeakMap()])
    assert.throws(() => encodeFrame(v8, value), { name: "DataCloneError" });
  const evil = {
    get x() {
      throw new RangeError("mine");
    },
  };
  assert.throws(() => encodeFrame(v8, evil), { name: "RangeError", message: "mine" });
});

test("a view crosses with a buffer of its own, not with the whole message", () => {
  const read: Uint8Array[] = [];
  const reader = new FrameReader(v8, (message) => read.push(message as Uint8Array));
  reader.push(encodeFrame(v8, new Uint8Array([1, 2, 3])));
  assert.equal(read[0]?.buffer.byteLength, 3);
});
