// Tests of what a comparison says of its runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Comparison } from "../../../../modules/dashboard/contract.ts";
import { type Side, speedUpsOf, spreadOf, verdictOf } from "./compared.ts";

function side(executor: string, one: number[], all: number[]): Side {
  return {
    executor,
    state: "done",
    workers: 4,
    workersNow: 4,
    batch: null,
    done: 0,
    failed: 0,
    points: [
      { workers: 1, times: one },
      { workers: 4, times: all },
    ],
    wallMs: null,
    oneWorkerMs: null,
    speedUp: null,
    wait: null,
    run: null,
  };
}

function compared(...sides: Side[]): Comparison {
  const repeats = sides[0]?.points[0]?.times.length ?? 0;
  return { id: "", kind: "echo", count: 1, repeats, state: "done", error: null, sides };
}

test("spreadOf() gives the least, the middle and the most; the middle of two is between them", () => {
  assert.deepEqual(spreadOf([30, 10, 20]), { min: 10, median: 20, max: 30 });
  assert.deepEqual(spreadOf([10, 20]), { min: 10, median: 15, max: 20 });
  assert.equal(spreadOf([]), undefined);
});

test("verdictOf() calls nothing faster whose runs overlap", () => {
  const slow = side("slow", [90, 95, 99], [40, 44, 48]);
  const fast = side("fast", [80, 85, 88], [10, 11, 20]);
  assert.equal(
    verdictOf(compared(slow, fast)),
    "fast is 4.00 times as fast as slow: none of their runs overlap.",
  );
  const near = side("near", [90, 95, 99], [19, 30, 35]);
  assert.match(String(verdictOf(compared(near, fast))), /not told apart/);
  assert.match(
    String(verdictOf(compared(side("a", [9], [4]), side("b", [9], [8])))),
    /^a was 2\.00 times as fast as b\. One run each tells no spread\.$/,
  );
  assert.equal(verdictOf({ ...compared(slow, fast), state: "running" }), undefined);
});

test("speedUpsOf() holds the middle runs against those with one worker", () => {
  assert.deepEqual(speedUpsOf(side("x", [80, 100, 90], [30, 45, 60])), [
    { workers: 1, times: 1 },
    { workers: 4, times: 2 },
  ]);
});
