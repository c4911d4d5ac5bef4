// Transfer lists: all of one can be moved, or nothing is.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Transferred } from "../task.ts";
import {
  assertMovable,
  isCarried,
  isCopiedSooner,
  mostCopied,
  readTransferList,
  sendMoving,
  takeAway,
  takeRest,
} from "./transfer.ts";

const REFUSED = { name: "DataCloneError" };
const WHAT = 'Cannot send task "load"';

function detached(): ArrayBuffer {
  const buffer = new ArrayBuffer(4);
  structuredClone(null, { transfer: [buffer] });
  return buffer;
}

function ofWebAssembly(): ArrayBuffer {
  return new WebAssembly.Memory({ initial: 1 }).buffer as ArrayBuffer;
}

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

test("readTransferList() refuses what nobody can move, and names its place", () => {
  const buffer = new ArrayBuffer(4);
  const never: [unknown, RegExp][] = [
    ["text", /item 1 of its transfer list is a string$/],
    [7, /is a number$/],
    [undefined, /is undefined$/],
    [null, /is null$/],
    [Symbol.iterator, /is a symbol$/],
    [() => 1, /is a function$/],
    [new Uint8Array(4), /is a view; list its buffer$/],
    [new DataView(new ArrayBuffer(4)), /is a view/],
    [buffer, /is in it twice$/],
    [detached(), /was moved before$/],
  ];
  for (const [item, message] of never) {
    for (const movesBuffersOnly of [false, true])
      assert.throws(() => readTransferList([buffer, item], WHAT, movesBuffersOnly), {
        ...REFUSED,
        message,
      });
  }
  assert.equal(buffer.byteLength, 4);
});

test("readTransferList() takes nothing but buffers for a process, and leaves the rest to a thread's platform", () => {
  const { port1, port2 } = new MessageChannel();
  const others = [port1, new ReadableStream(), {}, Object.create(ArrayBuffer.prototype)];
  for (const other of [...others, new SharedArrayBuffer(4)]) {
    assert.deepEqual(readTransferList([other], WHAT, false).length, 1);
    assert.throws(() => readTransferList([other], WHAT, true), REFUSED);
  }
  // For a thread it is refused here where the runtime tells a proxy, else by the platform.
  for (const proxy of [new Proxy(new ArrayBuffer(4), {}), revoked({})])
    assert.throws(() => readTransferList([proxy], WHAT, true), REFUSED);
  port1.close();
  port2.close();
});

test("readTransferList() reads a list once, and refuses what is none", () => {
  for (const none of ["text", 1, {}, new Set(), (function* () {})(), revoked([]), { length: 0 }])
    assert.throws(() => readTransferList(none, WHAT, false), REFUSED);
  assert.deepEqual([...readTransferList(undefined, WHAT, false)], []);
  const list = Object.assign([new ArrayBuffer(1)], {
    [Symbol.iterator](): never {
      throw new RangeError("its own");
    },
  });
  assert.throws(() => readTransferList(list, WHAT, false), { message: "its own" });
  const given = [new ArrayBuffer(1)];
  const read = readTransferList(given, WHAT, false);
  given.push(new ArrayBuffer(1));
  assert.equal(read.length, 1);
});

test("assertMovable() finds who may not be moved, and moves nobody", () => {
  const plain = [1, 100, 65_536].map((length) => new ArrayBuffer(length));
  const resizable = new ArrayBuffer(8, { maxByteLength: 16 });
  assertMovable([...plain, resizable]);
  for (const bad of [ofWebAssembly(), detached()])
    assert.throws(() => assertMovable([...plain, bad, resizable]), REFUSED);
  assert.deepEqual(
    [...plain, resizable].map(({ byteLength }) => byteLength),
    [1, 100, 65_536, 8],
  );
});

test("takeAway() takes all or nothing", () => {
  const buffers = [new ArrayBuffer(4), new ArrayBuffer(65_536)];
  assert.throws(() => takeAway([...buffers, ofWebAssembly()]), REFUSED);
  assert.throws(() => takeAway([ofWebAssembly()]), REFUSED);
  assert.throws(() => takeAway([...buffers, detached()]), REFUSED);
  assert.deepEqual(
    buffers.map(({ byteLength }) => byteLength),
    [4, 65_536],
  );
  takeAway(buffers);
  assert.deepEqual(
    buffers.map(({ byteLength }) => byteLength),
    [0, 0],
  );
});

test("takeRest() takes what is there, and never throws", () => {
  const buffer = new ArrayBuffer(4);
  takeRest([detached(), ofWebAssembly(), buffer]);
  assert.equal(buffer.byteLength, 0);
});

test("sendMoving() leaves all buffers where they are if the platform refuses, and says why in one way", () => {
  const { port1, port2 } = new MessageChannel();
  const send = (list: Transferred[]) => port1.postMessage(null, list as never);
  const closed = new MessageChannel().port1;
  closed.close();
  const lists: Transferred[][] = [
    ...[{}, closed, new SharedArrayBuffer(4), Object.create(ArrayBuffer.prototype)].map((other) => [
      other as Transferred,
    ]),
    [ofWebAssembly()],
  ];
  for (const list of lists) {
    const buffer = new ArrayBuffer(4);
    assert.throws(() => sendMoving([buffer, ...list], send), REFUSED);
    assert.equal(buffer.byteLength, 4);
  }
  const buffer = new ArrayBuffer(4);
  const channel = new MessageChannel();
  sendMoving([buffer, channel.port1], send);
  assert.equal(buffer.byteLength, 0);
  for (const port of [port1, port2, channel.port2]) port.close();
});

test("isCarried() is true of what is moved, and of what needs no look", () => {
  const bytes = new Uint8Array(4);
  for (const value of [
    1,
    "text",
    null,
    undefined,
    1n,
    bytes,
    bytes.buffer,
    new DataView(bytes.buffer),
  ])
    assert.equal(isCarried(value, [bytes.buffer]), true);
  for (const value of [{}, [bytes], new Uint8Array(4), new ArrayBuffer(4), () => 1, Symbol()])
    assert.equal(isCarried(value, [bytes.buffer]), false);
});

test("isCopiedSooner() is true of few bytes that are the values' own", () => {
  const bytes = new Uint8Array(100);
  assert.equal(isCopiedSooner([bytes], [bytes.buffer], 100), true);
  assert.equal(isCopiedSooner([bytes.buffer], [bytes.buffer], 100), true);
  assert.equal(isCopiedSooner([bytes], [], 0), true);
  assert.equal(isCopiedSooner([bytes], [bytes.buffer], 99), false, "they are too many");
  assert.equal(isCopiedSooner([{ bytes }], [bytes.buffer], 100), false, "they lie deeper");
  assert.equal(isCopiedSooner([1], [new ArrayBuffer(1)], 100), false, "nobody is sent them");
  const { port1, port2 } = new MessageChannel();
  assert.equal(isCopiedSooner([port1], [port1 as unknown as Transferred], 100), false);
  port1.close();
  port2.close();
});

test("isCopiedSooner() is not deceived by what a value says of itself", () => {
  const bytes = Object.setPrototypeOf(new Uint8Array(100), null);
  const other = new ArrayBuffer(1);
  Object.defineProperty(bytes, "buffer", { get: () => other });
  assert.equal(isCopiedSooner([bytes], [other], 100), false);
});

test("between processes all is copied, between threads what is small", () => {
  assert.equal(mostCopied(false), Number.POSITIVE_INFINITY);
  assert.ok(mostCopied(true) < 2 ** 20 && mostCopied(undefined) === mostCopied(true));
});
