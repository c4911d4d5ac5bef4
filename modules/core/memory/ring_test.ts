// The ring: what is written on one side is read on the other, in order, whatever it is and however full the ring.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Constant, RingReader, RingWriter } from "./ring.ts";
import { WordsInMemory } from "./shared_words.ts";

const LENGTH = 64;
const PLACE = { head: 0, tail: 16, from: 32, length: LENGTH };

function bothEnds(): { writer: RingWriter; reader: RingReader } {
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4 * (PLACE.from + LENGTH))));
  return { writer: new RingWriter(words, PLACE), reader: new RingReader(words, PLACE) };
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
      for (const item of values) if (writer.putValue(item, 0)) written.push(item);
      assert.equal(reader.isEmpty, true, "nothing shows before it is published");
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
  for (const other of [{}, [], () => 1, Symbol.iterator, 1n, new Date(), ...views])
    assert.equal(writer.putValue(other, 0), false);
  assert.equal(writer.putValue("x".repeat(513), 0), false);
  assert.equal(writer.putValue(new Uint8Array(20_000), 0), false, "there is no bulk");
  assert.equal(writer.putValue(1, LENGTH), false, "spare words stay free");
  while (writer.putValue(0.5, 0));
  writer.publish();
  assert.equal(writer.hasRoom(3), false);
  while (!reader.isEmpty) assert.equal(reader.takeValue(), 0.5);
  reader.release();
  assert.equal(writer.hasRoom(LENGTH), true, "what was read and released is free again");
});

test("rollBack() forgets what was not published, and its room is free again", () => {
  const { writer, reader } = bothEnds();
  writer.putValue(1, 0);
  writer.publish();
  const { position } = writer;
  writer.putValue("forgotten", 0);
  writer.rollBack();
  assert.equal(writer.position, position);
  writer.put(0);
  writer.patch(position, 7);
  writer.publish();
  assert.deepEqual([reader.takeValue(), reader.takeValue(), reader.isEmpty], [1, 7, true]);
});

test("a reader of words that nobody wrote throws, and never runs away", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { maxLength: LENGTH }), (garbage) => {
      const { writer, reader } = bothEnds();
      for (const word of garbage) writer.put(word | 0);
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
