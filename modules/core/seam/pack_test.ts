// What is packed, cloned and unpacked is what it was, or was refused by its path.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runtime } from "../brand.ts";
import { cannotCross, Packer, putIn } from "./pack.ts";
import type { Link } from "./packed.ts";
import { unpack } from "./unpack.ts";

const PROCESS: Link = { isProcess: true };
const THREAD: Link = { isProcess: false };

/**
 * Does it as on a backend, which tells what a value is. The core alone has up to ten errors thrown to find out, which takes
 * seconds for a hundred thousand values.
 */
function asTold<R>(action: () => R): R {
  const { brandOf: asked } = runtime;
  runtime.brandOf = (value) => (value instanceof Map ? "map" : undefined);
  try {
    return action();
  } finally {
    if (asked === undefined) delete runtime.brandOf;
    else runtime.brandOf = asked;
  }
}

/** Sends a value as a channel does. */
function cross<T>(value: T, link = PROCESS): T {
  const packer = new Packer(link);
  const list = packer.pack([value], (index, path, what) =>
    cannotCross(`[${index}]${path} is ${what}`, link),
  );
  const message = structuredClone({ list, parts: packer.parts });
  if (message.parts !== undefined) unpack(message.parts);
  return message.list[0] as T;
}

function refusalOf(value: unknown, link = PROCESS): string {
  try {
    cross(value, link);
    return "none";
  } catch (error) {
    assert.equal((error as Error).name, "DataCloneError");
    return (error as Error).message;
  }
}

test("addresses, headers and errors are made again, wherever they stand", () => {
  const url = new URL("http://host/path");
  const headers = new Headers([
    ["set-cookie", "a"],
    ["set-cookie", "b"],
  ]);
  const sent = { url, list: [url, new Map([[url, headers]])], set: new Set([url]) };
  const got = cross(sent);
  assert.ok(got.url instanceof URL && got.url.href === url.href);
  assert.equal(got.list[0], got.url, "one object stays one");
  const map = got.list[1] as Map<URL, Headers>;
  assert.deepEqual([...(map.get(got.url) as Headers)], [...headers]);
  assert.ok(got.set.has(got.url));
});

test("errors within values keep class, fields, causes and members, and get no traceback", () => {
  const inner = Object.assign(new RangeError("inner"), { code: "E_IN" });
  const sent = new AggregateError([inner, 2], "both", { cause: inner });
  const got = cross({ sent }).sent;
  assert.ok(got instanceof AggregateError && got.cause instanceof RangeError);
  assert.equal(got.errors[0], got.cause);
  assert.equal((got.cause as typeof inner).code, "E_IN");
  assert.equal((got.cause as Error).cause, undefined);
  assert.equal(Object.hasOwn(got, "cause"), true);
  assert.deepEqual(Object.keys(got), []);
  const gone = cross(new DOMException("gone", "AbortError"));
  assert.deepEqual([gone.name, gone.message, gone.code], ["AbortError", "gone", 20]);
});

test("a SuppressedError keeps both of its errors", () => {
  if (typeof SuppressedError === "undefined") return;
  const got = cross(new SuppressedError(new TypeError("one"), new RangeError("two"), "both"));
  assert.ok(got instanceof SuppressedError);
  assert.ok(got.error instanceof TypeError && got.suppressed instanceof RangeError);
});

test("an error that leads back to itself stays one", () => {
  const error: Error & { self?: unknown } = new Error("round");
  error.cause = { error };
  error.self = [error];
  const got = cross(error);
  assert.equal((got.cause as { error: Error }).error, got);
  assert.equal((got.self as unknown[])[0], got);
});

test("what cannot cross is refused by its path", () => {
  const reason = "which cannot cross to a process";
  assert.equal(
    refusalOf(() => 1),
    `[0] is a function, ${reason}`,
  );
  assert.equal(
    refusalOf({ options: { picture: new Blob([]) } }),
    `[0].options.picture is a Blob, ${reason}`,
  );
  assert.equal(
    refusalOf({ rows: [1, { "a b": Symbol("s") }] }),
    `[0].rows[1]["a b"] is a symbol, ${reason}`,
  );
  assert.equal(
    refusalOf(new Map([["k", [new FormData()]]])),
    `[0].get("k")[0] is a FormData, ${reason}`,
  );
  assert.equal(
    refusalOf(new Set([1, Promise.resolve()])),
    `[0].values()[1] is a Promise, ${reason}`,
  );
  assert.match(
    refusalOf(new AbortController().signal, THREAD),
    /is an AbortSignal, which cannot cross to a thread/,
  );
  assert.match(refusalOf({ a: new SharedArrayBuffer(1) }), /\.a is a SharedArrayBuffer/);
});

test("what would arrive empty is refused", () => {
  class Secret {
    readonly #code = 1;
    get code(): number {
      return this.#code;
    }
  }
  for (const value of [new Secret(), Object.create({ inherited: 1 }), Math, { [Symbol("s")]: 1 }])
    assert.match(refusalOf(value), /without fields of its own/);
  for (const link of [PROCESS, THREAD])
    for (const Class of [Map, Set, Date, Uint8Array, ArrayBuffer, URL, Blob, Promise])
      assert.match(refusalOf(Object.create(Class.prototype), link), /cannot cross/, Class.name);
});

test("getters run once, and what they return is looked at", () => {
  let runs = 0;
  const sent = {
    get url() {
      runs++;
      return new URL("http://host/");
    },
  };
  assert.ok(cross(sent).url instanceof URL);
  assert.equal(runs, 1);
  const thrown = new RangeError("trapped");
  const trap = {
    get x(): never {
      throw thrown;
    },
  };
  assert.throws(
    () => cross([trap]),
    (error) => error === thrown,
  );
});

test("an error with a method of its own can be shown where it arrives", () => {
  const error = Object.assign(new TypeError("odd"), { toString: () => "own", code: "E_ODD" });
  const got = cross(error);
  assert.equal(String(got), "TypeError: odd");
  assert.equal(got.code, "E_ODD");
});

test("lists keep their holes and further fields, objects a key __proto__", () => {
  const sparse: unknown[] & { url?: URL } = [];
  // Bun's own clone walks through every hole: 2 ** 32 of them take it minutes.
  sparse[2 ** 20] = 1;
  sparse.url = new URL("http://host/");
  const got = cross(sparse);
  assert.equal(got.length, sparse.length);
  assert.deepEqual(Object.keys(got), Object.keys(sparse));
  const keyed = cross({
    ...JSON.parse('{"__proto__":{"polluted":1}}'),
    url: new URL("http://host/"),
  });
  assert.equal((keyed as { polluted?: number }).polluted, undefined);
  assert.deepEqual(Object.keys(keyed), ["__proto__", "url"]);
});

test("what is nested a thousand levels deep stays so", () => {
  let deep: unknown = new URL("http://host/");
  for (let depth = 0; depth < 999; depth++) deep = { deep };
  let got = cross(deep) as { deep?: unknown };
  for (let depth = 0; depth < 999; depth++) got = got.deep as { deep?: unknown };
  assert.ok(got instanceof URL);
});

test("what is nested more deeply is refused, whatever way leads there", () => {
  const url = new URL("http://host/");
  let [deep, list, maps]: unknown[] = [url, url, url];
  for (let depth = 0; depth < 100_000; depth++) {
    deep = { deep };
    list = [list];
    maps = new Map([[1, maps]]);
  }
  // Each is reached from the list at once, and by the long way before.
  const linked: { next?: object; url: URL }[] = Array.from({ length: 5000 }, () => ({ url }));
  for (const [at, node] of linked.entries())
    if (linked[at + 1]) node.next = linked[at + 1] as object;
  for (const value of [deep, list, { list }, linked]) {
    assert.equal(
      asTold(() => refusalOf(value)),
      "[0] is nested more than 1000 levels deep, which cannot cross to a process",
    );
  }
  assert.ok(asTold(() => cross(maps)) instanceof Map, "maps are not written one within the other");
  linked.reverse();
  assert.equal(cross(linked).length, 5000, "the other way round, nobody recurses");
});

test("data is the same after packing", () => {
  const data = {
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  };
  fc.assert(
    fc.property(fc.anything(data), (value) => {
      assert.deepEqual(cross([value, new URL("http://host/")])[0], structuredClone(value));
    }),
  );
});

test("what cannot cross is refused by its path, also where a program has frozen what all share", () => {
  const own = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit");
  if (own !== undefined)
    Object.defineProperty(Error, "stackTraceLimit", { ...own, writable: false });
  try {
    assert.equal(refusalOf({ run() {} }), "[0].run is a function, which cannot cross to a process");
  } finally {
    if (own !== undefined) Object.defineProperty(Error, "stackTraceLimit", own);
  }
});

test("a long list with few elements arrives with all its places, and holds nobody up", () => {
  const list: unknown[] = [];
  list[2 ** 32 - 2] = new URL("http://host/");
  Object.assign(list, { 5: list, index: 3 });
  const got = cross({ list }).list as typeof list & { index?: number };
  assert.equal(got.length, 2 ** 32 - 1);
  assert.deepEqual(Object.keys(got), ["5", "4294967294", "index"]);
  assert.ok(got[2 ** 32 - 2] instanceof URL && got[5] === got && got.index === 3);
  assert.match(
    refusalOf(Object.assign([], { 7: () => {}, length: 2 ** 20 })),
    /^\[0\]\[7\] is a function/,
  );
});

test("values are put together whose parts are more than a call can have arguments", () => {
  const count = 200_000;
  const packer = new Packer(PROCESS);
  const values = [Array.from({ length: count }, () => new URL("http://host/"))];
  const list = asTold(() =>
    packer.pack(values, () => {
      throw new Error("refused");
    }),
  );
  assert.equal(packer.parts?.parts.length, count);
  const [together, parts] = putIn(
    ["before", undefined],
    new Map([[1, { list, parts: packer.parts }]]),
  );
  if (parts !== undefined) unpack(parts);
  const got = together[1] as unknown[];
  assert.ok(together[0] === "before" && got.length === count);
  assert.ok(got.every((each) => each instanceof URL));
});
