// What is plain crosses by structured clone alone: nothing may be called so that would lose something.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Brand, runtime } from "../brand.ts";
import { brandOf, isPlain } from "./plain.ts";

const raging = {
  [Symbol.iterator](): never {
    throw new Error("iterated");
  },
};

test("isPlain() says yes of what structured clone carries whole", () => {
  const named = Object.assign(["a"], { index: 3 });
  const values = [
    ...[undefined, null, 1, "text", 2n, true, new Date(), /x/, Object(1), Object("x"), Object(2n)],
    ...[new Map([[{}, 1]]), new Set([1]), {}, [], [1, undefined], named, { a: { b: [1] } }],
    ...[
      new Uint8Array(2),
      new ArrayBuffer(2),
      new DataView(new ArrayBuffer(2)),
      new BigInt64Array(1),
    ],
    ...[
      Object.create(null),
      new Array(1),
      new (class Point {
        x = 1;
        get [Symbol.toStringTag]() {
          return "Point";
        }
      })(),
    ],
  ];
  for (const [at, value] of values.entries()) assert.equal(isPlain(value, true), true, `${at}`);
});

test("isPlain() says no of what would be lost, emptied or refused, however deep", () => {
  const lists = Object.assign([1, 2], { url: new URL("http://host/") });
  for (const value of [
    ...[
      () => 1,
      Symbol("mine"),
      new URL("http://host/"),
      new Blob([]),
      new FormData(),
      new Event("x"),
    ],
    ...[new Error("x"), new DOMException("x"), Promise.resolve(), new WeakMap(), [1].values()],
    ...[
      Object.create(Date.prototype),
      Object.create(Map.prototype),
      Object.create({ inherited: 1 }),
    ],
    ...[
      new (class Marker {})(),
      Math,
      { [Symbol("only")]: 1 },
      lists,
      Object.defineProperty({}, "a", { value: 1 }),
    ],
    {
      get trap() {
        return 1;
      },
    },
  ]) {
    for (const sent of [
      value,
      { a: [1, new Map([["k", new Set([value])]])] },
      Array(100).fill(value),
    ])
      assert.equal(isPlain(sent, true), false);
  }
});

test("isPlain() says no of shared memory where it would be copied", () => {
  for (const shared of [new SharedArrayBuffer(8), new Uint8Array(new SharedArrayBuffer(8))])
    assert.equal(isPlain({ shared }, false), false);
  assert.equal(isPlain(new Uint8Array(new SharedArrayBuffer(8)), true), true);
});

test("isPlain() runs no getter and no iterator, and throws for nothing", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const trap = (): never => {
    throw new Error("code of the user ran");
  };
  const getter = Object.defineProperty({}, "a", { get: trap, enumerable: true });
  const elements = Object.defineProperty([1, 2], 0, { get: trap, enumerable: true });
  for (const value of [
    proxy,
    new Proxy({}, { ownKeys: trap, getPrototypeOf: trap }),
    getter,
    elements,
  ])
    assert.equal(isPlain([value], true), false);
  for (const make of [() => [1, 2], () => new Map([[1, 2]]), () => new Set([1])])
    assert.equal(
      isPlain(Object.assign(make(), { forEach: trap, entries: trap }, raging), true),
      isPlain(make(), true) && !Array.isArray(make()),
    );
});

test("cycles, deep nesting and nearly empty lists come to an end", () => {
  const loop: Record<string, unknown> = {};
  loop.self = { loop };
  assert.equal(isPlain(loop, true), true);
  let deep: unknown = 1;
  for (let depth = 0; depth < 900; depth++) deep = [deep];
  assert.equal(isPlain(deep, true), true);
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assert.equal(isPlain(deep, true), false, "nobody could be sure to read it");
  const sparse: unknown[] = [];
  sparse[2 ** 32 - 2] = 1;
  assert.equal(isPlain(sparse, true), false, "it is taken apart, place by place");
});

test("any value made of data is plain", () => {
  const data = {
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  };
  fc.assert(fc.property(fc.anything(data), (value) => isPlain(value, true)));
});

test("isPlain() ends where a chain of prototypes does not", () => {
  const endless: object = new Proxy({}, { getPrototypeOf: () => endless });
  assert.equal(isPlain(Object.setPrototypeOf({ a: 1 }, endless), true), false);
});

test("brandOf() answers the same whether the runtime or the language is asked", async () => {
  await import("../../workers/tell_runtime.ts");
  const { brandOf: asked } = runtime;
  assert.ok(asked);
  const branded: [brand: Brand | undefined, make: () => object][] = [
    ["map", () => new Map([[1, 2]])],
    ["set", () => new Set([1])],
    ["buffer", () => new ArrayBuffer(4)],
    ["buffer", () => new SharedArrayBuffer(4)],
    ["leaf", () => new Date(0)],
    ["leaf", () => /x/],
    ["leaf", () => Object(1)],
    ["leaf", () => Object("s")],
    ["leaf", () => Object(true)],
    ["leaf", () => Object(1n)],
    [undefined, () => Object(Symbol("s"))],
    [undefined, () => ({ a: 1 })],
    [
      undefined,
      () => ({
        get [Symbol.toStringTag]() {
          return "Map";
        },
      }),
    ],
    [undefined, () => new URL("http://host/")],
  ];
  const prototypes = [undefined, null, Object.prototype, Map.prototype, Date.prototype, {}];
  try {
    for (const [brand, make] of branded) {
      for (const prototype of prototypes) {
        const value = make();
        if (prototype !== undefined) Object.setPrototypeOf(value, prototype);
        runtime.brandOf = asked;
        assert.equal(brandOf(value), brand, "by the runtime");
        delete runtime.brandOf;
        assert.equal(brandOf(value), brand, "by the language");
      }
    }
  } finally {
    runtime.brandOf = asked;
  }
});
