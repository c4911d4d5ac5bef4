// What is plain, and still lost by some encoding or other.

import { type Kind, pick, rage, withOwn } from "../kind.ts";

class Point {
  x = 1;
  #y = 2;
  get y() {
    return this.#y;
  }
}

/** What is plain, and still lost by some encoding or other, by the names of the kinds. */
export const PLAIN: Readonly<Record<string, Kind>> = {
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
};
