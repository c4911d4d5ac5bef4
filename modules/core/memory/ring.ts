// Ring: a queue of words in memory that two realms share, one of which writes and the other reads.
//
// Calls go to the worker and outcomes come back in two of these (shared_memory.ts). What they carry is small: primitive
// values, bytes, and small objects and lists of those, as JSON has them. It is a copy that no runtime's clone can beat, and one
// that is there at once, also for the host of a worker that was killed in the next instant. Everything else goes through the
// channel, and leaves a mark in its place: the ring is the order.
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
  runtime,
  seemsBuffer,
  typedArrayName,
} from "../brand.ts";
import type { BulkReader, BulkWriter } from "./bulk.ts";
import { LONGEST_NAME, MOST_FIELDS, type Shape, ShapeReader, ShapeWriter } from "./shapes.ts";
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
/** Longer lists are cloned. */
const MOST_ITEMS = 128;
/** So many objects are looked for again among those of a call, and so deep they may lie in each other. */
const MOST_OBJECTS = 128;
const DEEPEST = 8;
/** Constants from here on stand for objects: this one for one of shape 0. */
const FIRST_OBJECT = 64;
/** The most words that an object or list takes beside what is in it and the names of its fields. */
const OBJECT_WORDS = 7;
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
  /** A list: how many items follow, and then they themselves. */
  list: (10 << KIND_BITS) | CONSTANT,
  /** An object of a new shape: its number and how many fields it has follow, then their names, then what is in them. */
  shape: (11 << KIND_BITS) | CONSTANT,
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
  /** The objects that the call has which is being written: one that is met again must come out as one. */
  #objects: object[] = [];
  /** Made for the first object. */
  #shapes: ShapeWriter | undefined = undefined;

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

  /** How many words there are in all. */
  get size(): number {
    return this.#place.length;
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

  /** What comes from now on belongs to another call. Nothing of one that is written is kept (invariant 8). */
  nextCall(): void {
    if (this.#objects.length > 0) this.#objects = [];
  }

  /**
   * Writes a value, if it is one that belongs here, fits, and leaves `spare` words free. A buffer is written by `putBuffer`.
   *
   * @returns Whether it was written.
   */
  putValue(value: unknown, spare: number): boolean {
    return this.#putValue(value, spare, 0);
  }

  #putValue(value: unknown, spare: number, depth: number): boolean {
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
        return this.#putObject(value, spare, depth);
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
    if (count === 0 || !isOrdinary(buffer) || !this.#isNew(buffer)) return false;
    return this.#putBytes(BUFFER, new Uint8Array(buffer), buffer, count, spare);
  }

  /** What was written is whole, and shows when it is published. */
  commit(): void {
    this.#committed = this.#head;
    this.#bulk?.commit();
    this.#shapes?.commit();
    this.nextCall();
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
    this.#shapes?.rollBack();
    this.nextCall();
  }

  /** Notes an object of the call; false if it is known, or there are too many to look among. */
  #isNew(object: object): boolean {
    if (this.#objects.length >= MOST_OBJECTS || this.#objects.includes(object)) return false;
    this.#objects.push(object);
    return true;
  }

  #putObject(object: object, spare: number, depth: number): boolean {
    const array = typedArrayName(object);
    // Bytes within an object are left to the platform, as they may be moved.
    if (array !== undefined)
      return depth === 0 && this.#putArray(object as ArrayBufferView, array, spare);
    // Of what is no proxy nothing of the user's runs when it is looked at, and a getter is seen as one.
    if (depth === DEEPEST || runtime.isProxy?.(object) !== false) return false;
    const isList = Array.isArray(object);
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== (isList ? Array.prototype : Object.prototype)) return false;
    if (isList ? object.length > MOST_ITEMS : runtime.hasOnlyFields?.(object) !== true)
      return false;
    const names = Object.keys(object);
    // What looks empty may be anything (../seam/plain.ts).
    if ((names.length === 0 && !isList) || !this.#isNew(object)) return false;
    const isBegun = isList
      ? this.#beginList(object.length, names, spare)
      : this.#beginFields(names, spare);
    if (!isBegun) return false;
    for (const name of names) {
      const field = Object.getOwnPropertyDescriptor(object, name) as PropertyDescriptor;
      // Of its own: what a descriptor has not, it is asked for in the prototype of all objects.
      if (!Object.hasOwn(field, "value")) return false;
      if (!this.#putValue(field.value, spare, depth + 1)) return false;
    }
    return true;
  }

  /** Only one that has all its items, and no fields besides. */
  #beginList(length: number, names: readonly string[], spare: number): boolean {
    // Places come before other fields, lowest first: if the last one is that of the last item, each is that of one.
    const isWhole =
      length === names.length && (length === 0 || names[length - 1] === `${length - 1}`);
    if (!isWhole || !this.hasRoom(spare + OBJECT_WORDS)) return false;
    this.put(Constant.list);
    this.putNumber(length);
    return true;
  }

  #beginFields(names: readonly string[], spare: number): boolean {
    if (names.length > MOST_FIELDS || !this.hasRoom(spare + OBJECT_WORDS)) return false;
    this.#shapes ??= new ShapeWriter();
    const number = this.#shapes.numberOf(names);
    if (number >= 0) {
      this.put(((FIRST_OBJECT + number) << KIND_BITS) | CONSTANT);
      return true;
    }
    if (names.some(({ length }) => length > LONGEST_NAME)) return false;
    this.put(Constant.shape);
    this.putNumber(this.#shapes.define(names));
    this.putNumber(names.length);
    return names.every((name) => this.#putValue(name, spare, 0));
  }

  /**
   * Writes a typed array that has a buffer to itself: structured clone copies the whole buffer behind a view. Not one whose
   * buffer is shared, resizable, empty or moved away.
   */
  #putArray(array: ArrayBufferView, name: string, spare: number): boolean {
    const holder = NUMBERS.get(name);
    if (holder === undefined) return false;
    const count = arrayBytes(array);
    const buffer = bufferOfArray(array);
    // The engine's own object, and no proxy: to ask for its prototype is safe.
    if (count === 0 || !seemsBuffer(buffer) || bufferBytes(buffer) !== count || !isOrdinary(buffer))
      return false;
    if (!this.#isNew(buffer)) return false;
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
  /** Made for the first object. */
  #shapes: ShapeReader | undefined = undefined;
  /** How many values one may still have in it: whoever writes on while this reads would keep it for ever. */
  #left = 0;

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
    this.#left = this.#mask;
    return this.#valueOf(word, 0);
  }

  #valueOf(word: number, depth: number): unknown {
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
        return this.#takeObject(word, depth);
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

  #takeObject(word: number, depth: number): unknown {
    // A forged one may be endless.
    if (depth === DEEPEST) throw new RangeError("Cannot read shared memory: it lies too deep");
    if (word === Constant.list) {
      const length = this.takeNumber();
      this.#left -= length;
      if (!(length <= MOST_ITEMS && this.#left >= 0))
        throw new RangeError(`Cannot read shared memory: ${length} items`);
      const list: unknown[] = [];
      for (let left = length; left > 0; left--) list.push(this.#valueOf(this.take(), depth + 1));
      return list;
    }
    this.#shapes ??= new ShapeReader();
    const number = (word >>> KIND_BITS) - FIRST_OBJECT;
    if (word !== Constant.shape && number < 0)
      throw new RangeError(`Cannot read shared memory: ${word} begins no value`);
    const { names, empty } =
      word === Constant.shape ? this.#takeShape(this.#shapes) : this.#shapes.at(number);
    this.#left -= names.length;
    if (this.#left < 0) throw new RangeError("Cannot read shared memory: it has too much in it");
    const object = { ...empty };
    for (const name of names) object[name] = this.#valueOf(this.take(), depth + 1);
    return object;
  }

  #takeShape(shapes: ShapeReader): Shape {
    const [number, count] = [this.takeNumber(), this.takeNumber()];
    if (!(count <= MOST_FIELDS)) throw new RangeError(`Cannot read shared memory: ${count} fields`);
    const names: string[] = [];
    for (let left = count; left > 0; left--) {
      const word = this.take();
      if ((word & KIND_MASK) !== STRING)
        throw new RangeError("Cannot read shared memory: a name is missing");
      names.push(this.#takeString(word >>> KIND_BITS));
    }
    return shapes.define(number, names);
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
