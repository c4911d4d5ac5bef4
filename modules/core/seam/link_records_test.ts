// Tests of words over links in a ring: what belongs there comes out as it went in, and nothing else goes in.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Constant, RingReader, RingWriter } from "../memory/ring.ts";
import { WordsInMemory } from "../memory/shared_memory.ts";
import { recordWord, takeWord } from "./link_records.ts";
import type { LinkWord } from "./messages.ts";

const LENGTH = 1024;
const PLACE = { head: 0, tail: 1, from: 2, length: LENGTH };

function ring(): { writer: RingWriter; reader: RingReader } {
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4 * (2 + LENGTH))));
  return { writer: new RingWriter(words, PLACE), reader: new RingReader(words, PLACE) };
}

const small = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.string({ maxLength: 40 }),
  fc.constantFrom(null, undefined),
);
const count = fc.integer({ min: 1, max: 2 ** 40 });
const word: fc.Arbitrary<LinkWord> = fc.oneof(
  fc.string({ maxLength: 40 }).map((to): LinkWord => ({ does: "open", to })),
  fc
    .tuple(fc.array(small, { minLength: 1, maxLength: 8 }), count)
    .map(([items, cost]): LinkWord => ({ does: "items", items, cost })),
  count.map((some): LinkWord => ({ does: "credit", count: some })),
  fc.constant<LinkWord>({ does: "close" }),
);

test("a word that carries small values comes out of a ring as it went in", () => {
  const { writer, reader } = ring();
  fc.assert(
    fc.property(word, fc.nat(), fc.nat(), (said, before, link) => {
      assert.equal(recordWord(writer, 0, before, link, said), true);
      writer.publish();
      assert.equal(reader.take(), Constant.said);
      assert.equal(reader.takeNumber(), before);
      assert.deepEqual(takeWord(reader), { link, word: said });
      assert.equal(reader.isEmpty, true);
      reader.release();
    }),
    { numRuns: 2000 },
  );
});

test("what does not belong in a ring leaves nothing behind there", () => {
  const { writer, reader } = ring();
  const error = { kind: "same", error: 1 } as const;
  const refused: LinkWord[] = [
    { does: "items", items: [1, {}] },
    { does: "items", items: [1, new Uint8Array(4)] },
    { does: "items", items: [Symbol.iterator] },
    { does: "items", items: [1n] },
    { does: "items", items: ["x".repeat(513)] },
    { does: "items", items: [undefined], errors: [{ at: 0, error }] },
    { does: "items", items: Array.from({ length: LENGTH }, (_, n) => n) },
    { does: "open", to: "x".repeat(513) },
    { does: "close", error },
  ];
  for (const said of refused) assert.equal(recordWord(writer, 0, 0, 1, said), false, said.does);
  assert.equal(recordWord(writer, LENGTH, 0, 1, { does: "close" }), false, "no room is left");
  writer.publish();
  assert.equal(reader.isEmpty, true);
  assert.equal(recordWord(writer, 0, 3, 1, { does: "close" }), true);
  writer.publish();
  assert.deepEqual([reader.take(), reader.takeNumber()], [Constant.said, 3]);
  assert.deepEqual(takeWord(reader), { link: 1, word: { does: "close" } });
});

test("forged words are refused, or are words", () => {
  const forged = fc.array(
    fc.oneof(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), fc.integer({ min: -8, max: 64 })),
    { maxLength: 24 },
  );
  fc.assert(
    fc.property(forged, (words) => {
      const { writer, reader } = ring();
      for (const one of words) writer.put(one);
      writer.commit();
      writer.publish();
      try {
        const { link, word: said } = takeWord(reader);
        assert.ok(Number.isSafeInteger(link));
        assert.ok(["open", "items", "credit", "close"].includes(said.does));
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 5000 },
  );
});

test("a forged number of items is refused, before a ring that seems never to end is read for them", () => {
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4 * (2 + LENGTH))));
  const [writer, reader] = [new RingWriter(words, PLACE), new RingReader(words, PLACE)];
  for (const number of [1, 1, 1, 2 ** 40]) writer.putNumber(number);
  writer.commit();
  // All that follows is zeros, which are values, and as much of it as there can be is said to be there.
  words.store(PLACE.head, -1);
  assert.throws(() => takeWord(reader), /RangeError: it said 1099511627776 items at once/);
});
