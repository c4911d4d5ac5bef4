// Ring: a queue of words in memory that two realms share, one of which writes and the other reads.
//
// Calls go to the worker and outcomes come back in two of these (_shared_memory.ts). What they carry is small: primitive
// values, and bytes. It is a copy that no runtime's clone can beat, and one that is there at once, also for the host of a
// worker that was killed in the next instant. Everything else goes through the channel, and leaves a mark in its place:
// the ring is the order.
//
// A value is one word, with its kind in the lowest two bits, and what follows it:
//
// | kind     | rest of the word            | words that follow          |
// |----------|-----------------------------|----------------------------|
// | INTEGER  | the number, if 30 bits hold it | none                    |
// | CONSTANT | which: see `Constant`       | of bytes: length, bytes    |
// | DOUBLE   | –                           | the two halves             |
// | STRING   | how many UTF-16 units       | two units in each          |
//
// The memory model: words are written plainly and become visible by the atomic store of the head that follows them.

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

/** More bytes are as fast by the channel, and would crowd others out. */
const MAX_BYTES = 16_384;

/** Words that stand for something. The first five begin values; what the others mean, the reader of the ring knows. */
export const Constant = {
  undefined: CONSTANT,
  null: (1 << KIND_BITS) | CONSTANT,
  false: (2 << KIND_BITS) | CONSTANT,
  true: (3 << KIND_BITS) | CONSTANT,
  /** Their number follows, and then they themselves: four in a word. */
  bytes: (7 << KIND_BITS) | CONSTANT,
  /** In this place belongs what comes through the channel. */
  throughChannel: (4 << KIND_BITS) | CONSTANT,
  /** This call was taken back. */
  skipped: (5 << KIND_BITS) | CONSTANT,
  /** Two numbers follow: milliseconds, and how many of the calls before they were spent on. */
  elapsed: (6 << KIND_BITS) | CONSTANT,
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
  readonly #words: Int32Array;
  readonly #place: RingPlace;
  readonly #from: number;
  readonly #mask: number;
  #head = 0;
  #published = 0;
  /** How many words may be written before the reader's position has to be looked at again. */
  #room: number;

  constructor(words: Int32Array, place: RingPlace) {
    this.#words = words;
    this.#place = place;
    this.#from = place.from;
    this.#mask = place.length - 1;
    this.#room = place.length;
  }

  /** Whether so many words can be written. */
  hasRoom(count: number): boolean {
    if (this.#room >= count) return true;
    const { tail, length } = this.#place;
    this.#room = length - ((this.#head - Atomics.load(this.#words, tail)) | 0);
    return this.#room >= count;
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
   * Writes a value, if it is one that belongs here, fits, and leaves `spare` words free.
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
        return this.#putBytes(value, spare);
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

  /** Shows the reader everything written. */
  publish(): void {
    if (this.#published === this.#head) return;
    this.#published = this.#head;
    Atomics.store(this.#words, this.#place.head, this.#head);
  }

  /** Forgets what was written and not published. */
  rollBack(): void {
    this.#room += (this.#head - this.#published) | 0;
    this.#head = this.#published;
  }

  /** Writes bytes that have a buffer to themselves: structured clone copies the whole buffer behind a view. */
  #putBytes(value: object, spare: number): boolean {
    if (Object.getPrototypeOf(value) !== Uint8Array.prototype) return false;
    const { length, buffer } = value as Uint8Array;
    if (length > MAX_BYTES || buffer.byteLength !== length || !isPlainBuffer(buffer)) return false;
    const count = (length + 3) >> 2;
    if (!this.hasRoom(spare + 4 + count)) return false;
    this.put(Constant.bytes);
    this.putNumber(length);
    const bytes = new Uint8Array(this.#words.buffer, this.#words.byteOffset);
    const first = Math.min(length, 4 * (this.#mask + 1 - (this.#head & this.#mask)));
    bytes.set(
      (value as Uint8Array).subarray(0, first),
      4 * (this.#from + (this.#head & this.#mask)),
    );
    // The rest begins at the front of the ring.
    if (first < length) bytes.set((value as Uint8Array).subarray(first), 4 * this.#from);
    this.#head = (this.#head + count) | 0;
    this.#room -= count;
    return true;
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
  readonly #words: Int32Array;
  readonly #place: RingPlace;
  readonly #from: number;
  readonly #mask: number;
  #tail = 0;
  /** What the writer is known to have published. */
  #head = 0;

  constructor(words: Int32Array, place: RingPlace) {
    this.#words = words;
    this.#place = place;
    this.#from = place.from;
    this.#mask = place.length - 1;
  }

  /** Whether there is nothing to read. */
  get isEmpty(): boolean {
    if (this.#tail !== this.#head) return false;
    this.#head = Atomics.load(this.#words, this.#place.head);
    return this.#tail === this.#head;
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
    if (this.isEmpty) throw new RangeError("Cannot read shared memory: a word is missing");
    const word = this.peek();
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
        if (word === Constant.bytes) return this.#takeBytes();
        throw new RangeError(`Cannot read shared memory: ${word} begins no value`);
    }
  }

  /** Reads a value. */
  takeValue(): unknown {
    return this.valueOf(this.take());
  }

  /** Reads a value that must be a number. */
  takeNumber(): number {
    const value = this.takeValue();
    if (typeof value !== "number")
      throw new RangeError("Cannot read shared memory: a number is missing");
    return value;
  }

  /** Gives the writer the room of what was read. */
  release(): void {
    Atomics.store(this.#words, this.#place.tail, this.#tail);
  }

  #takeBytes(): Uint8Array {
    const length = this.takeNumber();
    const count = (length + 3) >> 2;
    if (!(length >= 0 && length <= MAX_BYTES && count <= ((this.#head - this.#tail) | 0)))
      throw new RangeError(`Cannot read shared memory: ${length} bytes`);
    const bytes = new Uint8Array(this.#words.buffer, this.#words.byteOffset);
    const first = Math.min(length, 4 * (this.#mask + 1 - (this.#tail & this.#mask)));
    const from = 4 * (this.#from + (this.#tail & this.#mask));
    const taken = new Uint8Array(length);
    taken.set(bytes.subarray(from, from + first));
    if (first < length)
      taken.set(bytes.subarray(4 * this.#from, 4 * this.#from + length - first), first);
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

/** Whether a buffer is neither shared nor resizable: a copy of its bytes is a clone of it. */
function isPlainBuffer(buffer: ArrayBufferLike): boolean {
  return buffer instanceof ArrayBuffer && buffer.resizable !== true;
}
