// The doorbell: whoever sleeps is called once, and nothing written before that is missed.

import assert from "node:assert/strict";
import { test } from "node:test";
import { hostMemory, SHARED_BYTES, workerMemory } from "./shared_memory.ts";

function bothSides() {
  const words = new Int32Array(new SharedArrayBuffer(SHARED_BYTES));
  const [host, worker] = [hostMemory({ words }), workerMemory({ words })];
  assert.ok(host !== undefined && worker !== undefined);
  return { host, worker };
}

test("a side that sleeps is rung once until it has looked", () => {
  const { host, worker } = bothSides();
  assert.equal(host.other.ring(), true, "a worker sleeps at first");
  assert.equal(host.other.ring(), false, "it has been told");
  worker.own.wake();
  assert.equal(host.other.isAwake, true);
  assert.equal(host.other.ring(), false, "it looks by itself");
  worker.own.sleep();
  assert.equal(host.other.isAwake, false);
  assert.equal(host.other.ring(), true);
});

test("the two directions do not touch each other", () => {
  const { host, worker } = bothSides();
  for (let n = 0; n < 1000; n++) {
    host.calls.putValue(n, 0);
    worker.outcomes.putValue(n + 1, 0);
    host.claims.offer(n);
  }
  for (const ring of [host.calls, worker.outcomes]) {
    ring.commit();
    ring.publish();
  }
  for (let n = 0; n < 1000; n++) {
    assert.equal(worker.calls.takeValue(), n);
    assert.equal(host.outcomes.takeValue(), n + 1);
    assert.equal(worker.claims.begin(n), true);
  }
});

test("memory of another size is refused", () => {
  assert.throws(() => hostMemory({ words: new Int32Array(16) }), RangeError);
  assert.throws(() => workerMemory({ words: new Int32Array(16) }), RangeError);
});
