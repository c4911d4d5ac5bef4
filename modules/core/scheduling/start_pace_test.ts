// StartPace: pauses, and when they end.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../proofs/model/virtual_clock.ts";
import { StartPace } from "./start_pace.ts";

function paced() {
  let resumed = 0;
  const pace = new StartPace(() => resumed++);
  return { pace, resumed: () => resumed };
}

test("after a failure one worker is started at a time, once a pause is over", () => {
  using clock = new VirtualClock().install();
  const { pace, resumed } = paced();
  assert.equal(pace.limit(0), Number.POSITIVE_INFINITY);
  assert.equal(pace.fail(0), true);
  assert.equal(pace.isPausing, true);
  clock.advance();
  assert.deepEqual([resumed(), pace.isPausing], [1, false]);
  assert.deepEqual([pace.limit(0), pace.limit(1)], [1, 0]);
  pace.allReady();
  assert.equal(pace.limit(1), Number.POSITIVE_INFINITY);
});

test("the fifth failure in a row is one too many; work done starts the count anew", () => {
  using _ = new VirtualClock().install();
  const { pace } = paced();
  for (let count = 0; count < 4; count++) assert.equal(pace.fail(7), true);
  for (let count = 0; count < 4; count++) assert.equal(pace.fail(8), true);
  assert.equal(pace.fail(8), false);
});

test("the longer of two pauses counts, and only one ends", () => {
  using clock = new VirtualClock().install();
  const { pace, resumed } = paced();
  pace.started(30, true);
  pace.fail(0);
  pace.started(30, true);
  const before = performance.now();
  while (clock.advance());
  assert.equal(resumed(), 1);
  assert.ok(performance.now() - before > 49, "the pause for a failure");
});

test("a start that took no time is followed by no pause", () => {
  const { pace } = paced();
  pace.started(4, true);
  assert.equal(pace.isPausing, false);
});

test("a start that held the host up is followed by a pause of half of that, or by a turn where a worker is ready", () => {
  using clock = new VirtualClock().install();
  const { pace } = paced();
  for (const [isFirst, ms] of [
    [true, 15],
    [false, 1],
  ] as const) {
    const before = performance.now();
    pace.started(30, isFirst);
    while (clock.advance());
    const waited = performance.now() - before;
    assert.ok(Math.abs(waited - ms) < 0.5, `${waited} ms`);
  }
});
