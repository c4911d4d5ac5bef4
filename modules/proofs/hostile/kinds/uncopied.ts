// What has no copy.

import { type Kind, pick, rage } from "../kind.ts";

/** What has no copy, by the names of the kinds. */
export const UNCOPIED: Readonly<Record<string, Kind>> = {
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
};
