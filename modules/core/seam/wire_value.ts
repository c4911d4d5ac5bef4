// How a value crosses: by structured clone — and what must not, because a runtime would empty it without a word.
//
// Deno clones AbortSignal, FormData, Event and other platform objects to `{}`. Bun throws for them, as the standard says.

import type { Transferred } from "../task.ts";

/** From some two hundred kilobytes on, the copies cost more than the waking. */
const COPIED_BYTES = 2 ** 17;

/** What structured clone keeps, by the tag of `Object.prototype.toString`. Everything of these is the platform's care. */
const CLONEABLE_TAGS = new Set(
  [
    "Object Array Map Set Date RegExp Error Boolean Number String BigInt Arguments",
    "ArrayBuffer SharedArrayBuffer DataView Uint8Array Uint8ClampedArray Uint16Array Uint32Array Int8Array Int16Array",
    "Int32Array Float16Array Float32Array Float64Array BigInt64Array BigUint64Array",
    "Blob File FileList DOMException CryptoKey ImageData ImageBitmap MessagePort ReadableStream WritableStream",
    "TransformStream WebAssembly.Module OffscreenCanvas",
    "DOMPoint DOMPointReadOnly DOMRect DOMRectReadOnly DOMQuad DOMMatrix DOMMatrixReadOnly",
  ].flatMap((line) => line.split(" ").map((tag) => `[object ${tag}]`)),
);

/**
 * Throws a `DataCloneError` if `value` holds a platform object that a runtime would clone to `{}` in silence.
 *
 * What structured clone itself refuses (functions, symbols) is left to it.
 *
 * @param sharesBuffers Whether a `SharedArrayBuffer` crosses as what it is. A copy of one is no better than an empty one.
 */
export function assertCrossable(value: unknown, sharesBuffers = true): void {
  if (typeof value !== "object" || value === null) return;
  // Not recursion: 10 000-deep nesting is a value like any other.
  const open: object[] = [value];
  let seen: Set<object> | undefined;
  for (let object = open.pop(); object !== undefined; object = open.pop()) {
    if (ArrayBuffer.isView(object)) {
      if (!sharesBuffers) assertUnshared(object.buffer);
      continue;
    }
    if (Array.isArray(object)) {
      for (const item of object) seen = visit(item, open, seen);
      continue;
    }
    const prototype: unknown = Object.getPrototypeOf(object);
    if (prototype !== Object.prototype && prototype !== null) {
      if (object instanceof Map) {
        for (const [key, item] of object) seen = visit(item, open, visit(key, open, seen));
        continue;
      }
      if (object instanceof Set) {
        for (const item of object) seen = visit(item, open, seen);
        continue;
      }
      if (!sharesBuffers) assertUnshared(object);
      const tag = Object.prototype.toString.call(object);
      // With fields of its own it is some class's object, which crosses as a plain one, as the standard says.
      if (!CLONEABLE_TAGS.has(tag) && Object.keys(object).length === 0) {
        throw new DOMException(`${tag.slice(8, -1)} object could not be cloned.`, "DataCloneError");
      }
    }
    // Getters are left alone: structured clone runs them once, and this must not make it twice.
    for (const { value: item } of Object.values(Object.getOwnPropertyDescriptors(object)))
      seen = visit(item, open, seen);
  }
}

/**
 * Whether a copy does as well as moving: all that is to be moved are the buffers of `values` that are bytes, each once, and
 * to wake somebody for them takes longer than to copy them.
 */
export function isCopiedSooner(
  values: readonly unknown[],
  moves: readonly Transferred[],
  most: number,
): boolean {
  let size = 0;
  for (const [index, item] of moves.entries()) {
    const isTheirs = values.some(
      (value) => value === item || (ArrayBuffer.isView(value) && value.buffer === item),
    );
    if (!isTheirs || !(item instanceof ArrayBuffer) || moves.indexOf(item) !== index) return false;
    size += item.byteLength;
  }
  return size <= most;
}

/** Takes from the sender what was copied instead of moved: it is gone all the same, as the contract is one. */
export function takeAway(moves: readonly Transferred[]): void {
  for (const item of moves) {
    // To nothing, which frees the memory at once, and not when garbage is collected: the next copy finds it warm.
    if (item instanceof ArrayBuffer && "transfer" in item) item.transfer(0);
    else structuredClone(null, { transfer: [item as unknown as ArrayBuffer] });
  }
}

/** The same; false for what cannot be taken, such as the memory of a WebAssembly instance. */
export function mayTakeAway(moves: readonly Transferred[]): boolean {
  try {
    takeAway(moves);
    return true;
  } catch {
    return false;
  }
}

/** So many bytes are copied sooner than a thread is woken; between processes, where nothing can be moved, all are. */
export function mostCopied(sharesBuffers: boolean | undefined): number {
  return sharesBuffers === false ? Number.POSITIVE_INFINITY : COPIED_BYTES;
}

function assertUnshared(object: object): void {
  if (typeof SharedArrayBuffer === "undefined" || !(object instanceof SharedArrayBuffer)) return;
  throw new DOMException(
    "SharedArrayBuffer could not be cloned: a process would get a copy.",
    "DataCloneError",
  );
}

function visit(
  item: unknown,
  open: object[],
  seen: Set<object> | undefined,
): Set<object> | undefined {
  if (typeof item !== "object" || item === null || seen?.has(item)) return seen;
  open.push(item);
  return (seen ?? new Set()).add(item);
}
