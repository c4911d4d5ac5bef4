// The ring: what is written on one side is read on the other, in order, whatever it is and however full the ring.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import "../../workers/tell_runtime.ts";
import { isArrayBuffer } from "../brand.ts";
import { BulkReader, BulkWriter, bulkInMemory, growableBuffers } from "./bulk.ts";
import { Constant, RingReader, RingWriter } from "./ring.ts";
import { MOST_SHAPES } from "./shapes.ts";
import { WordsInMemory } from "./shared_memory.ts";

const LENGTH = 64;
const PLACE = { head: 0, tail: 16, from: 32, length: LENGTH };

function bothEnds(): { writer: RingWriter; reader: RingReader } {
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4 * (PLACE.from + LENGTH))));
  return { writer: new RingWriter(words, PLACE), reader: new RingReader(words, PLACE) };
}

/** The same with bulk, and a larger ring. */
function bothEndsWithBulk(): { writer: RingWriter; reader: RingReader } {
  const place = { head: 0, tail: 16, from: 64, length: 16_384 };
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4 * (64 + place.length))));
  const buffers = growableBuffers();
  assert.ok(buffers !== undefined);
  const { calls } = bulkInMemory(buffers);
  return {
    writer: new RingWriter(words, place, new BulkWriter(calls, words, 32)),
    reader: new RingReader(words, place, new BulkReader(calls, words, 32)),
  };
}

/** As a writer of calls or outcomes does it. */
function put(writer: RingWriter, item: unknown): boolean {
  return isArrayBuffer(item) ? writer.putBuffer(item, 0) : writer.putValue(item, 0);
}

function trap(): never {
  throw new Error("code of the user ran");
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** What fits into the ring of this test. */
const value = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, 2 ** 29 - 1, 2 ** 29, -(2 ** 29), -(2 ** 29) - 1, 2 ** 31),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(undefined, null, true, false, "\ud800", "\0", ""),
  fc.uint8Array({ maxLength: 40 }),
  fc.float64Array({ minLength: 1, maxLength: 5 }),
  fc.uint8ClampedArray({ minLength: 1, maxLength: 9 }),
  fc.bigInt64Array({ minLength: 1, maxLength: 5 }),
  fc.int16Array({ minLength: 1, maxLength: 9 }).map((array) => array.slice().buffer),
);

test("values come out as they went in, round and round the ring", () => {
  const { writer, reader } = bothEnds();
  fc.assert(
    fc.property(fc.array(value, { maxLength: 20 }), (values) => {
      const written: unknown[] = [];
      for (const item of values) if (put(writer, item)) written.push(item);
      writer.publish();
      assert.equal(reader.isEmpty, true, "nothing shows before it is committed");
      writer.commit();
      assert.equal(reader.isEmpty, true, "nor before it is published");
      writer.publish();
      for (const item of written) {
        const read = reader.takeValue();
        if (typeof item === "object" && item !== null) assert.deepStrictEqual(read, item);
        else assert.ok(Object.is(read, item));
      }
      assert.equal(reader.isEmpty, true);
      reader.release();
    }),
  );
});

test("putValue() refuses what does not belong there, is too long, or finds no room", () => {
  const { writer, reader } = bothEnds();
  const bytes = new Uint8Array(8);
  const views = [
    bytes.subarray(4),
    new DataView(bytes.buffer),
    new Uint8Array(0),
    new Uint8Array(new ArrayBuffer(4, { maxByteLength: 8 })),
    new Uint8Array(new SharedArrayBuffer(4)),
  ];
  for (const other of [{}, () => 1, Symbol.iterator, 1n, new Date(), ...views])
    assert.equal(writer.putValue(other, 0), false);
  assert.equal(writer.putValue("x".repeat(513), 0), false);
  assert.equal(writer.putValue(new Uint8Array(20_000), 0), false, "there is no bulk");
  assert.equal(writer.putValue(1, LENGTH), false, "spare words stay free");
  while (writer.putValue(0.5, 0));
  writer.commit();
  writer.publish();
  assert.equal(writer.hasRoom(3), false);
  while (!reader.isEmpty) assert.equal(reader.takeValue(), 0.5);
  reader.release();
  assert.equal(writer.hasRoom(LENGTH), true, "what was read and released is free again");
});

test("rollBack() forgets what was not committed, and its room is free again", () => {
  const { writer, reader } = bothEnds();
  writer.putValue(1, 0);
  writer.commit();
  const { position } = writer;
  writer.putValue("forgotten", 0);
  writer.putValue(new Uint8Array(40), 0);
  writer.rollBack();
  assert.equal(writer.position, position);
  assert.equal(writer.hasRoom(LENGTH - 1), true);
  writer.put(0);
  writer.patch(position, 7);
  writer.commit();
  writer.publish();
  assert.deepEqual([reader.takeValue(), reader.takeValue(), reader.isEmpty], [1, 7, true]);
});

test("records that are rolled back leave those before and after them as they are, bulk included", () => {
  const { writer, reader } = bothEndsWithBulk();
  const bytes = fc
    .integer({ min: 1, max: 40_000 })
    .map((length) => new Uint8Array(length).fill(length & 255));
  const record = fc.record({
    values: fc.array(fc.oneof(value, bytes), { maxLength: 4 }),
    isWhole: fc.boolean(),
    isShown: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(record, { maxLength: 12 }), (records) => {
      const expected: unknown[] = [];
      for (const { values, isWhole, isShown } of records) {
        const written = values.filter((item) => put(writer, item));
        if (isWhole) {
          writer.commit();
          expected.push(...written);
        } else writer.rollBack();
        if (isShown) writer.publish();
      }
      writer.publish();
      for (const item of expected) assert.deepStrictEqual(reader.takeValue(), item);
      assert.equal(reader.isEmpty, true);
      reader.release();
    }),
  );
});

/** Makes bytes look like something else, in as many ways as there are. */
const disguise = fc.constantFrom<(value: object) => object>(
  (value) => value,
  ...[null, Object.prototype, Float64Array.prototype, Uint8Array.prototype, ArrayBuffer.prototype]
    .concat([Map.prototype as never, Array.prototype as never, DataView.prototype as never])
    .map((prototype) => (value: object) => Object.setPrototypeOf(value, prototype) as object),
  (value) => Object.setPrototypeOf(value, revoked({})),
  (value) => Object.setPrototypeOf(value, new Proxy({}, { get: trap, getPrototypeOf: trap })),
  (value) =>
    Object.defineProperties(
      value,
      Object.fromEntries(
        ["byteLength", "byteOffset", "buffer", "length", "subarray", "constructor", "slice"]
          .concat([Symbol.toStringTag as never, Symbol.iterator as never])
          .map((key) => [key, { get: trap }]),
      ),
    ),
  (value) => Object.assign(value, { expando: 1 }),
);

const length = fc.oneof(fc.constantFrom(0, 1, 7, 8, 16_384, 16_385, 16_392), fc.nat(200));

const CLASSES = [
  ...[Uint8Array, Uint8ClampedArray, Int8Array, Int16Array, Uint16Array, Int32Array, Uint32Array],
  ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
];

class Bytes extends Uint8Array {
  static get [Symbol.species](): never {
    return trap();
  }
}

const bytesLike: fc.Arbitrary<() => object> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...CLASSES), length, fc.nat(8), fc.constantFrom(0, 1))
    .map(([Class, count, offset, rest]) => () => {
      const size = Class.BYTES_PER_ELEMENT;
      return new Class(new ArrayBuffer(size * (offset + count + rest)), size * offset, count);
    }),
  length.map((count) => () => new Bytes(count).fill(3)),
  length.map((count) => () => new ArrayBuffer(count)),
  length.map((count) => () => new DataView(new ArrayBuffer(count))),
  length.map((count) => () => new ArrayBuffer(count, { maxByteLength: count + 8 })),
  length.map((count) => () => new Uint8Array(new ArrayBuffer(count, { maxByteLength: 20_000 }))),
  length.map((count) => () => {
    const buffer = new ArrayBuffer(count, { maxByteLength: 20_000 });
    const fixed = new Uint8Array(buffer, 0, count);
    buffer.resize(count >> 1);
    return fixed;
  }),
  length.map((count) => () => new Uint8Array(new SharedArrayBuffer(count))),
  length.map((count) => () => {
    const moved = new Uint8Array(count);
    structuredClone(null, { transfer: [moved.buffer] });
    return moved;
  }),
  fc.constant(() => new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer)),
  fc.constantFrom(
    () => Object.create(Uint8Array.prototype),
    () => Object.create(ArrayBuffer.prototype),
    () => revoked(new Uint8Array(4)),
    () => new Proxy(new Uint8Array(4), {}),
    () => new Proxy(new ArrayBuffer(4), {}),
  ),
);

test("what the ring carries comes out as structured clone would give it, and runs none of its code", () => {
  const { writer, reader } = bothEndsWithBulk();
  let count = 0;
  fc.assert(
    fc.property(bytesLike, disguise, (make, disguised) => {
      let item: object;
      try {
        item = disguised(make());
      } catch {
        // A proxy that was revoked, or what does not take it.
        return;
      }
      if (!put(writer, item)) {
        writer.rollBack();
        return;
      }
      count++;
      writer.commit();
      writer.publish();
      const read = reader.takeValue() as object;
      reader.release();
      const cloned = structuredClone(make());
      assert.equal(Object.getPrototypeOf(read), Object.getPrototypeOf(cloned));
      assert.deepStrictEqual(read, cloned);
    }),
    { numRuns: 1000 },
  );
  assert.ok(count > 200, `${count} went through the ring`);
});

/** What JSON has, and the other primitive values; names that mean something to objects among those of fields. */
const json = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: "small", maxDepth: 5 },
    fc.oneof(fc.integer(), fc.double(), fc.string(), fc.boolean()),
    fc.constantFrom(undefined, null, -0, Number.NaN),
    fc.array(tie("node"), { maxLength: 5 }),
    fc.dictionary(
      fc.oneof(
        fc.string({ maxLength: 6 }),
        fc.constantFrom("__proto__", "constructor", "toString", "then", "7", "0", "length"),
      ),
      tie("node"),
      { maxKeys: 6, noNullPrototype: true },
    ),
  ),
})).node;

test("objects and lists come out as structured clone would give them, the order of their fields included", () => {
  const { writer, reader } = bothEndsWithBulk();
  let objects = 0;
  fc.assert(
    fc.property(fc.array(json, { minLength: 1, maxLength: 6 }), fc.boolean(), (values, isLost) => {
      const written: unknown[] = [];
      for (const item of values) {
        writer.nextCall();
        if (!writer.putValue(item, 0)) {
          writer.rollBack();
          continue;
        }
        // Shapes that were told only with what is rolled back are not known.
        if (isLost) writer.rollBack();
        else written.push(item);
        writer.commit();
      }
      writer.publish();
      for (const item of written) {
        const [read, cloned] = [reader.takeValue(), structuredClone(item)];
        assert.deepStrictEqual(read, cloned);
        if (typeof item !== "object" || item === null) continue;
        objects++;
        assert.deepEqual(Object.entries(read as object), Object.entries(cloned as object));
        assert.deepEqual(
          Object.getOwnPropertyDescriptors(read),
          Object.getOwnPropertyDescriptors(cloned),
        );
      }
      reader.release();
    }),
    { numRuns: 2000 },
  );
  assert.ok(objects > 1000, `${objects} objects went through the ring`);
});

test("what is no plain object nor list, or is met twice, is refused, and none of its code runs", () => {
  const { writer } = bothEndsWithBulk();
  const shared = { a: 1 };
  const round: { self?: unknown; a: number } = { a: 1 };
  round.self = round;
  const deep = Array.from({ length: 9 }).reduce<object>((inner) => ({ inner }), { a: 1 });
  const asRecord = (value: object) =>
    Object.assign(Object.setPrototypeOf(value, Object.prototype) as object, { a: 1 });
  const gap = [1, 2, 3];
  delete gap[1];
  const others: object[] = [
    {},
    { when: new Date() },
    { call: () => 1 },
    { symbol: Symbol.iterator },
    { big: 1n },
    { bytes: new Uint8Array(4) },
    [shared, shared],
    { one: shared, other: [shared] },
    round,
    deep,
    gap,
    Object.defineProperty([1, 2, 3], 1, { enumerable: false }),
    Object.assign(Object.defineProperty([1, 2], 1, { enumerable: false }), { name: "x" }),
    Object.assign([1, 2], { name: "x" }),
    Object.defineProperty([1], 0, { get: trap, enumerable: true }),
    new (class extends Array {})(),
    new (class Point {
      x = 1;
    })(),
    Object.assign(Object.create(null), { a: 1 }),
    Object.create({ a: 1 }, { b: { value: 1, enumerable: true } }),
    {
      a: 1,
      get trapped() {
        return trap();
      },
    },
    {
      a: 1,
      get [Symbol.toStringTag]() {
        return trap();
      },
    },
    { a: 1, set trapped(_: number) {} },
    new Proxy({ a: 1 }, { ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap }),
    { a: new Proxy({ a: 1 }, { ownKeys: trap, getPrototypeOf: trap }) },
    new Proxy([1], { ownKeys: trap, getPrototypeOf: trap, get: trap }),
    revoked({ a: 1 }),
    ...[
      new Map(),
      new Set(),
      new Date(),
      new Error("e"),
      new ArrayBuffer(4),
      Object(1n),
      Object(""),
    ].map(asRecord),
    ...[Promise.resolve(), /x/, Object(true), [1], new DataView(new ArrayBuffer(1))].map(asRecord),
    (
      function () {
        // biome-ignore lint/complexity/noArguments: it is what is tried
        return arguments;
      } as (...args: number[]) => object
    )(1, 2),
    Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, n])),
    { ["x".repeat(65)]: 1 },
    { text: "x".repeat(513) },
    Array(129).fill(0),
    Array.from({ length: 128 }, () => ({ a: 1 })),
  ];
  for (const [n, other] of others.entries()) {
    writer.nextCall();
    assert.equal(writer.putValue(other, 0), false, `the one at ${n}`);
    writer.rollBack();
  }
  writer.nextCall();
  assert.equal(writer.putValue(shared, 0), true);
  assert.equal(writer.putValue(shared, 0), false, "of one call");
  writer.nextCall();
  assert.equal(writer.putValue(shared, 0), true, "of another");
  writer.commit();
  assert.equal(writer.putValue(shared, 0), true, "nothing of a call is kept that is written");
});

test("objects of more shapes than are kept come out all the same, and nobody keeps more", () => {
  const { writer, reader } = bothEndsWithBulk();
  for (let round = 0; round < 3 * MOST_SHAPES; round++) {
    // The same one again and again, between others that are met once.
    for (const record of [
      { [`of ${round}`]: round, n: { [`in ${round}`]: round } },
      { id: round, name: "n" },
    ]) {
      writer.nextCall();
      assert.ok(writer.putValue(record, 0));
      if (round % 5 === 0) {
        writer.rollBack();
        assert.ok(writer.putValue(record, 0));
      }
      writer.commit();
      writer.publish();
      assert.deepStrictEqual(reader.takeValue(), record);
      reader.release();
    }
  }
});

test("objects are made whatever a program has given to the prototype of all of them", () => {
  const { writer, reader } = bothEndsWithBulk();
  let calls = 0;
  Object.defineProperty(Object.prototype, "laid", { set: () => calls++, configurable: true });
  try {
    writer.putValue({ laid: 1, constructor: 2, plain: { laid: 3 } }, 0);
    writer.commit();
    writer.publish();
    const read = reader.takeValue() as object;
    assert.deepEqual(Object.entries(read), [
      ["laid", 1],
      ["constructor", 2],
      ["plain", read["plain" as never]],
    ]);
    assert.equal(calls, 0);
  } finally {
    delete (Object.prototype as { laid?: unknown }).laid;
  }
});

test("a forged object ends with an error: of no shape, out of turn, too large, too deep, or without end", () => {
  const forge = (words: readonly number[]) => {
    const { writer, reader } = bothEndsWithBulk();
    for (const word of words) writer.put(word);
    writer.commit();
    writer.publish();
    reader.valueOf(reader.take());
  };
  const small = (n: number) => n << 2;
  assert.throws(() => forge([(64 << 2) | 1]), RangeError);
  assert.throws(() => forge([(5000 << 2) | 1]), RangeError);
  assert.throws(() => forge([Constant.shape, small(1), small(0)]), RangeError);
  assert.throws(() => forge([Constant.shape, small(-1), small(0)]), RangeError);
  assert.throws(() => forge([Constant.shape, small(0), small(33)]), RangeError);
  assert.throws(() => forge([Constant.shape, small(0), small(1), small(7), small(1)]), RangeError);
  assert.throws(() => forge([Constant.list, small(129)]), RangeError);
  assert.throws(() => forge([Constant.list, Constant.undefined]), RangeError);
  assert.throws(
    () => forge(Array.from({ length: 40 }, (_, n) => (n % 2 ? small(1) : Constant.list))),
    RangeError,
  );
  // Each list has 128 lists: read to the end they would be more than a computer can count.
  const lists = Array.from({ length: 16_000 }, (_, n) => (n % 2 ? small(128) : Constant.list));
  assert.throws(() => forge(lists), RangeError);
});

test("a writer that goes on while it is read keeps no reader for ever, whatever it tells anew meanwhile", () => {
  const { reader } = bothEndsWithBulk();
  // Lists of 128, seven deep, and in the last of them objects of a new shape each.
  let shape = 0;
  const object = () => [Constant.shape, (shape++ % MOST_SHAPES) << 2, 1 << 2, (1 << 2) | 3, 97, 0];
  function* words(depth: number): Generator<number> {
    if (depth === 7) return yield* object();
    yield Constant.list;
    yield 128 << 2;
    for (let item = 0; item < 128; item++) yield* words(depth + 1);
  }
  const endless = words(0);
  let taken = 0;
  const take = () => {
    assert.ok(++taken < 200_000, "it runs away");
    return endless.next().value;
  };
  Object.defineProperty(reader, "take", { value: take });
  assert.throws(() => reader.valueOf(take()), RangeError);
});

test("a reader of words that nobody wrote throws, and never runs away", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: LENGTH }), (garbage) => {
      const { writer, reader } = bothEnds();
      for (const word of garbage) writer.put(word | 0);
      writer.commit();
      writer.publish();
      try {
        while (!reader.isEmpty) {
          const word = reader.take();
          if (word !== Constant.skipped) reader.valueOf(word);
        }
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
  );
});
