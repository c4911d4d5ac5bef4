// Bulk: memory beside a ring for bytes that are too many for it — written by one side, read by the other, in order.
//
// A copy into memory that is there already, and one out of it, is all that such bytes cost. A message costs two of its own
// and wakes a thread. The ring says where they lie, and is the order; here is only the room.
//
//   │ free │ written, to be read │ free │        positions count up for ever, in 32 bits that wrap around
//          tail                  head
//
// Bytes lie in one piece. When everything is read the writer begins at the front again: who sends one after another writes
// to the same, warm memory each time, and no more of it is ever touched than was under way at once.

import type { SharedWords } from "./shared_words.ts";

/** The most bytes that are under way in one direction. A power of two. */
export const BULK_BYTES: number = 2 ** 24;

/** Where the bytes of one direction lie: in memory that both sides see, or in a file that both have open. */
export interface BulkPlace {
  /** Writes bytes at an offset below `BULK_BYTES`; false where there is no memory to be had for them. */
  write(offset: number, bytes: Uint8Array): boolean;
  /**
   * Reads bytes into memory of their own.
   *
   * @throws {RangeError} Where nothing was written.
   */
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
}

/** The places of both directions. */
export interface Bulk {
  /** From the host to the worker. */
  readonly calls: BulkPlace;
  /** From the worker to the host. */
  readonly outcomes: BulkPlace;
}

/** The writing end. */
export class BulkWriter {
  readonly #place: BulkPlace;
  readonly #words: SharedWords;
  /** Where the reader says how far it has read. */
  readonly #tailAt: number;
  #head = 0;
  #committed = 0;
  /** Nothing before this is to be read: what was skipped to begin at the front again. */
  #floor = 0;

  constructor(place: BulkPlace, words: SharedWords, tailAt: number) {
    this.#place = place;
    this.#words = words;
    this.#tailAt = tailAt;
  }

  /** Writes bytes; returns their position, undefined if there is no room. */
  put(bytes: Uint8Array): number | undefined {
    const { length } = bytes;
    let tail = this.#words.load(this.#tailAt);
    if (((this.#floor - tail) | 0) > 0) tail = this.#floor;
    let position = this.#head;
    if (position === tail) tail = position = nextFront(position);
    else if (offsetOf(position) + length > BULK_BYTES) position = nextFront(position);
    if (((position - tail) | 0) + length > BULK_BYTES) return undefined;
    if (!this.#place.write(offsetOf(position), bytes)) return undefined;
    // Not before: what was skipped for bytes that were not written is still to be read from.
    this.#floor = tail;
    this.#head = (position + length) | 0;
    return position;
  }

  /** What was written belongs to a record that is whole. */
  commit(): void {
    this.#committed = this.#head;
  }

  /** Forgets what was written since. */
  rollBack(): void {
    this.#head = this.#committed;
    if (((this.#floor - this.#head) | 0) > 0) this.#floor = this.#head;
  }
}

/** The reading end. */
export class BulkReader {
  readonly #place: BulkPlace;
  readonly #words: SharedWords;
  readonly #tailAt: number;
  #tail = 0;
  #released = 0;

  constructor(place: BulkPlace, words: SharedWords, tailAt: number) {
    this.#place = place;
    this.#words = words;
    this.#tailAt = tailAt;
  }

  /**
   * Reads the bytes at a position, of which the ring tells.
   *
   * @throws {RangeError} Where there are none.
   */
  take(position: number, length: number): Uint8Array<ArrayBuffer> {
    const offset = offsetOf(position);
    if (!(Number.isInteger(length) && length >= 0 && offset + length <= BULK_BYTES))
      throw new RangeError(`Cannot read shared memory: ${length} bytes at ${position}`);
    const bytes = this.#place.read(offset, length);
    this.#tail = (position + length) | 0;
    return bytes;
  }

  /** Gives the writer the room of what was read. */
  release(): void {
    if (this.#released === this.#tail) return;
    this.#released = this.#tail;
    this.#words.store(this.#tailAt, this.#tail);
  }
}

function offsetOf(position: number): number {
  return position & (BULK_BYTES - 1);
}

/** The next position at which an offset of 0 begins. */
function nextFront(position: number): number {
  return (position + BULK_BYTES - 1) & -BULK_BYTES;
}

/** Makes the buffers of both directions for threads; undefined where shared memory cannot grow. Nothing is in use yet. */
export function growableBuffers(): readonly [SharedArrayBuffer, SharedArrayBuffer] | undefined {
  const make = () => new SharedArrayBuffer(0, { maxByteLength: BULK_BYTES });
  const calls = make();
  // An older platform makes one of no bytes that stays so.
  return calls.growable === true ? [calls, make()] : undefined;
}

/** Bulk in the buffers that `growableBuffers` has made. */
export function bulkInMemory([calls, outcomes]: readonly [
  SharedArrayBuffer,
  SharedArrayBuffer,
]): Bulk {
  return { calls: new GrowingMemory(calls), outcomes: new GrowingMemory(outcomes) };
}

/** The least by which memory grows, in bytes. */
const GROWTH = 2 ** 18;

class GrowingMemory implements BulkPlace {
  readonly #buffer: SharedArrayBuffer;

  constructor(buffer: SharedArrayBuffer) {
    this.#buffer = buffer;
  }

  write(offset: number, bytes: Uint8Array): boolean {
    const end = offset + bytes.length;
    if (end > this.#buffer.byteLength) {
      try {
        this.#buffer.grow(Math.min(BULK_BYTES, Math.ceil(end / GROWTH) * GROWTH));
      } catch {
        return false;
      }
    }
    new Uint8Array(this.#buffer, offset, bytes.length).set(bytes);
    return true;
  }

  read(offset: number, length: number): Uint8Array<ArrayBuffer> {
    // Of a view, not of a length: memory that is written in the same moment need not be cleared before.
    return new Uint8Array(new Uint8Array(this.#buffer, offset, length));
  }
}
