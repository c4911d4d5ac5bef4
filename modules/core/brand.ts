// Brands: what a value really is — asked by the engine's own getters, so that no code of the user runs, whatever the value.
//
// A prototype can be changed, `instanceof` asks `Symbol.hasInstance` and a proxy's traps, `Symbol.toStringTag`, `byteLength`
// and `constructor` may be anybody's getters, and `Array.isArray` throws for a proxy that was revoked. The getters below
// are taken once, and look at what the engine itself has noted of an object. A proxy has none of it: it is none of these.
//
// What the language cannot ask the backends tell (`runtime`): the core names none of them. Whose class an object is of, and
// what that is called, is read without running anybody's code, too.

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

/** Whether a view begins where its buffer, which can shrink, has ended. */
export function isOutOfBounds(view: ArrayBufferView): boolean {
  const buffer = bufferOf(view);
  if (!isArrayBuffer(buffer) || isDetached(buffer) || isOrdinary(buffer)) return false;
  try {
    structuredClone(view);
    return false;
  } catch {
    return true;
  }
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

/** What the generators of this realm have their methods from. */
const generator: object = Object.getPrototypeOf(function* () {}.prototype);
const asyncGenerator: object = Object.getPrototypeOf(async function* () {}.prototype);
const isBelow = Object.prototype.isPrototypeOf;

/** Whether a value is a generator of this realm, synchronous or not. */
export function isGenerator(value: object): boolean {
  try {
    return isBelow.call(generator, value) || isBelow.call(asyncGenerator, value);
  } catch {
    // A proxy that was revoked, or one whose traps throw.
    return false;
  }
}

/** Whether a value is an array, or a proxy of one; false for a proxy that was revoked, which is nothing any more. */
export function isArray(value: unknown): value is unknown[] {
  return hasBrand(Array.isArray, value) && Array.isArray(value);
}

/** Whether a value is a proxy that was revoked: nothing else has the engine throw here. */
export function isRevoked(value: object): boolean {
  return !hasBrand(Array.isArray, value);
}

/** Whether an object is what a function finds its arguments in, which no platform clones. */
export function isArguments(value: object): boolean {
  return Object.hasOwn(value, "callee") && Object.hasOwn(value, Symbol.iterator);
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

/** A class of errors, whatever its constructor takes. */
// biome-ignore lint/suspicious/noExplicitAny: constructors differ in their parameters, which are never called here
export type ErrorClass = abstract new (...args: any[]) => Error;

/** Finds again whose code it is that runs later: in a timer, or after an await. */
export interface Marks<Mark = number> {
  /** Runs `action` so that whatever it begins bears the mark. */
  run<T>(mark: Mark, action: () => T): T;
  /** The mark of what runs, or of what has just thrown; undefined where there is none, or the runtime cannot tell. */
  current(): Mark | undefined;
}

/** What a runtime has to tell who prints, and what. */
export interface PrintingTools {
  /** Makes one text of what a console was given. */
  format(...args: readonly unknown[]): string;
  /** Keeps something for a piece of code and all that it begins. */
  readonly storage: { run<R>(kept: unknown, action: () => R): R; getStore(): unknown };
}

/** What is used of `node:inspector`. */
export interface Inspector {
  open(port: number, host: string): void;
  url(): string | undefined;
  waitForDebugger(): void;
}

/** What structured clone looks for before it looks at fields. A leaf holds no other values: a date, a number in a box. */
export type Brand = "map" | "set" | "buffer" | "leaf";

/** What a runtime can tell. */
export interface Runtime {
  /** Whether a value is a proxy: the language itself does not say. */
  isProxy?(value: unknown): boolean;
  /** Which of these brands a value has, however it looks: to ask the language itself takes as long as to copy a record. */
  brandOf?(value: unknown): Brand | undefined;
  /**
   * Whether an object whose prototype is that of all objects has fields and nothing else that a platform would clone, or refuse
   * to. To ask runs nothing of the user's, if it is no proxy.
   */
  hasOnlyFields?(value: object): boolean;
  /** Whether a buffer must not be moved, because the runtime keeps it for itself or was told so. */
  isPinned?(buffer: unknown): boolean;
  /** Marks what is begun, where the runtime has asynchronous contexts. */
  marks?: Marks;
  /** Loads what tells who prints, and what; resolves with undefined where there is nothing of the kind. */
  loadPrinting?(): Promise<PrintingTools | undefined>;
  /** What lets a debugger in. */
  inspector?(): Inspector;
  /** The class of errors of this name that a module of the runtime has, where there is one. */
  errorClass?(name: string): unknown;
}

/** Begins the name of a class of the runtime's own: a program may have one of the same name. */
export const RUNTIMES_OWN = "runtime:";

/**
 * Errors that have arrived and whose nearest class is not known here, with the names of their classes: what goes on to
 * another program may be known there.
 */
export const classesOfArrived: WeakMap<object, readonly string[]> = new WeakMap();

/** The runtime of this realm. Nothing is known of it until a backend is used, or a worker of one begins. */
export const runtime: Runtime = {};

/** What the platform itself calls by a name. Looked up now: what programs add later are classes of their own. */
const PLATFORM_NAMES = new Set(Object.getOwnPropertyNames(globalThis));

/** How many prototypes are looked at: a chain may be endless, if proxies are in it. */
const MAX_CHAIN = 64;

/** The prototypes of an object, nearest first, but for that of all objects. */
export function prototypesOf(object: object): object[] {
  const prototypes: object[] = [];
  let prototype: object | null = Object.getPrototypeOf(object);
  while (prototype !== null && prototypes.length < MAX_CHAIN && !isRoot(prototype)) {
    prototypes.push(prototype);
    prototype = Object.getPrototypeOf(prototype);
  }
  return prototypes;
}

/** Whether an object has no class: its prototype is that of all objects, in whatever realm, or there is none. */
export function isClassless(object: object): boolean {
  const prototype = Object.getPrototypeOf(object);
  return prototype === null || isRoot(prototype);
}

/** The name of the class a prototype belongs to. */
export function classNameOf(prototype: object): string | undefined {
  const maker = own(prototype, "constructor");
  const name = typeof maker === "function" ? own(maker, "name") : undefined;
  return typeof name === "string" && name !== "" ? name : undefined;
}

/** The name of the class of the platform that an object is of, or whose subclass; undefined for a program's own. */
export function platformClassOf(object: object): string | undefined {
  for (const prototype of prototypesOf(object)) {
    const name = classNameOf(prototype);
    if (name === undefined || !PLATFORM_NAMES.has(name)) continue;
    if (platformClass(name)?.prototype === prototype) return name;
  }
  return undefined;
}

/** A class of the platform by its name. Some are made when they are first asked for: only for what exists already. */
export function platformClass(name: string): { readonly prototype: object } | undefined {
  const found: unknown = (globalThis as Record<string, unknown>)[name];
  return typeof found === "function" ? found : undefined;
}

/** Whether the engine knows a value as an error. */
export const hasErrorData: (value: unknown) => boolean =
  (Error as { isError?(value: unknown): boolean }).isError ??
  ((value) => Object.prototype.toString.call(value) === "[object Error]");

/** An error of any realm, or one of a class that was made by hand from ours. */
export function isError(value: object): value is Error {
  if (hasErrorData(value)) return true;
  const prototypes = prototypesOf(value);
  // What only has the prototype of a DOMException can tell nothing of itself.
  const isException = prototypes.some((prototype) => classNameOf(prototype) === "DOMException");
  return !isException && prototypes.includes(Error.prototype);
}

/** Whether a value is a real `DOMException`: the platform's getter throws for what only has the prototype. */
export function isDomException(value: object): value is Error {
  const prototype = platformClass("DOMException")?.prototype ?? {};
  try {
    return typeof Object.getOwnPropertyDescriptor(prototype, "name")?.get?.call(value) === "string";
  } catch {
    return false;
  }
}

/** The size of a real blob; undefined for everything else. */
export function sizeOfBlob(value: object): number | undefined {
  const prototype = platformClass("Blob")?.prototype ?? {};
  try {
    return Object.getOwnPropertyDescriptor(prototype, "size")?.get?.call(value);
  } catch {
    return undefined;
  }
}

/** The prototype of all objects, of whatever realm. */
function isRoot(prototype: object): boolean {
  if (prototype === Object.prototype) return true;
  return (
    Object.getPrototypeOf(prototype) === null &&
    Object.hasOwn(prototype, "isPrototypeOf") &&
    Object.hasOwn(prototype, "hasOwnProperty")
  );
}

/** A field of an object itself, if it is no getter. */
function own(object: object, key: string): unknown {
  return Object.getOwnPropertyDescriptor(object, key)?.value;
}

const limits = Error as { stackTraceLimit?: number };

/** Does something that makes errors, or has the engine throw some, which nobody reads: the stack is what takes the time. */
export function withoutStack<T>(action: () => T): T {
  const { stackTraceLimit } = limits;
  if (stackTraceLimit === undefined) return action();
  // Not by assignment, which throws where a program has frozen what all share.
  Reflect.set(limits, "stackTraceLimit", 0);
  try {
    return action();
  } finally {
    Reflect.set(limits, "stackTraceLimit", stackTraceLimit);
  }
}
