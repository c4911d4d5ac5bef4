// Ring: a queue of words in memory that two realms share, one of which writes and the other reads.
//
// Calls go to the worker and outcomes come back in two of these (shared_memory.ts). What they carry is small: primitive
// values, and bytes. It is a copy that no runtime's clone can beat, and one that is there at once, also for the host of a
// worker that was killed in the next instant. Everything else goes through the channel, and leaves a mark in its place:
// the ring is the order.
//
// A value is one word, with its kind in the lowest two bits, and what follows it:
//
// | kind     | rest of the word            | words that follow          |
// |----------|-----------------------------|----------------------------|
// | INTEGER  | the number, if 30 bits hold it | none                    |
// | CONSTANT | which: see `Constant`       | of bytes: see there        |
// | DOUBLE   | –                           | the two halves             |
// | STRING   | how many UTF-16 units       | two units in each          |
//
// The memory model: words are written plainly and become visible by the atomic store of the head that follows them.
//
// Records: what belongs together is written word by word and then committed. Only what is committed is ever published, and
// whatever goes wrong before rolls back to it. No code of the user runs between the first word and the commit (invariant
// 10): of a value nothing is asked but what the engine knows of it (../brand.ts).

import {
  arrayBytes,
  bufferBytes,
  bufferOfArray,
  isOrdinary,
  seemsBuffer,
  typedArrayName,
} from "../brand.ts";
import type { BulkReader, BulkWriter } from "./bulk.ts";
import type { SharedWords } from "./shared_words.ts";

const INTEGER = 0;
const CONSTANT = 1;
const DOUBLE = 2;
const STRING = 3;
const KIND_BITS = 2;
const KIND_MASK = 3;

/** Integers that one word holds beside their kind. */
const MAX_INTEGER = 2 ** 29 - 1;
const MIN_INTEGER = -(2 ** 29);

/** Longer strings are cloned faster than they are written here unit by unit. */
const MAX_STRING = 512;

/** More bytes would crowd others out. They lie beside the ring (bulk.ts). */
const MAX_BYTES = 16_384;

/** What holds bytes, by the numbers that stand for them in a ring. Others are left to structured clone. */
const HOLDERS = [
  Uint8Array,
  ArrayBuffer,
  Float64Array,
  Float32Array,
  Int32Array,
  Uint32Array,
  Int16Array,
  Uint16Array,
  Int8Array,
  Uint8ClampedArray,
  BigInt64Array,
  BigUint64Array,
] as const;
const NUMBERS: ReadonlyMap<string | undefined, number> = new Map(
  HOLDERS.map(({ name }, number) => [name, number]),
);
const BYTES = HOLDERS.indexOf(Uint8Array);
const BUFFER = HOLDERS.indexOf(ArrayBuffer);
/** The most words that bytes take beside themselves. */
const HOLDER_WORDS = 6;

/** Words that stand for something. The first six begin values; what the others mean, the reader of the ring knows. */
export const Constant = {
  undefined: CONSTANT,
  null: (1 << KIND_BITS) | CONSTANT,
  false: (2 << KIND_BITS) | CONSTANT,
  true: (3 << KIND_BITS) | CONSTANT,
  /** Two numbers follow, their holder and how many they are, and then they themselves: four in a word. */
  bytes: (7 << KIND_BITS) | CONSTANT,
  /** Three numbers follow: their holder, how many they are, and their position beside the ring. */
  bulk: (8 << KIND_BITS) | CONSTANT,
  /** In this place belongs what comes through the channel. */
  throughChannel: (4 << KIND_BITS) | CONSTANT,
  /** This call was taken back. */
  skipped: (5 << KIND_BITS) | CONSTANT,
  /** Two numbers follow: milliseconds, and how many of the calls before they were spent on. */
  elapsed: (6 << KIND_BITS) | CONSTANT,
  /** Something that is said to a call, or by it, follows (../seam/link_records.ts). */
  said: (9 << KIND_BITS) | CONSTANT,
} as const;

/** A double and its two halves. One per realm will do: nothing is left in it between two calls. */
const double = new Float64Array(1);
const halves = new Int32Array(double.buffer);

/** Where the positions of a ring lie in the shared words, and where its own words are. */
export interface RingPlace {
  readonly head: number;
  readonly tail: number;
  readonly from: number;
  /** A power of two. */
  readonly length: number;
}

/** The writing end. Positions count up for ever, in 32 bits that wrap around. */
export class RingWriter {
  readonly #shared: SharedWords;
  readonly #words: Int32Array;
  /** The same memory. */
  readonly #bytes: Uint8Array;
  readonly #place: RingPlace;
  readonly #from: number;
  readonly #mask: number;
  #head = 0;
  #committed = 0;
  #published = 0;
  /** How many words may be written before the reader's position has to be looked at again. */
  #room: number;
  readonly #bulk: BulkWriter | undefined;
  /** How many bytes were ever put beside it. */
  besides = 0;

  constructor(shared: SharedWords, place: RingPlace, bulk?: BulkWriter) {
    this.#shared = shared;
    this.#words = shared.words;
    this.#bytes = new Uint8Array(shared.words.buffer, shared.words.byteOffset);
    this.#place = place;
    this.#bulk = bulk;
    this.#from = place.from;
    this.#mask = place.length - 1;
    this.#room = place.length;
  }

  /** Whether so many words can be written. */
  hasRoom(count: number): boolean {
    if (this.#room >= count) return true;
    const { tail, length } = this.#place;
    this.#room = length - ((this.#head - this.#shared.load(tail)) | 0);
    return this.#room >= count;
  }

  /** Whether the reader has read everything before `position`, and said so. */
  isReadUpTo(position: number): boolean {
    return ((this.#shared.load(this.#place.tail) - position) | 0) >= 0;
  }

  /** Where the next word goes, for `patch`. */
  get position(): number {
    return this.#head;
  }

  /** Writes a small whole number over a word that is not published. */
  patch(position: number, value: number): void {
    this.#words[this.#from + (position & this.#mask)] = (value << KIND_BITS) | INTEGER;
  }

  /** Writes a word. The caller has made sure of the room. */
  put(word: number): void {
    this.#words[this.#from + (this.#head & this.#mask)] = word;
    this.#head = (this.#head + 1) | 0;
    this.#room--;
  }

  /**
   * Writes a value, if it is one that belongs here, fits, and leaves `spare` words free. A buffer is written by `putBuffer`.
   *
   * @returns Whether it was written.
   */
  putValue(value: unknown, spare: number): boolean {
    switch (typeof value) {
      case "number":
        if (!this.hasRoom(spare + 3)) return false;
        this.putNumber(value);
        return true;
      case "string":
        if (value.length > MAX_STRING || !this.hasRoom(spare + 2 + (value.length >> 1)))
          return false;
        this.#putString(value);
        return true;
      case "boolean":
        if (!this.hasRoom(spare + 1)) return false;
        this.put(value ? Constant.true : Constant.false);
        return true;
      case "undefined":
        if (!this.hasRoom(spare + 1)) return false;
        this.put(Constant.undefined);
        return true;
      case "object":
        if (value === null) {
          if (!this.hasRoom(spare + 1)) return false;
          this.put(Constant.null);
          return true;
        }
        return this.#putArray(value as ArrayBufferView, spare);
      default:
        return false;
    }
  }

  /** Writes a number: at most three words, for which the caller has made sure of the room. */
  putNumber(value: number): void {
    if (
      (value | 0) === value &&
      value <= MAX_INTEGER &&
      value >= MIN_INTEGER &&
      !Object.is(value, -0)
    ) {
      this.put((value << KIND_BITS) | INTEGER);
      return;
    }
    double[0] = value;
    this.put(DOUBLE);
    this.put(halves[0] as number);
    this.put(halves[1] as number);
  }

  /**
   * Writes an `ArrayBuffer`, as `putValue`.
   *
   * @param buffer must be one: the caller has asked, before it began.
   */
  putBuffer(buffer: ArrayBuffer, spare: number): boolean {
    const count = bufferBytes(buffer);
    if (count === 0 || !isOrdinary(buffer)) return false;
    return this.#putBytes(BUFFER, new Uint8Array(buffer), buffer, count, spare);
  }

  /** What was written is whole, and shows when it is published. */
  commit(): void {
    this.#committed = this.#head;
    this.#bulk?.commit();
  }

  /** Shows the reader everything committed. */
  publish(): void {
    if (this.#published === this.#committed) return;
    const count = (this.#committed - this.#published) | 0;
    const at = this.#published & this.#mask;
    const first = Math.min(count, this.#mask + 1 - at);
    this.#shared.show(this.#from + at, first);
    if (first < count) this.#shared.show(this.#from, count - first);
    this.#published = this.#committed;
    this.#shared.store(this.#place.head, this.#published);
  }

  /** Forgets what was written and not committed. */
  rollBack(): void {
    this.#room += (this.#head - this.#committed) | 0;
    this.#head = this.#committed;
    this.#bulk?.rollBack();
  }

  /**
   * Writes a typed array that has a buffer to itself: structured clone copies the whole buffer behind a view. Not one whose
   * buffer is shared, resizable, empty or moved away.
   */
  #putArray(array: ArrayBufferView, spare: number): boolean {
    const holder = NUMBERS.get(typedArrayName(array));
    if (holder === undefined) return false;
    const count = arrayBytes(array);
    const buffer = bufferOfArray(array);
    // The engine's own object, and no proxy: to ask for its prototype is safe.
    if (count === 0 || !seemsBuffer(buffer) || bufferBytes(buffer) !== count || !isOrdinary(buffer))
      return false;
    const bytes = holder === BYTES ? (array as Uint8Array) : new Uint8Array(buffer);
    return this.#putBytes(holder, bytes, buffer, count, spare);
  }

  /** @param bytes those of `buffer`, all `size` of them; may be the user's own, whose methods are never called. */
  #putBytes(
    holder: number,
    bytes: Uint8Array,
    buffer: ArrayBuffer,
    size: number,
    spare: number,
  ): boolean {
    const isInside = size <= MAX_BYTES;
    const count = isInside ? (size + 3) >> 2 : 0;
    if (!this.hasRoom(spare + HOLDER_WORDS + count)) return false;
    if (isInside) {
      this.put(Constant.bytes);
      this.putNumber(holder);
      this.putNumber(size);
      this.#putInside(bytes, buffer, size, count);
      return true;
    }
    const position = this.#bulk?.put(new Uint8Array(buffer));
    if (position === undefined) return false;
    this.besides += size;
    this.put(Constant.bulk);
    this.putNumber(holder);
    this.putNumber(size);
    this.putNumber(position);
    return true;
  }

  #putInside(bytes: Uint8Array, buffer: ArrayBuffer, size: number, count: number): void {
    const at = this.#head & this.#mask;
    const first = Math.min(size, 4 * (this.#mask + 1 - at));
    if (first === size) {
      this.#bytes.set(bytes, 4 * (this.#from + at));
    } else {
      // The rest begins at the front of the ring.
      this.#bytes.set(new Uint8Array(buffer, 0, first), 4 * (this.#from + at));
      this.#bytes.set(new Uint8Array(buffer, first), 4 * this.#from);
    }
    this.#head = (this.#head + count) | 0;
    this.#room -= count;
  }

  #putString(value: string): void {
    const { length } = value;
    this.put((length << KIND_BITS) | STRING);
    for (let at = 0; at < length; at += 2) {
      // Behind the end there is NaN, which has no bits.
      this.put(value.charCodeAt(at) | (value.charCodeAt(at + 1) << 16));
    }
  }
}

/** The reading end. */
export class RingReader {
  readonly #shared: SharedWords;
  readonly #words: Int32Array;
  readonly #place: RingPlace;
  readonly #from: number;
  readonly #mask: number;
  #tail = 0;
  #released = 0;
  /** What the writer is known to have published. */
  #head = 0;
  readonly #bulk: BulkReader | undefined;

  constructor(shared: SharedWords, place: RingPlace, bulk?: BulkReader) {
    this.#shared = shared;
    this.#words = shared.words;
    this.#place = place;
    this.#bulk = bulk;
    this.#from = place.from;
    this.#mask = place.length - 1;
  }

  /** Whether there is nothing to read. */
  get isEmpty(): boolean {
    if (this.#tail !== this.#head) return false;
    const head = this.#shared.load(this.#place.head);
    if (head === this.#tail) return true;
    this.#fetchUpTo(head);
    return false;
  }

  /** Gets what was published. A writer that counts what it cannot have written is found out as its words are read. */
  #fetchUpTo(head: number): void {
    const count = Math.min((head - this.#head) >>> 0, this.#mask + 1);
    const at = this.#head & this.#mask;
    const first = Math.min(count, this.#mask + 1 - at);
    this.#shared.fetch(this.#from + at, first);
    if (first < count) this.#shared.fetch(this.#from, count - first);
    this.#head = head;
  }

  /** Reads a word and stays before it. Only where the ring is not empty. */
  peek(): number {
    return this.#words[this.#from + (this.#tail & this.#mask)] as number;
  }

  /**
   * Reads a word.
   *
   * @throws {RangeError} Where there is none: the writer has not kept to the order of words.
   */
  take(): number {
    if (this.#tail === this.#head && this.isEmpty)
      throw new RangeError("Cannot read shared memory: a word is missing");
    const word = this.#words[this.#from + (this.#tail & this.#mask)] as number;
    this.#tail = (this.#tail + 1) | 0;
    return word;
  }

  /**
   * Reads the value that begins with `word`, which was taken.
   *
   * @throws {RangeError} For a word that begins no value.
   */
  valueOf(word: number): unknown {
    switch (word & KIND_MASK) {
      case INTEGER:
        return word >> KIND_BITS;
      case DOUBLE:
        halves[0] = this.take();
        halves[1] = this.take();
        return double[0];
      case STRING:
        return this.#takeString(word >>> KIND_BITS);
      default:
        if (word === Constant.undefined) return undefined;
        if (word === Constant.null) return null;
        if (word === Constant.false || word === Constant.true) return word === Constant.true;
        if (word === Constant.bytes || word === Constant.bulk) return this.#takeBytes(word);
        throw new RangeError(`Cannot read shared memory: ${word} begins no value`);
    }
  }

  /** Reads a value. */
  takeValue(): unknown {
    return this.valueOf(this.take());
  }

  /** Reads a value that must be a number. */
  takeNumber(): number {
    const word = this.take();
    if ((word & KIND_MASK) === INTEGER) return word >> KIND_BITS;
    const value = this.valueOf(word);
    if (typeof value !== "number")
      throw new RangeError("Cannot read shared memory: a number is missing");
    return value;
  }

  /** Gives the writer the room of what was read. */
  release(): void {
    if (this.#released === this.#tail) return;
    this.#released = this.#tail;
    this.#bulk?.release();
    this.#shared.store(this.#place.tail, this.#tail);
  }

  #takeBytes(word: number): unknown {
    const [holder, length] = [this.takeNumber(), this.takeNumber()];
    const bytes = word === Constant.bytes ? this.#takeInside(length) : this.#takeBulk(length);
    const Holder = HOLDERS[holder];
    if (Holder === Uint8Array) return bytes;
    if (Holder === ArrayBuffer) return bytes.buffer;
    // A RangeError, too, where so many bytes are no whole number of elements.
    if (Holder !== undefined) return new Holder(bytes.buffer);
    throw new RangeError(`Cannot read shared memory: nothing of kind ${holder} holds bytes`);
  }

  #takeBulk(length: number): Uint8Array<ArrayBuffer> {
    const position = this.takeNumber();
    if (this.#bulk === undefined) throw new RangeError("Cannot read shared memory: no bulk");
    return this.#bulk.take(position, length);
  }

  #takeInside(length: number): Uint8Array<ArrayBuffer> {
    const count = (length + 3) >> 2;
    if (!(length >= 0 && length <= MAX_BYTES && count <= ((this.#head - this.#tail) | 0)))
      throw new RangeError(`Cannot read shared memory: ${length} bytes`);
    const all = new Uint8Array(this.#words.buffer, this.#words.byteOffset);
    const first = Math.min(length, 4 * (this.#mask + 1 - (this.#tail & this.#mask)));
    const from = 4 * (this.#from + (this.#tail & this.#mask));
    const taken = new Uint8Array(length);
    taken.set(all.subarray(from, from + first));
    if (first < length)
      taken.set(all.subarray(4 * this.#from, 4 * this.#from + length - first), first);
    this.#tail = (this.#tail + count) | 0;
    return taken;
  }

  #takeString(length: number): string {
    if (length > MAX_STRING)
      throw new RangeError(`Cannot read shared memory: a string of ${length} units`);
    let text = "";
    for (let left = length; left > 0; left -= 2) {
      const word = this.take();
      text +=
        left === 1
          ? String.fromCharCode(word & 0xffff)
          : String.fromCharCode(word & 0xffff, word >>> 16);
    }
    return text;
  }
}
