// What is not what it looks like.

import { global, type Kind, pick, RAGING, rage, six, TYPED, typedOf, withOwn } from "../kind.ts";

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

class Bytes extends Uint8Array {
  static get [Symbol.species](): Uint8ArrayConstructor {
    return rage();
  }
}

/** What is not what it looks like, by the names of the kinds. */
export const DISGUISED: Readonly<Record<string, Kind>> = {
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
};
