// Claims: of the worker that begins a call and the host that takes it back, exactly one has it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { CELLS, Claims } from "./shared_memory.ts";

function bothSides(): { host: Claims; worker: Claims } {
  const memory = new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT);
  return { host: new Claims(new Int32Array(memory)), worker: new Claims(new Int32Array(memory)) };
}

test("begin() takes an offered call, and the host can take it back no more", () => {
  const { host, worker } = bothSides();
  host.offer(0);
  assert.equal(host.hasBegun(0), false);
  assert.equal(worker.begin(0), true);
  assert.equal(host.hasBegun(0), true);
  assert.equal(host.withdraw(0), false);
});

test("withdraw() takes an offered call back, and the worker can begin it no more", () => {
  const { host, worker } = bothSides();
  host.offer(0);
  assert.equal(host.withdraw(0), true);
  assert.equal(worker.begin(0), false);
  assert.equal(host.withdraw(0), false);
  assert.equal(host.hasBegun(0), false);
});

test("a cell serves again for the call that comes CELLS later", () => {
  const { host, worker } = bothSides();
  host.offer(3);
  assert.equal(worker.begin(3), true);
  host.offer(3 + CELLS);
  assert.equal(host.withdraw(3 + CELLS), true);
  assert.equal(worker.begin(3 + CELLS), false);
});

test("CELLS is a power of two: a mask finds the cell", () => {
  assert.equal(CELLS & (CELLS - 1), 0);
});
