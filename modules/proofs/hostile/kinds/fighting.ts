// What fights back: it throws, calls in, or changes when it is looked at.

import { type Kind, pick, RAGING, rage, revoked, six, touch, withOwn } from "../kind.ts";

const trap = (target: object, ...names: (keyof ProxyHandler<object>)[]) =>
  new Proxy(target, Object.fromEntries(names.map((name) => [name, rage])));

/** What throws, calls in or changes when it is looked at, by the names of the kinds. */
export const FIGHTING: Readonly<Record<string, Kind>> = {
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
};
