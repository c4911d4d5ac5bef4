// Checks what comes out of a queue, which anybody may have put there: before it is made into values (assertFlat), and before
// these are put together (assertContent).

import type { Part, Parts } from "../core/seam/packed.ts";
import { PayloadTooLargeError } from "./errors.ts";
import { MAX_DEPTH, MAX_DIGITS, MAX_LIST, type OddField, OWN_LEVELS } from "./measure.ts";

/** What devalue writes in place of values that JSON has none for: from `undefined`, which is -1, to a list with holes. */
const HOLE = -2;
const NEGATIVE_ZERO = -6;
const SPARSE = -7;

const VIEWS = new Set([
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Float16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "DataView",
]);

/** A text of devalue, parsed as the JSON it is: a list of values, in which objects have numbers in place of their fields. */
type Flat = readonly unknown[];

/**
 * Asserts that a text is one that the codec writes, and that it is safe to make values of it: no more of them, no deeper and no
 * longer than the text itself has.
 *
 * @throws {TypeError} if it is none.
 * @throws {PayloadTooLargeError} if it is too deep, or a list in it too long, or a bigint too large.
 */
export function assertFlat(flat: unknown): asserts flat is Flat {
  if (!Array.isArray(flat) || flat.length === 0) throw malformed("it is no list");
  // What has been visited is done with; not recursion, for this is what recursion is guarded against.
  const open = [0];
  const depths = [0];
  const seen = new Uint8Array(flat.length);
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    const depth = depths.pop() as number;
    if (seen[index] === 1) continue;
    seen[index] = 1;
    if (depth > MAX_DEPTH + OWN_LEVELS)
      throw new PayloadTooLargeError(
        `Cannot read values: they are nested more than ${MAX_DEPTH} levels deep`,
      );
    const inside = referencesOf(flat[index] as object);
    for (let at = inside.length - 1; at >= 0; at--) {
      const reference = inside[at];
      if (!isReference(reference, flat.length)) throw malformed("it refers to what is not there");
      const item = flat[reference];
      if (typeof item !== "object" || item === null || reference < 0) continue;
      if (isBigInt(item)) {
        assertBigInt(item);
        continue;
      }
      open.push(reference);
      depths.push(depth + 1);
    }
  }
}

/** The numbers of what is in an object, in the order in which they are made. */
function referencesOf(item: object): readonly unknown[] {
  if (!Array.isArray(item)) {
    const keys = Object.keys(item);
    if (keys.includes("__proto__")) throw malformed("a field has the name of none");
    return keys.map((key) => (item as Record<string, unknown>)[key]);
  }
  const [tag, ...rest] = item.length > 0 && typeof item[0] === "string" ? item : [undefined];
  if (tag === undefined) return placesOf(item);
  if (VIEWS.has(tag)) {
    const [buffer, ...window] = rest;
    if (window.length > 2 || !window.every(isCount)) throw malformed("a view of bytes is none");
    return [buffer];
  }
  switch (tag) {
    case "Map":
    case "Set":
      return rest;
    case "Object":
      if (rest.length !== 1) throw malformed("a boxed value is none");
      return rest;
    case "Date":
    case "ArrayBuffer":
      if (rest.length !== 1 || typeof rest[0] !== "string") throw malformed(`a ${tag} is none`);
      return [];
    case "RegExp":
      if (rest.length === 0 || rest.length > 2 || !rest.every(isString))
        throw malformed("a RegExp is none");
      return [];
    default:
      // Among them what devalue knows and the core packs otherwise: addresses, and times.
      throw malformed("it has a value of no known kind");
  }
}

function placesOf(list: readonly unknown[]): readonly unknown[] {
  if (list[0] !== SPARSE) return list.filter((reference) => reference !== HOLE);
  const [, length, ...rest] = list;
  if (!isCount(length) || rest.length % 2 !== 0) throw malformed("a list with holes is none");
  if (length > MAX_LIST)
    throw new PayloadTooLargeError(
      `Cannot read values: a list has ${length} places, more than ${MAX_LIST}`,
    );
  return rest.filter((_, index) => index % 2 === 1);
}

function isReference(reference: unknown, length: number): reference is number {
  if (!Number.isInteger(reference)) return false;
  const number = reference as number;
  return number < length && number >= NEGATIVE_ZERO && number !== HOLE;
}

function isBigInt(item: object): item is readonly unknown[] {
  return Array.isArray(item) && item[0] === "BigInt";
}

function assertBigInt([, digits, ...rest]: readonly unknown[]): void {
  if (typeof digits !== "string" || rest.length > 0) throw malformed("a bigint is none");
  if (digits.length > MAX_DIGITS + 1)
    throw new PayloadTooLargeError(
      `Cannot read values: a bigint has more than ${MAX_DIGITS} digits`,
    );
  if (!/^-?\d+$/.test(digits)) throw malformed("a bigint is none");
}

/** What a text is made of, in its order. */
export type Root = readonly [
  list: readonly unknown[],
  parts?: readonly Part[],
  places?: Parts["places"],
  filled?: Parts["filled"],
  odd?: readonly OddField[],
];

/**
 * Asserts that values are what a packer may have made.
 *
 * @throws {TypeError} if they are not.
 */
export function assertContent(root: unknown): asserts root is Root {
  if (!isDense(root)) throw malformed("it has no values");
  const [list, parts, places, filled, odd] = root;
  if (![1, 4, 5].includes(root.length) || !isDense(list)) throw malformed("it has no values");
  if (root.length === 1) return;
  if (!isDense(parts) || !parts.every(isPart)) throw malformed("what it is made of is not known");
  if (!isDense(places) || !places.every((place) => isPlaceOf(place, parts.length)))
    throw malformed("something has no place");
  if (!isDense(filled) || !filled.every(isFilled)) throw malformed("a collection is none");
  if (root.length === 5 && !(isDense(odd) && odd.every(isOdd))) throw malformed("a field is none");
}

function isPart(part: unknown): boolean {
  if (!isObject(part)) return false;
  const { kind } = part as { kind?: unknown };
  switch (kind as Part["kind"]) {
    case "error":
      return isError(part);
    case "made":
      return isMade(part);
    case "instance":
      // Made by the class that is registered here under that name, of what is packed as anything else.
      return isString(part.of) && isObject(part.wire) && isPacked(part.wire);
    case "list":
      return isCount(part.length) && part.length <= MAX_LIST && isObject(part.elements);
    case "blob":
      return (
        part.content instanceof Uint8Array &&
        isString(part.type) &&
        (part.name === undefined || isString(part.name)) &&
        (part.lastModified === undefined || typeof part.lastModified === "number")
      );
    default:
      // Among them a handle: what it leads to is in one program.
      return false;
  }
}

function isError({ classes, name, message, stack, fields }: Fields): boolean {
  return (
    [name, message, stack].every(isString) &&
    isDense(classes) &&
    classes.every(isString) &&
    isDense(fields) &&
    fields.every(
      (field) =>
        isDense(field) && field.length === 3 && isString(field[0]) && typeof field[2] === "boolean",
    )
  );
}

function isPacked({ list, parts: all }: Fields): boolean {
  if (!isDense(list) || list.length !== 1) return false;
  if (all === undefined) return true;
  if (!isObject(all)) return false;
  const { parts, places, filled } = all;
  return (
    isDense(parts) &&
    parts.every(isPart) &&
    isDense(places) &&
    places.every((place) => isPlaceOf(place, parts.length)) &&
    isDense(filled) &&
    filled.every(isFilled)
  );
}

function isMade({ of, from }: Fields): boolean {
  if (of === "URL" || of === "URLSearchParams") return isString(from);
  if (isString(of) && of.startsWith("Temporal.")) return isString(from);
  if (of !== "Headers" || !isDense(from)) return false;
  return from.every((pair) => isDense(pair) && pair.length === 2 && pair.every(isString));
}

function isPlaceOf(place: unknown, parts: number): boolean {
  if (!isDense(place) || place.length !== 4) return false;
  const [holder, key, part, owner] = place;
  const isKey = isString(key) || isCount(key);
  return isObject(holder) && isKey && isCount(part) && part < parts && isCount(owner);
}

function isFilled(filled: unknown): boolean {
  if (!isDense(filled) || filled.length !== 2) return false;
  const [collection, items] = filled;
  if (!isDense(items)) return false;
  if (collection instanceof Map) return items.every((pair) => isDense(pair) && pair.length === 2);
  return collection instanceof Set;
}

function isOdd(field: unknown): boolean {
  return isDense(field) && field.length === 3 && isObject(field[0]) && isString(field[1]);
}

type Fields = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether it is a list without holes: as long as its text, then. */
function isDense(value: unknown): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  for (let index = 0; index < value.length; index++) if (!Object.hasOwn(value, index)) return false;
  return true;
}

function malformed(what: string): TypeError {
  return new TypeError(`Cannot read values: ${what}`);
}
