// Measures what is about to become text: how deep, wide and long it is, before anything is made of it; and takes out the fields
// that devalue has no words for.

import { bufferOf, isArray, isArrayBuffer, isView } from "../core/brand.ts";
import type { Parts } from "../core/seam/packed.ts";
import { brandOf } from "../core/seam/plain.ts";
import { PayloadTooLargeError } from "./errors.ts";

/** Values may be nested so deep: what recurses over more does not end well on every engine. */
export const MAX_DEPTH = 500;
/** Lists may be so long: one of four milliards of holes is a few characters of text, and no end of work for who walks it. */
export const MAX_LIST = 10_000_000;
/** So many digits a bigint may have: some engines take the square of that to read it. */
export const MAX_DIGITS = 10_000;

/** Above the first level of a value are two lists of our own, of which the outer one counts as none. */
export const OWN_LEVELS = 1;
/** How deep the value of an odd field lies: in the field, in the list of them, in the outer one. */
const ODD_LEVEL = 3;

const LARGEST = 10n ** BigInt(MAX_DIGITS);

/** A field that is sent apart: of which object, under which name. */
export type OddField = readonly [holder: object, key: string, value: unknown];

/** What is measured: copies, which are ours to change. */
export interface Copies {
  readonly list: readonly unknown[];
  readonly parts?: Parts | undefined;
}

/**
 * Walks through copies, in the order in which they are written.
 *
 * @returns the odd fields, which are no longer where they were; and whether there is anything but lists, records and
 * collections, which are the packer's own.
 * @throws {PayloadTooLargeError} if it is too deep, too wide, or certainly too long.
 */
export function measure(
  { list, parts }: Copies,
  limit: { readonly maxLength: number; readonly option: string },
): { odd: OddField[]; hasLeaves: boolean } {
  for (const part of parts?.parts ?? []) if (part.kind === "list") assertNotTooLong(part.length);
  const walk = new Walk(limit);
  const root = parts === undefined ? [list] : [list, parts.parts, parts.places, parts.filled];
  walk.through(root, 0);
  // What is found in one of them comes to the end of them.
  for (const [, key, value] of walk.odd) {
    walk.add(key.length);
    walk.visit(value, ODD_LEVEL);
  }
  return walk;
}

class Walk {
  readonly odd: OddField[] = [];
  hasLeaves = false;
  readonly #limit: { readonly maxLength: number; readonly option: string };
  readonly #seen = new Set<object>();
  #length = 0;

  constructor(limit: { readonly maxLength: number; readonly option: string }) {
    this.#limit = limit;
  }

  visit(value: unknown, depth: number): void {
    if (typeof value === "object" && value !== null) this.through(value, depth);
    else this.#primitive(value);
  }

  /** Not recursion, but in its order: an object that is reached by two ways is as deep as by the first. */
  through(root: object, from: number): void {
    const open = [root];
    const depths = [from];
    for (let object = open.pop(); object !== undefined; object = open.pop()) {
      const depth = depths.pop() as number;
      if (this.#seen.size === this.#seen.add(object).size) continue;
      if (depth > MAX_DEPTH + OWN_LEVELS)
        throw new PayloadTooLargeError(
          `Cannot send values: they are nested more than ${MAX_DEPTH} levels deep`,
        );
      const inside = this.#inside(object);
      for (let index = inside.length - 1; index >= 0; index--) {
        open.push(inside[index] as object);
        depths.push(depth + 1);
      }
    }
  }

  /** Counts characters that there will be at least. */
  add(length: number): void {
    this.#length += length;
    const { maxLength, option } = this.#limit;
    if (this.#length > maxLength)
      throw new PayloadTooLargeError(
        `Cannot send values: they take more characters than ${option} allows, ${maxLength}`,
      );
  }

  /** The objects in an object. */
  #inside(object: object): object[] {
    if (isArray(object)) return this.#list(object);
    if (isView(object)) {
      this.hasLeaves = true;
      return [bufferOf(object)];
    }
    const brand = brandOf(object);
    // Collections are filled on the other side: what is in them is in the parts.
    if (brand === "map" || brand === "set") return [];
    if (brand === undefined) return this.#record(object);
    this.hasLeaves = true;
    // In the text four characters stand for three bytes.
    if (isArrayBuffer(object)) this.add((object.byteLength * 4) / 3);
    return [];
  }

  #list(list: readonly unknown[]): object[] {
    assertNotTooLong(list.length);
    this.add(list.length);
    const keys = Object.keys(list);
    // Places come first, in their order.
    let places = keys.length;
    while (places > 0 && !isPlace(keys[places - 1] as string)) places--;
    return this.#fieldsOf(list, keys, places);
  }

  #record(record: object): object[] {
    const keys = Object.keys(record);
    for (const key of keys) this.add(key.length);
    // What comes after it goes with it, so that the order of the fields stays.
    const odd = Object.hasOwn(record, "__proto__") ? keys.indexOf("__proto__") : keys.length;
    return this.#fieldsOf(record, keys, odd);
  }

  /** Takes out the fields from one on; returns the objects in those before. */
  #fieldsOf(holder: object, keys: readonly string[], odd: number): object[] {
    const fields = holder as Record<string, unknown>;
    for (const key of keys.slice(odd)) {
      this.odd.push([holder, key, Object.getOwnPropertyDescriptor(holder, key)?.value]);
      delete fields[key];
    }
    const objects: object[] = [];
    for (let index = 0; index < odd; index++) {
      const value = fields[keys[index] as string];
      if (typeof value === "object" && value !== null) objects.push(value);
      else this.#primitive(value);
    }
    return objects;
  }

  #primitive(value: unknown): void {
    if (typeof value === "string") return this.add(value.length);
    if (typeof value !== "bigint" || (value < LARGEST && value > -LARGEST)) return;
    throw new PayloadTooLargeError(
      `Cannot send values: a bigint has more than ${MAX_DIGITS} digits`,
    );
  }
}

function assertNotTooLong(length: number): void {
  if (length <= MAX_LIST) return;
  throw new PayloadTooLargeError(
    `Cannot send values: a list has ${length} places, more than ${MAX_LIST}`,
  );
}

function isPlace(key: string): boolean {
  const place = Number(key);
  return Number.isInteger(place) && place >= 0 && place < 2 ** 32 - 1 && String(place) === key;
}
