// Plain values: what structured clone carries whole on every channel, whoever runs it — nearly all there is.
//
// It is looked at once per call, so this is quick and says no when in doubt; who hears no takes the value apart (pack.ts).
// Nothing of the user's runs but what a proxy hangs in: getters are seen and not run, for structured clone runs them.

import {
  type Brand,
  bufferBytes,
  bufferOf,
  isArray,
  isArrayBuffer,
  isClassless,
  isMap,
  isSet,
  isSharedArrayBuffer,
  isView,
  platformClassOf,
  prototypesOf,
  runtime,
  seemsBuffer,
  withoutStack,
} from "../brand.ts";
import { contextSlot } from "../task_context.ts";

/** In lists up to this long each place is looked at by its name, and so are the fields that a list may have besides. */
const SHORT_LIST = 32;

/** Longer lists may be nearly empty, and take for ever to walk through. */
const LONG_LIST = 2 ** 16;
/** Values may be nested so deep: engines recurse, and from two thousand levels on some write what they cannot read. */
export const DEEP = 1000;
/** So many places of a long list are looked at to find out. */
const PROBES = 64;

/** Asks that fail for what has not the brand: `Object.create(Date.prototype)` is no date. */
const uncurry = Function.prototype.bind.bind(Function.prototype.call) as (
  method: (...args: never[]) => unknown,
) => (receiver: unknown, ...args: unknown[]) => unknown;
const BRANDS: ReadonlyMap<object, (value: unknown) => unknown> = new Map<
  object,
  (value: unknown) => unknown
>([
  [Date.prototype, uncurry(Date.prototype.getTime)],
  [
    RegExp.prototype,
    uncurry(Object.getOwnPropertyDescriptor(RegExp.prototype, "global")?.get ?? String),
  ],
  [Number.prototype, uncurry(Number.prototype.valueOf)],
  [String.prototype, uncurry(String.prototype.valueOf)],
  [Boolean.prototype, uncurry(Boolean.prototype.valueOf)],
  [BigInt.prototype, uncurry(BigInt.prototype.valueOf)],
]);

/** Goes through a map or a set by the engine's own method. */
export const forEachOfMap = uncurry(Map.prototype.forEach) as (
  map: unknown,
  visit: (value: unknown, key: unknown) => void,
) => void;
export const forEachOfSet = uncurry(Set.prototype.forEach) as (
  set: unknown,
  visit: (value: unknown) => void,
) => void;

/** About how many bytes a primitive value takes, a text besides its length. */
const WORD = 8;

/** Whether the objects of a class are records: their fields are all they have. By the class's prototype. */
const recordClasses = new WeakMap<object, boolean>();

/**
 * Whether a value crosses whole by structured clone, as it is.
 *
 * @param sharesMemory Whether a `SharedArrayBuffer` crosses as what it is.
 */
export function isPlain(value: unknown, sharesMemory: boolean): boolean {
  return weightOf(value, sharesMemory) !== undefined;
}

/**
 * About how many bytes are copied of a value that crosses whole by structured clone, as it is; undefined of one that does not.
 *
 * @param sharesMemory Whether a `SharedArrayBuffer` crosses as what it is.
 */
export function weightOf(value: unknown, sharesMemory: boolean): number | undefined {
  if (typeof value !== "object" || value === null)
    return isCloneable(value) ? weightOfPrimitive(value) : undefined;
  try {
    const walk = new Walk(sharesMemory);
    return walk.isPlain(value) ? walk.weight : undefined;
  } catch {
    // A proxy that was revoked, or one whose traps throw.
    return undefined;
  }
}

/** About how many bytes a primitive value takes. */
export function weightOfPrimitive(value: unknown): number {
  return typeof value === "string" ? WORD + value.length : WORD;
}

/** Whether a primitive value can be cloned; functions cannot. */
export function isCloneable(value: unknown): boolean {
  return typeof value !== "function" && typeof value !== "symbol";
}

/** Whether JSON has a primitive value, as it is. */
export function isOfJson(value: unknown): value is string | number | boolean | null {
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === "string" || typeof value === "boolean" || value === null;
}

/** Which of the brands a value has that structured clone copies for themselves. */
export function brandOf(value: object): Brand | undefined {
  if (runtime.brandOf !== undefined) return runtime.brandOf(value);
  const tag = tagOf(value);
  if (tag !== undefined && LEAF_TAGS.has(tag)) return "leaf";
  return withoutStack(() => {
    if (isMap(value)) return "map";
    if (isSet(value)) return "set";
    if (isArrayBuffer(value) || isSharedArrayBuffer(value)) return "buffer";
    const prototypes = tag === undefined ? [...BRANDS.keys()] : UNTAGGED;
    return prototypes.some((prototype) => hasBrand(value, prototype)) ? "leaf" : undefined;
  });
}

/** By what the language calls a leaf that nobody has given another name. */
const LEAF_TAGS = new Set(
  ["Date", "RegExp", "Number", "String", "Boolean"].map((n) => `[object ${n}]`),
);
/** Leaves that the language has no name of its own for. */
const UNTAGGED = [BigInt.prototype];

/** What the language itself calls an object: it takes no error to find out. Undefined where somebody says otherwise. */
function tagOf(value: object): string | undefined {
  return Symbol.toStringTag in value ? undefined : Object.prototype.toString.call(value);
}

function hasBrand(value: object, prototype: object): boolean {
  // The prototype of regular expressions answers too, and is none.
  if (value === prototype) return false;
  try {
    BRANDS.get(prototype)?.(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether a long list has values in few of its places: then they are found by name. */
export function isSparse(list: readonly unknown[]): boolean {
  const { length } = list;
  if (length <= LONG_LIST) return false;
  let holes = 0;
  for (let probe = 0; probe < PROBES; probe++) {
    if (!Object.hasOwn(list, Math.floor((probe / PROBES) * length))) holes++;
  }
  return holes > PROBES / 2;
}

class Walk {
  readonly #sharesMemory: boolean;
  // Not recursion: nothing is too deep to be looked at. But in the order in which engines recurse, for what is reached at
  // once by one way may be reached before by a long one.
  readonly #open: object[] = [];
  readonly #depths: number[] = [];
  #depth = 0;
  #isPlain = true;
  /** About how many bytes are copied of what was looked at. */
  weight = 0;
  /** The one that was counted last. */
  #buffer: object | undefined = undefined;

  constructor(sharesMemory: boolean) {
    this.#sharesMemory = sharesMemory;
  }

  isPlain(root: object): boolean {
    if (!this.#lookAt(root) || !this.#isPlain) return false;
    if (this.#open.length === 0) return true;
    const seen = new Set([root]);
    reverseFrom(this.#open, 0);
    for (let object = this.#open.pop(); object !== undefined; object = this.#open.pop()) {
      const depth = this.#depths.pop() as number;
      if (seen.size === seen.add(object).size) continue;
      if (depth >= DEEP) return false;
      this.#depth = depth + 1;
      const from = this.#open.length;
      if (!this.#lookAt(object) || !this.#isPlain) return false;
      reverseFrom(this.#open, from);
    }
    return true;
  }

  #lookAt(object: object): boolean {
    if (isView(object)) {
      const buffer = bufferOf(object);
      return (this.#sharesMemory && !seemsBuffer(buffer)) || this.#lookAtBuffer(buffer);
    }
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype === Object.prototype) return this.#lookAtFields(object, true);
    if (isArray(object))
      return (
        (prototype === Array.prototype || !isRegistered(prototype)) && this.#lookAtList(object)
      );
    if (prototype === null) return this.#lookAtFields(object, true);
    if (prototype === Map.prototype) {
      if (!isMap(object)) return false;
      forEachOfMap(object, (item, key) => {
        this.#visit(key);
        this.#visit(item);
      });
      return true;
    }
    if (prototype === Set.prototype) {
      if (!isSet(object)) return false;
      forEachOfSet(object, (item) => this.#visit(item));
      return true;
    }
    if (BRANDS.has(prototype as object)) return hasBrand(object, prototype as object);
    if (prototype === ArrayBuffer.prototype) return this.#lookAtBuffer(object);
    return isRecord(prototype as object, object) && this.#lookAtFields(object, false);
  }

  #lookAtBuffer(buffer: object): boolean {
    if (!isArrayBuffer(buffer)) return false;
    // Views of one buffer lie side by side, mostly, and it is copied once.
    if (buffer !== this.#buffer) this.weight += bufferBytes(buffer);
    this.#buffer = buffer;
    return true;
  }

  #lookAtList(list: readonly unknown[]): boolean {
    const { length } = list;
    if (length <= SHORT_LIST) {
      const keys = Object.keys(list);
      for (const key of keys) if (!this.#lookAtField(list, key)) return false;
      return true;
    }
    if (isSparse(list)) return false;
    const before = this.#open.length;
    for (let index = 0; index < length; index++) this.#visit(list[index]);
    // Fields besides its elements are looked for where that is not dear: to name a million places takes longer than to
    // clone a million numbers.
    return before === this.#open.length || Object.keys(list).length === length;
  }

  #lookAtFields(object: object, isClassless: boolean): boolean {
    const keys = Object.keys(object);
    if (keys.length === 0) return isClassless && this.#isEmpty(object);
    for (const key of keys) if (!this.#lookAtField(object, key)) return false;
    return true;
  }

  /** Whether what looks empty is: not all that arrives as an empty record was one. */
  #isEmpty(object: object): boolean {
    if (Reflect.ownKeys(object).length > 0) return false;
    // Whoever changed the prototype of a map has not emptied it.
    return this.#sharesMemory || runtime.brandOf?.(object) === undefined;
  }

  #lookAtField(object: object, key: string): boolean {
    const field = Object.getOwnPropertyDescriptor(object, key);
    if (field === undefined || field.get !== undefined || field.set !== undefined) return false;
    this.#visit(field.value);
    return this.#isPlain;
  }

  #visit(item: unknown): void {
    if (typeof item !== "object" || item === null) {
      this.#isPlain &&= isCloneable(item);
      this.weight += weightOfPrimitive(item);
      return;
    }
    this.#open.push(item);
    this.#depths.push(this.#depth);
  }
}

/** Turns the end of a stack round, so that what was found first comes off it first. */
function reverseFrom(stack: object[], from: number): void {
  for (let low = from, high = stack.length - 1; low < high; low++, high--) {
    [stack[low], stack[high]] = [stack[high] as object, stack[low] as object];
  }
}

/**
 * Whether an engine that clones copies (lists and records without getters) recurses too deep: in the order of their fields,
 * each object once.
 */
export function isNestedTooDeeply(root: object): boolean {
  const open: object[] = [root];
  const depths = [0];
  const seen = new Set<object>();
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    const depth = depths.pop() as number;
    if (seen.size === seen.add(object).size) continue;
    if (depth > DEEP) return true;
    if (!isArray(object) && !isClassless(object)) continue;
    const from = open.length;
    for (const field of Object.values(object)) {
      if (typeof field !== "object" || field === null) continue;
      open.push(field);
      depths.push(depth + 1);
    }
    reverseFrom(open, from);
  }
  return false;
}

/** Whether its instances cross as what their class says of them. */
function isRegistered(prototype: unknown): boolean {
  return contextSlot.classes?.byPrototype.has(prototype as object) === true;
}

/** Whether an object of a class is a record. */
function isRecord(prototype: object, object: object): boolean {
  if (isRegistered(prototype)) return false;
  let isRecordClass = recordClasses.get(prototype);
  if (isRecordClass === undefined) {
    isRecordClass =
      !isClassless(object) && endsHere(prototype) && platformClassOf(object) === undefined;
    recordClasses.set(prototype, isRecordClass);
  }
  return isRecordClass && Object.getOwnPropertySymbols(object).length === 0;
}

/** Whether a chain of prototypes ends with that of this realm's objects: what comes of another is looked at closely. */
function endsHere(prototype: object): boolean {
  // The chain that is looked at has an end: one with proxies in it may have none.
  const last = prototypesOf(prototype).at(-1) ?? prototype;
  return Object.getPrototypeOf(last) === Object.prototype;
}
