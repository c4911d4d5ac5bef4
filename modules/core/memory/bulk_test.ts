// Bulk: bytes come out as they went in, from the front whenever all are read, and never over what is still to be read.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BULK_BYTES,
  type BulkPlace,
  BulkReader,
  BulkWriter,
  bulkInMemory,
  growableBuffers,
} from "./bulk.ts";
import { WordsInMemory } from "./shared_memory.ts";

const TAIL = 0;

/** Remembers where was written, and nothing of what. */
class Offsets implements BulkPlace {
  readonly written: [offset: number, length: number][] = [];
  isFull = false;

  write(offset: number, { length }: Uint8Array): boolean {
    if (!this.isFull) this.written.push([offset, length]);
    return !this.isFull;
  }

  read(_offset: number, length: number): Uint8Array<ArrayBuffer> {
    return { length } as Uint8Array<ArrayBuffer>;
  }
}

/** As long as it says, but of no memory. */
function bytes(length: number): Uint8Array {
  return { length } as Uint8Array;
}

function bothEnds() {
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4)));
  const place = new Offsets();
  return {
    place,
    writer: new BulkWriter(place, words, TAIL),
    reader: new BulkReader(place, words, TAIL),
  };
}

test("bytes come out of growing memory as they went in", () => {
  const buffers = growableBuffers();
  assert.ok(buffers !== undefined);
  const [host, worker] = [bulkInMemory(buffers), bulkInMemory(buffers)];
  const words = new WordsInMemory(new Int32Array(new SharedArrayBuffer(4)));
  const writer = new BulkWriter(host.calls, words, TAIL);
  const reader = new BulkReader(worker.calls, words, TAIL);
  for (const length of [1, 300_000, BULK_BYTES]) {
    const sent = new Uint8Array(length).fill(length & 255);
    const position = writer.put(sent);
    assert.ok(position !== undefined);
    writer.commit();
    const received = reader.take(position, length);
    reader.release();
    assert.deepEqual(received, sent);
    assert.ok(received.buffer instanceof ArrayBuffer, "it is the reader's own");
  }
  assert.equal(buffers[1].byteLength, 0, "the other direction takes no memory");
});

test("put() begins at the front whenever everything is read", () => {
  const { place, writer, reader } = bothEnds();
  for (let n = 0; n < 300; n++) {
    reader.take(writer.put(bytes(BULK_BYTES - n)) as number, BULK_BYTES - n);
    writer.commit();
    reader.release();
  }
  assert.deepEqual(new Set(place.written.map(([offset]) => offset)), new Set([0]));
});

test("put() refuses what finds no room, and what its place has no memory for", () => {
  const { place, writer, reader } = bothEnds();
  assert.equal(writer.put(bytes(BULK_BYTES + 1)), undefined);
  const position = writer.put(bytes(BULK_BYTES)) as number;
  writer.commit();
  assert.equal(writer.put(bytes(1)), undefined);
  reader.take(position, BULK_BYTES);
  reader.release();
  place.isFull = true;
  assert.equal(writer.put(bytes(1)), undefined);
  place.isFull = false;
  assert.ok(writer.put(bytes(1)) !== undefined);
});

test("rollBack() forgets what was not committed", () => {
  const { writer, reader } = bothEnds();
  const first = writer.put(bytes(10)) as number;
  writer.commit();
  writer.put(bytes(BULK_BYTES - 10));
  writer.rollBack();
  const second = writer.put(bytes(BULK_BYTES - 10)) as number;
  writer.commit();
  reader.take(first, 10);
  reader.take(second, BULK_BYTES - 10);
  reader.release();
  assert.ok(writer.put(bytes(BULK_BYTES)) !== undefined);
});

test("nothing is written over what is still to be read, however it goes round", () => {
  const length = fc.oneof(fc.integer({ min: 1, max: BULK_BYTES }), fc.integer({ min: 1, max: 99 }));
  const step = fc.oneof(
    fc.record({ kind: fc.constant("put" as const), length }),
    fc.constant({ kind: "take" as const }),
    fc.constant({ kind: "rollBack" as const }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const { place, writer, reader } = bothEnds();
      const unread: { position: number; offset: number; length: number }[] = [];
      for (const each of steps) {
        if (each.kind === "take") {
          const next = unread.shift();
          if (next === undefined) continue;
          reader.take(next.position, next.length);
          reader.release();
          continue;
        }
        const size = each.kind === "put" ? each.length : 1000;
        const position = writer.put(bytes(size));
        if (position === undefined) continue;
        const [offset] = place.written.at(-1) as [number, number];
        for (const other of unread)
          assert.ok(offset >= other.offset + other.length || offset + size <= other.offset);
        if (each.kind === "rollBack") {
          writer.rollBack();
          continue;
        }
        writer.commit();
        unread.push({ position, offset, length: size });
      }
    }),
  );
});

test("take() throws for bytes that cannot be there", () => {
  const { reader } = bothEnds();
  for (const [position, length] of [
    [1, BULK_BYTES],
    [0, -1],
    [0, Number.NaN],
    [-1, 2],
  ] as const)
    assert.throws(() => reader.take(position, length), RangeError);
  const buffers = growableBuffers();
  assert.ok(buffers !== undefined);
  assert.throws(() => bulkInMemory(buffers).calls.read(0, 1), RangeError, "nothing is there yet");
});
