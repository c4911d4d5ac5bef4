// Brands: what is said of a value is true whatever it pretends to be, and nothing of the user's runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  arrayBytes,
  bufferBytes,
  bufferOf,
  isArray,
  isArrayBuffer,
  isDetached,
  isMap,
  isOrdinary,
  isSet,
  isSharedArrayBuffer,
  isView,
  typedArrayName,
} from "./brand.ts";

const ASKED = { typedArrayName, isView, isArray, isArrayBuffer, isSharedArrayBuffer, isMap, isSet };

function trap(): never {
  throw new Error("code of the user ran");
}

/** A proxy all of whose traps throw. */
function mine(target: object): object {
  return new Proxy(target, new Proxy({}, { get: () => trap }) as ProxyHandler<object>);
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

/** An object that says everything of itself by getters, and all of them throw. */
function liar(prototype: object): object {
  return Object.create(
    prototype,
    Object.fromEntries(
      [
        ...["byteLength", "buffer", "length", "size", "constructor", "detached", "resizable"],
        ...[Symbol.toStringTag, Symbol.iterator, "then"],
      ].map((key) => [key, { get: trap }]),
    ),
  );
}

test("nothing that only looks like one is taken for one, and none of its code runs", () => {
  for (const of of [new Uint8Array(4), new ArrayBuffer(4), new Map(), new Set(), []]) {
    const prototype = Object.getPrototypeOf(of);
    for (const value of [mine(of), revoked(of), Object.create(prototype), liar(prototype)]) {
      for (const [name, ask] of Object.entries(ASKED)) {
        // A proxy of an array that was not revoked is an array, as the language says.
        const expected = name === "isArray" && Array.isArray(of) && isArray(value);
        assert.equal(ask(value) || undefined, expected || undefined, name);
      }
    }
    assert.equal(isArray(revoked(of)), false);
  }
  for (const primitive of [undefined, null, 1, "text", true, 1n, Symbol.iterator])
    for (const ask of Object.values(ASKED)) assert.ok(!ask(primitive));
});

test("what pretends to be something else is known all the same", () => {
  const array = Object.setPrototypeOf(new Uint8Array(6), Float64Array.prototype);
  assert.equal(typedArrayName(array), "Uint8Array");
  assert.equal(arrayBytes(array), 6);
  const bare = Object.setPrototypeOf(new Int16Array(3), null);
  for (const key of ["byteLength", "buffer", "length", Symbol.toStringTag])
    Object.defineProperty(bare, key, { get: trap });
  assert.equal(typedArrayName(bare), "Int16Array");
  assert.equal(arrayBytes(bare), 6);
  assert.equal(bufferBytes(bufferOf(bare)), 6);
  const buffer = Object.setPrototypeOf(new ArrayBuffer(5), Map.prototype);
  Object.defineProperty(buffer, "byteLength", { get: trap });
  assert.deepEqual([isArrayBuffer(buffer), isMap(buffer), bufferBytes(buffer)], [true, false, 5]);
  const view = Object.setPrototypeOf(new DataView(new ArrayBuffer(7)), Uint8Array.prototype);
  assert.deepEqual(
    [isView(view), typedArrayName(view), bufferBytes(bufferOf(view))],
    [true, undefined, 7],
  );
  assert.equal(isMap(Object.setPrototypeOf(new Map(), null)), true);
  assert.equal(isSet(Object.setPrototypeOf(new Set(), Array.prototype)), true);
  assert.equal(isArray(Object.setPrototypeOf([], null)), true);
  const shared = new SharedArrayBuffer(4);
  assert.deepEqual([isSharedArrayBuffer(shared), isArrayBuffer(shared)], [true, false]);
});

test("a buffer that was moved, or may change its size, is told from others", () => {
  const buffer = new ArrayBuffer(8);
  const array = new Uint8Array(buffer);
  assert.deepEqual([isDetached(buffer), isOrdinary(buffer)], [false, true]);
  structuredClone(null, { transfer: [buffer] });
  assert.deepEqual([isDetached(buffer), bufferBytes(buffer), arrayBytes(array)], [true, 0, 0]);
  const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
  assert.equal(isOrdinary(resizable), false);
  const fixed = new Uint8Array(resizable, 4, 4);
  resizable.resize(6);
  assert.equal(arrayBytes(fixed), 0, "it lies outside");
});

test("prototypes that are changed later change nothing", () => {
  const { call } = Function.prototype;
  const own = Object.getOwnPropertyDescriptor(
    ArrayBuffer.prototype,
    "byteLength",
  ) as PropertyDescriptor;
  try {
    Function.prototype.call = trap;
    Object.defineProperty(ArrayBuffer.prototype, "byteLength", { get: trap, configurable: true });
    assert.equal(bufferBytes(new ArrayBuffer(3)), 3);
  } finally {
    Function.prototype.call = call;
    Object.defineProperty(ArrayBuffer.prototype, "byteLength", own);
  }
});
