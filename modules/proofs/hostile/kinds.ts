// Kinds of hostile values: each a name, a maker, and what must come of it — known from the platform and the contract, not
// from the code that is put to the test.
//
// Makers take chance and nothing else, so the same seed makes an equal value here and in a worker: most of these cannot cross.

/** What must come of a value on executors that copy. Where values pass by reference, every one arrives. */
export type Fate =
  /** It arrives whole, everywhere. */
  | "whole"
  /** It is refused, everywhere. */
  | "refused"
  /** Whole, or refused: never anything else. */
  | "either"
  /** Whole, or what structured clone makes of it, or refused. */
  | "cloned"
  /** Whole where workers are threads, refused where they are processes. */
  | "shared";

/** One kind of values. */
export interface Kind {
  readonly fate: Fate;
  /** Answers undefined where the platform has no such thing. */
  readonly make: (random: () => number) => unknown;
}

/** What hostile code throws. Its message says so. */
export class HostileError extends RangeError {
  override name = "HostileError";
}

/** What a value does that calls back in while the host looks at it. Whoever plays with such values says what. */
export const touch: { by: (() => void) | undefined } = { by: undefined };

export function rage(): never {
  throw new HostileError("hostile");
}

const RAGING = { get: rage, enumerable: true, configurable: true };
/** Made once: there is no other way than to wait for it. */
const key = await globalThis.crypto?.subtle
  ?.generateKey({ name: "AES-GCM", length: 128 }, true, ["encrypt"])
  .catch(() => undefined);

const bytesOf = (random: () => number, length: number) =>
  Uint8Array.from({ length }, () => random() * 256);
const pick = <T>(random: () => number, of: readonly T[]): T =>
  of[Math.floor(random() * of.length)] as T;
const revoked = (target: object) => {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
};
const trap = (target: object, ...names: (keyof ProxyHandler<object>)[]) =>
  new Proxy(target, Object.fromEntries(names.map((name) => [name, rage])));
const withOwn = (target: object, name: PropertyKey, descriptor: PropertyDescriptor) =>
  Object.defineProperty(target, name, { configurable: true, ...descriptor });
const detached = () => {
  const buffer = new ArrayBuffer(16);
  const view = new Uint8Array(buffer);
  structuredClone(null, { transfer: [buffer] });
  return { buffer, view };
};
/** A global of the platform, if it has it. */
// biome-ignore lint/suspicious/noExplicitAny: whatever it is, it is only made
const global = (name: string): any => (globalThis as Record<string, unknown>)[name];
const made = (name: string, ...args: unknown[]): unknown => {
  const found = global(name);
  return typeof found === "function" ? new found(...args) : undefined;
};
const EMPTY_MODULE = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
const TYPED = [
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
const typedOf = (random: () => number, extra = 0) => {
  const Typed = pick(random, TYPED);
  const count = Math.floor(random() * 9);
  const buffer = bytesOf(random, (count + extra) * Typed.BYTES_PER_ELEMENT).buffer;
  return new Typed(buffer, Math.min(extra, 1) * Typed.BYTES_PER_ELEMENT, count);
};
/** Its bytes are its own, so that nothing but its strangeness keeps it from the shortest way. */
const six = () => Uint8Array.of(1, 2, 3, 4, 5, 6);
const PROTOTYPES = [
  Uint8Array,
  Float64Array,
  BigInt64Array,
  ArrayBuffer,
  DataView,
  Map,
  Set,
  Date,
  RegExp,
  Error,
  Promise,
  Array,
  Function,
  Number,
  String,
] as const;

class Point {
  x = 1;
  #y = 2;
  get y() {
    return this.#y;
  }
}
class Bytes extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    return rage();
  }
}
class PaymentError extends Error {
  override name = "PaymentError";
  amount = 3;
}

/** All kinds, by name. */
export const KINDS: Readonly<Record<string, Kind>> = {
  // What is plain, and still lost by some encoding or other.
  nothing: { fate: "whole", make: (random) => pick(random, [undefined, null, true, false, ""]) },
  number: {
    fate: "whole",
    make: (random) =>
      pick(random, [
        -0,
        NaN,
        Infinity,
        -Infinity,
        2 ** 29,
        2 ** 29 - 1,
        -(2 ** 29),
        -(2 ** 29) - 1,
        2 ** 31,
        -(2 ** 31),
        2 ** 53,
        2 ** 53 - 1,
        Number.MIN_VALUE,
        Number.MAX_VALUE,
        Number.EPSILON,
        0.1,
      ]),
  },
  bigint: {
    fate: "whole",
    make: (random) => pick(random, [0n, -1n, 2n ** 64n, -(2n ** 200n), 2n ** 63n - 1n]),
  },
  string: {
    fate: "whole",
    make: (random) => {
      const length = pick(random, [0, 1, 2, 3, 511, 512, 513, 514, 4097]);
      return String.fromCharCode(...Array.from({ length }, () => random() * 65536));
    },
  },
  "half-pair": {
    fate: "whole",
    make: (random) => pick(random, ["\ud800", "\udfff\ud800", "a\ud83d", "\udca9z", "\0\ud800\0"]),
  },
  "long-string": {
    fate: "whole",
    make: (random) => (random() < 0.1 ? "long ü ".repeat(30_000) : "ab".repeat(5000)),
  },
  date: { fate: "whole", make: (random) => new Date(pick(random, [0, -1, 8.64e15, NaN, 1e12])) },
  regexp: {
    fate: "whole",
    make: (random) => pick(random, [/a(b)?/giu, /\//, /(?:)/v, /[\]/]\n/dy]),
  },
  boxed: {
    fate: "whole",
    make: (random) =>
      pick(random, [
        () => Object(-0),
        () => Object("\ud800"),
        () => Object(true),
        () => Object(5n),
      ])(),
  },
  object: {
    fate: "whole",
    make: (random) => ({ a: random(), "": 1, "\ud800": 2, 0: 3, catch: 4 }),
  },
  "no-prototype": {
    fate: "whole",
    make: () => Object.assign(Object.create(null), { a: 1, constructor: 2 }),
  },
  // biome-ignore lint/suspicious/noSparseArray: that is what it is
  sparse: { fate: "whole", make: () => [1, , undefined, , 5] },
  "array-with-fields": { fate: "whole", make: () => Object.assign([1, 2], { "-1": 3, name: "x" }) },
  map: {
    fate: "whole",
    make: () =>
      new Map<unknown, unknown>([
        [NaN, -0],
        ["__proto__", {}],
        [{}, [1]],
        [undefined, null],
      ]),
  },
  set: { fate: "whole", make: () => new Set<unknown>([NaN, 0, "", null, undefined, {}]) },
  cycle: {
    fate: "whole",
    make: () => {
      const ring: Record<string, unknown> = { list: [], map: new Map() };
      (ring.list as unknown[]).push(ring, ring.map);
      (ring.map as Map<unknown, unknown>).set(ring, ring.list);
      return ring;
    },
  },
  "same-twice": {
    fate: "whole",
    make: () => {
      const buffer = new ArrayBuffer(8);
      return [new Uint8Array(buffer), new Uint16Array(buffer, 2, 1), buffer, buffer];
    },
  },
  deep: {
    fate: "whole",
    make: () => {
      let nested: unknown = 1;
      for (let level = 0; level < 150; level++) nested = level % 2 === 0 ? [nested] : { nested };
      return nested;
    },
  },
  "proto-key": {
    fate: "either",
    make: () => JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}'),
  },
  frozen: { fate: "whole", make: () => Object.freeze({ a: Object.freeze([1]) }) },
  getter: { fate: "whole", make: () => withOwn({ a: 1 }, "b", { get: () => 2, enumerable: true }) },
  hidden: {
    fate: "whole",
    make: () => withOwn({ a: 1, [Symbol("s")]: 2 }, "b", { get: rage, enumerable: false }),
  },
  instance: { fate: "either", make: () => new Point() },
  arguments: {
    fate: "either",
    make: () => {
      const own = function (..._: number[]) {
        // biome-ignore lint/complexity/noArguments: the very thing
        return arguments;
      };
      return own(1, 2);
    },
  },
  // Bytes.
  typed: { fate: "whole", make: (random) => typedOf(random) },
  "typed-part": { fate: "whole", make: (random) => typedOf(random, 3) },
  buffer: { fate: "whole", make: (random) => bytesOf(random, pick(random, [0, 1, 7, 300])).buffer },
  "large-bytes": {
    fate: "whole",
    make: (random) => new Uint8Array(pick(random, [16_384, 16_385, 140_000])).fill(random() * 256),
  },
  "data-view": { fate: "whole", make: (random) => new DataView(bytesOf(random, 16).buffer, 3, 5) },
  "node-buffer": { fate: "cloned", make: () => global("Buffer")?.alloc(7, "bytes") },
  resizable: { fate: "either", make: () => new ArrayBuffer(8, { maxByteLength: 32 }) },
  "resizable-view": {
    fate: "either",
    make: () => new Uint8Array(new ArrayBuffer(8, { maxByteLength: 32 })),
  },
  "resizable-part": {
    fate: "either",
    make: () => new Uint16Array(new ArrayBuffer(8, { maxByteLength: 32 }), 2, 2),
  },
  "out-of-bounds": {
    fate: "refused",
    make: () => {
      const buffer = new ArrayBuffer(16, { maxByteLength: 32 });
      const view = new Uint8Array(buffer, 8, 4);
      buffer.resize(4);
      return view;
    },
  },
  detached: { fate: "refused", make: () => detached().buffer },
  "detached-view": { fate: "refused", make: () => detached().view },
  shared: { fate: "shared", make: () => made("SharedArrayBuffer", 8) },
  "shared-view": {
    fate: "shared",
    make: () =>
      typeof SharedArrayBuffer === "undefined"
        ? undefined
        : new Int32Array(new SharedArrayBuffer(8)),
  },
  "wasm-memory": {
    fate: "either",
    make: () =>
      global("WebAssembly") && new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 4),
  },
  // What is not what it looks like.
  "wrong-bytes": {
    fate: "either",
    make: () => Object.setPrototypeOf(six(), Float64Array.prototype),
  },
  "wrong-bytes-2": {
    fate: "either",
    make: (random) => Object.setPrototypeOf(typedOf(random), pick(random, TYPED).prototype),
  },
  "wrong-prototype": {
    fate: "either",
    make: (random) => {
      const value = pick<() => object>(random, [
        six,
        () => new ArrayBuffer(6),
        () => new DataView(new ArrayBuffer(6)),
        () => new Map([[1, 2]]),
        () => new Set([1]),
        () => new Date(5),
        () => /x/,
        () => [1, 2],
        () => ({ a: 1 }),
        () => Object(5),
      ])();
      return Object.setPrototypeOf(
        value,
        pick(random, [...PROTOTYPES.map((of) => of.prototype as object), null]),
      );
    },
  },
  "false-brand": {
    fate: "either",
    make: (random) => Object.create(pick(random, PROTOTYPES).prototype),
  },
  "false-bytes": { fate: "either", make: () => Object.create(Uint8Array.prototype) },
  "false-buffer": { fate: "either", make: () => Object.create(ArrayBuffer.prototype) },
  "false-platform": {
    fate: "either",
    make: (random) => {
      const found = global(
        pick(random, ["Blob", "URL", "Headers", "AbortSignal", "MessagePort", "ReadableStream"]),
      );
      return found && Object.create(found.prototype);
    },
  },
  // What inherits from errors is taken for one: so it arrives as something.
  "false-error": {
    fate: "cloned",
    make: (random) => Object.create(pick(random, [Error, TypeError, DOMException]).prototype),
  },
  "false-tag": {
    fate: "either",
    make: (random) => ({
      x: 1,
      [Symbol.toStringTag]: pick(random, ["Map", "Blob", "Error", "Uint8Array"]),
    }),
  },
  "raging-tag": { fate: "either", make: () => withOwn({ x: 1 }, Symbol.toStringTag, RAGING) },
  "raging-iterator": {
    fate: "either",
    make: (random) =>
      withOwn(
        pick<() => object>(random, [
          () => [1, 2],
          () => new Map([[1, 2]]),
          () => new Set([1]),
          six,
        ])(),
        Symbol.iterator,
        { value: rage },
      ),
  },
  "false-iterator": {
    fate: "either",
    make: (random) =>
      withOwn(
        pick<() => object>(random, [() => [1, 2], () => new Map([[1, 2]]), () => new Set([1])])(),
        Symbol.iterator,
        {
          *value() {
            for (;;) yield [1, 2];
          },
        },
      ),
  },
  "raging-map-methods": {
    fate: "either",
    make: (random) => {
      const value = pick<() => object>(random, [() => new Map([[1, 2]]), () => new Set([1])])();
      for (const name of [
        "entries",
        "keys",
        "values",
        "forEach",
        "size",
        "has",
        "get",
        "add",
        "set",
      ])
        withOwn(value, name, { get: rage });
      return value;
    },
  },
  "raging-byte-fields": {
    fate: "either",
    make: (random) => {
      const value = pick<() => object>(random, [
        six,
        () => six().buffer,
        () => new DataView(six().buffer),
      ])();
      const names = [
        "byteLength",
        "length",
        "buffer",
        "byteOffset",
        "constructor",
        "subarray",
        "slice",
        "resizable",
        "set",
        "detached",
        "transfer",
      ];
      withOwn(value, pick(random, names), { get: rage });
      return value;
    },
  },
  "false-byte-fields": {
    fate: "either",
    make: (random) => {
      const value = pick<() => object>(random, [
        six,
        () => six().buffer,
        () => new Float64Array(2),
      ])();
      const [name, lie] = pick<readonly [string, unknown]>(random, [
        ["byteLength", 1e9],
        ["length", 1e9],
        ["byteLength", 3],
        ["byteLength", -1],
        ["length", 2.5],
        ["byteLength", "6"],
        ["byteLength", 0],
        ["buffer", new ArrayBuffer(99)],
        ["byteOffset", 77],
        ["buffer", null],
        ["resizable", true],
      ]);
      return withOwn(value, name, { value: lie });
    },
  },
  "false-species": {
    fate: "either",
    make: () => withOwn(six(), "constructor", { value: { [Symbol.species]: Float64Array } }),
  },
  "raging-species": {
    fate: "either",
    make: () => withOwn(six(), "constructor", { value: withOwn({}, Symbol.species, RAGING) }),
  },
  "bytes-subclass": { fate: "either", make: () => new Bytes(6) },
  "raging-prototype": {
    fate: "either",
    make: () =>
      Object.create(new Proxy({}, { getPrototypeOf: rage, get: rage, has: rage }), {
        a: { value: 1, enumerable: true },
      }),
  },
  // What fights back.
  "raging-getter": { fate: "refused", make: () => withOwn({ a: 1 }, "b", RAGING) },
  "raging-element": { fate: "refused", make: () => withOwn([1, 2, 3], 1, RAGING) },
  "raging-late": {
    fate: "refused",
    make: () => withOwn({ a: six(), b: "x".repeat(400), c: [1, 2] }, "z", RAGING),
  },
  "undefined-thrower": {
    fate: "refused",
    make: () =>
      withOwn({ a: 1 }, "b", {
        enumerable: true,
        get() {
          throw undefined;
        },
      }),
  },
  "changes-itself": {
    // Each look sees another value, so there is none to compare with but a refusal's.
    fate: "whole",
    make: () =>
      withOwn({ a: 1 }, "b", {
        enumerable: true,
        get(this: Record<string, unknown>) {
          delete this.c;
          return 2;
        },
      }),
  },
  touches: {
    fate: "whole",
    make: () =>
      withOwn({ a: 1 }, "b", {
        enumerable: true,
        get() {
          touch.by?.();
          return 2;
        },
      }),
  },
  "touches-and-rages": {
    fate: "refused",
    make: () =>
      withOwn({ a: 1 }, "b", {
        enumerable: true,
        get() {
          touch.by?.();
          return rage();
        },
      }),
  },
  proxy: { fate: "either", make: () => new Proxy({ a: 1 }, {}) },
  "proxy-of": {
    fate: "either",
    make: (random) =>
      new Proxy(
        pick<() => object>(random, [
          () => [1],
          () => new Map([[1, 2]]),
          six,
          () => new Date(0),
          () => new ArrayBuffer(4),
          () => new Proxy([], {}),
        ])(),
        {},
      ),
  },
  revoked: { fate: "refused", make: () => revoked({}) },
  "revoked-array": { fate: "refused", make: () => revoked([]) },
  "revoked-function": { fate: "refused", make: () => revoked(() => {}) },
  "raging-proxy": {
    fate: "refused",
    make: (random) =>
      trap(
        pick(random, [{ a: 1 }, [1]]),
        "get",
        "getPrototypeOf",
        "ownKeys",
        "has",
        "getOwnPropertyDescriptor",
        "isExtensible",
      ),
  },
  "raging-trap": {
    fate: "either",
    make: (random) =>
      trap(
        pick(random, [{ a: 1 }, [1]]),
        pick(random, ["get", "getPrototypeOf", "ownKeys", "has", "getOwnPropertyDescriptor"]),
      ),
  },
  // What has no copy.
  function: {
    fate: "refused",
    make: (random) =>
      pick(random, [() => {}, class {}, async () => {}, rage.bind(1), Math.max, function* () {}]),
  },
  symbol: {
    fate: "refused",
    make: (random) => pick(random, [Symbol("s"), Symbol.for("s"), Symbol.iterator]),
  },
  method: { fate: "refused", make: () => ({ a: 1, run() {} }) },
  weak: {
    fate: "refused",
    make: (random) =>
      pick(random, [() => new WeakMap(), () => new WeakSet(), () => new WeakRef({})])(),
  },
  promise: { fate: "refused", make: () => Promise.resolve(1) },
  generator: {
    fate: "refused",
    make: () =>
      (function* () {
        yield 1;
      })(),
  },
  iterator: {
    fate: "refused",
    make: (random) =>
      pick(random, [
        () => [1][Symbol.iterator](),
        () => new Map().entries(),
        () => new Set().values(),
        () => "a"[Symbol.iterator](),
      ])(),
  },
  intl: {
    fate: "either",
    make: (random) =>
      pick(random, [
        () => new Intl.NumberFormat("de"),
        () => new Intl.DateTimeFormat("en", { timeZone: "UTC" }),
      ])(),
  },
  // Platform objects.
  blob: {
    fate: "either",
    make: (random) => made("Blob", [bytesOf(random, 5)], { type: "text/x" }),
  },
  file: {
    fate: "either",
    make: () => made("File", ["content"], "a name.txt", { type: "text/plain", lastModified: 7 }),
  },
  url: { fate: "either", make: () => new URL("https://user@example.org:8/path?query=1#hash") },
  search: { fate: "either", make: () => new URLSearchParams("a=1&a=2&b=%F0") },
  headers: {
    fate: "either",
    make: () =>
      made("Headers", [
        ["a", "1"],
        ["b", "2"],
      ]),
  },
  form: { fate: "refused", make: () => made("FormData") },
  request: { fate: "refused", make: () => made("Request", "https://example.org/") },
  response: { fate: "refused", make: () => made("Response", "text") },
  signal: {
    fate: "refused",
    make: (random) =>
      pick(random, [
        () => AbortSignal.abort(1),
        () => new AbortController().signal,
        () => new AbortController(),
      ])(),
  },
  event: {
    fate: "refused",
    make: (random) => pick(random, [() => new Event("x"), () => new EventTarget()])(),
  },
  stream: {
    fate: "refused",
    make: (random) => made(pick(random, ["ReadableStream", "WritableStream", "TransformStream"])),
  },
  coder: { fate: "refused", make: (random) => made(pick(random, ["TextEncoder", "TextDecoder"])) },
  port: { fate: "refused", make: () => new MessageChannel().port1 },
  channel: { fate: "refused", make: () => new MessageChannel() },
  key: { fate: "either", make: () => key },
  exception: {
    fate: "either",
    make: (random) =>
      new DOMException("message", pick(random, ["QuotaExceededError", "DataCloneError", "Odd"])),
  },
  "wasm-module": {
    fate: "cloned",
    make: () => global("WebAssembly") && new WebAssembly.Module(EMPTY_MODULE),
  },
  "wasm-object": {
    fate: "refused",
    make: () => global("WebAssembly") && new WebAssembly.Memory({ initial: 1 }),
  },
  // Errors as values.
  error: {
    fate: "cloned",
    make: (random) => pick(random, [new Error("e"), new TypeError("t"), new URIError("\ud800")]),
  },
  "error-with-cause": {
    fate: "cloned",
    make: () => new Error("e", { cause: new TypeError("t", { cause: 3 }) }),
  },
  "error-with-fields": {
    fate: "cloned",
    make: () => Object.assign(new RangeError("e"), { code: "E", at: [1] }),
  },
  "error-of-class": { fate: "cloned", make: () => new PaymentError("declined") },
  aggregate: {
    fate: "either",
    make: () => new AggregateError([new RangeError("a"), "b"], "several"),
  },
  suppressed: {
    fate: "either",
    make: () => made("SuppressedError", new RangeError("later"), new TypeError("earlier"), "both"),
  },
  "raging-error": {
    fate: "cloned",
    make: (random) =>
      withOwn(
        new Error("e"),
        pick(random, ["message", "stack", "name", "cause", "code", "toString", "constructor"]),
        RAGING,
      ),
  },
  "strange-error": {
    fate: "cloned",
    make: (random) =>
      withOwn(new Error("e"), pick(random, ["name", "message", "stack", "cause"]), {
        value: pick(random, [Symbol("s"), Object.create(null), 5, revoked({}), () => {}]),
      }),
  },
  "error-cycle": {
    fate: "cloned",
    make: () => {
      const error = new Error("round");
      error.cause = Object.assign(new Error("back"), { cause: error });
      return error;
    },
  },
};
