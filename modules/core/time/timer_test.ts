// Tests of the timer: when it calls, when it does not, and whether a program goes on for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { VirtualClock } from "../../proofs/model/virtual_clock.ts";
import { Timer } from "./timer.ts";

/** Sets a timer, and tells what the runtime was asked for. */
function askedOf(timer: Timer, ms: number): { delay: number; isHeld: boolean } | undefined {
  const { setTimeout } = globalThis;
  let asked: { delay: number; isHeld: boolean } | undefined;
  globalThis.setTimeout = ((_: () => void, delay: number) => {
    asked = { delay, isHeld: true };
    return {
      unref() {
        asked = { delay, isHeld: false };
      },
    };
  }) as unknown as typeof setTimeout;
  try {
    timer.set(ms, () => {});
  } finally {
    globalThis.setTimeout = setTimeout;
  }
  return asked;
}

test("set() calls once, what it was given last", () => {
  using clock = new VirtualClock().install();
  const timer = new Timer();
  const calls: string[] = [];
  timer.set(5, () => calls.push("first"));
  timer.set(10, () => calls.push(timer.isSet ? "still set" : "second"));
  assert.equal(timer.isSet, true);
  while (clock.advance());
  assert.deepEqual(calls, ["second"]);
  timer.set(1, () => calls.push("third"));
  while (clock.advance());
  assert.deepEqual(calls, ["second", "third"]);
});

test("clear() and disposal leave nothing to come", () => {
  using clock = new VirtualClock().install();
  const cleared = new Timer();
  cleared.set(5, () => assert.fail("it was cleared"));
  cleared.clear();
  {
    using disposed = new Timer();
    disposed.set(5, () => assert.fail("it was disposed of"));
  }
  assert.equal(cleared.isSet, false);
  assert.equal(clock.advance(), false);
});

test("set() takes any number of milliseconds: Infinity is never, and none is too long", () => {
  const timer = new Timer();
  assert.equal(askedOf(timer, Number.POSITIVE_INFINITY), undefined);
  assert.equal(timer.isSet, false);
  // A longer delay would fire at once.
  assert.equal(askedOf(timer, Number.MAX_VALUE)?.delay, 2 ** 31 - 1);
  assert.equal(askedOf(timer, 12.5)?.delay, 12.5);
});

test("a program goes on for a timer only if that was said", () => {
  assert.equal(askedOf(new Timer(), 1)?.isHeld, false);
  assert.equal(askedOf(new Timer({ holds: true }), 1)?.isHeld, true);
});
