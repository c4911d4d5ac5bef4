// Brands: what a value really is — asked by the engine's own getters, so that no code of the user runs, whatever the value.
//
// A prototype can be changed, `instanceof` asks `Symbol.hasInstance` and a proxy's traps, `Symbol.toStringTag`, `byteLength`
// and `constructor` may be anybody's getters, and `Array.isArray` throws for a proxy that was revoked. The getters below
// are taken once, and look at what the engine itself has noted of an object. A proxy has none of it: it is none of these.

/** Taken once, as the getters are: later changes to what everybody sees do not reach them. */
const { apply } = Reflect;
const { getPrototypeOf } = Object;
const NO_ARGUMENTS: [] = [];

function getter<R>(prototype: object, name: string | symbol): (receiver: unknown) => R {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get as (this: unknown) => R;
  return (receiver) => apply(get, receiver, NO_ARGUMENTS);
}

/** A getter that older platforms lack. */
function newerGetter<R>(prototype: object, name: string): ((receiver: unknown) => R) | undefined {
  return name in prototype ? getter(prototype, name) : undefined;
}

const typedArray: object = getPrototypeOf(Uint8Array.prototype);

/** The name of a typed array's class, as `"Uint8Array"`; undefined for everything else. Never throws. */
export const typedArrayName: (value: unknown) => string | undefined = getter(
  typedArray,
  Symbol.toStringTag,
);

/** Whether a value is a typed array or a `DataView`. Never throws. */
export const isView: (value: unknown) => value is ArrayBufferView = ArrayBuffer.isView;

/** The buffer behind a typed array. */
export const bufferOfArray: (array: ArrayBufferView) => ArrayBufferLike = getter(
  typedArray,
  "buffer",
);
const bufferOfDataView = getter<ArrayBufferLike>(DataView.prototype, "buffer");

/** The buffer behind a view. */
export function bufferOf(view: ArrayBufferView): ArrayBufferLike {
  return typedArrayName(view) === undefined ? bufferOfDataView(view) : bufferOfArray(view);
}

/** How many bytes a typed array shows: 0 where its buffer was moved away, or has become too small. */
export const arrayBytes: (array: ArrayBufferView) => number = getter(typedArray, "byteLength");

/** How many bytes a buffer has: 0 where it was moved away. Throws a `TypeError` for what is no `ArrayBuffer`. */
export const bufferBytes: (buffer: unknown) => number = getter(ArrayBuffer.prototype, "byteLength");

const resizable = newerGetter<boolean>(ArrayBuffer.prototype, "resizable");
const immutable = newerGetter<boolean>(ArrayBuffer.prototype, "immutable");
const detached = newerGetter<boolean>(ArrayBuffer.prototype, "detached");

/** Whether a buffer is of one size for ever, and can be written: nearly every one is. */
export function isOrdinary(buffer: ArrayBuffer): boolean {
  return resizable?.(buffer) !== true && immutable?.(buffer) !== true;
}

/** Whether a buffer was moved away. */
export function isDetached(buffer: ArrayBuffer): boolean {
  if (detached !== undefined) return detached(buffer);
  try {
    return new DataView(buffer) === undefined;
  } catch {
    return true;
  }
}

/** Whether a value is an `ArrayBuffer`. Of what is none the engine throws, which takes microseconds: for likely ones. */
export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  return hasBrand(bufferBytes, value);
}

const bufferPrototype: object = ArrayBuffer.prototype;

/**
 * Whether a value seems to be an `ArrayBuffer`, at no price, before `isArrayBuffer` is asked. This alone may run code of the
 * user, the trap of a proxy: of a value that may be one it is asked while nothing is half done.
 */
export function seemsBuffer(value: object): value is ArrayBuffer {
  try {
    return getPrototypeOf(value) === bufferPrototype;
  } catch {
    return false;
  }
}

const sharedBytes =
  typeof SharedArrayBuffer === "undefined"
    ? undefined
    : getter<number>(SharedArrayBuffer.prototype, "byteLength");

/** Whether a value is a `SharedArrayBuffer`. Slow for what is none. */
export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  return sharedBytes !== undefined && hasBrand(sharedBytes, value);
}

const mapSize = getter<number>(Map.prototype, "size");
const setSize = getter<number>(Set.prototype, "size");

/** Whether a value is a `Map`. Slow for what is none. */
export function isMap(value: unknown): value is Map<unknown, unknown> {
  return hasBrand(mapSize, value);
}

/** Whether a value is a `Set`. Slow for what is none. */
export function isSet(value: unknown): value is Set<unknown> {
  return hasBrand(setSize, value);
}

/** Whether a value is an array, or a proxy of one; false for a proxy that was revoked, which is nothing any more. */
export function isArray(value: unknown): value is unknown[] {
  return hasBrand(Array.isArray, value) && Array.isArray(value);
}

/** As `instanceof`, of what the user's code has thrown: false where that itself throws, as for a proxy that was revoked. */
export function isInstance<T>(
  value: unknown,
  of: abstract new (...args: never[]) => T,
): value is T {
  try {
    return value instanceof of;
  } catch {
    return false;
  }
}

function hasBrand(ask: (value: unknown) => unknown, value: unknown): boolean {
  try {
    ask(value);
    return true;
  } catch {
    return false;
  }
}
