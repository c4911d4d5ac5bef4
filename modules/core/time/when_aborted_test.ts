// Tests of following signals: who is told, in which order, and that one listener is enough for many.

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { whenAborted } from "./when_aborted.ts";

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

test("all that follow a signal are told its reason once, in the order in which they came", () => {
  const controller = new AbortController();
  const { signal } = controller;
  const told: unknown[] = [];
  for (const name of ["a", "b", "c"]) whenAborted(signal, (reason) => told.push(name, reason));
  controller.abort(7);
  assert.equal(told.join(), "a,7,b,7,c,7");
  whenAborted(signal, (reason) => told.push("late", reason));
  assert.equal(told.slice(6).join(), "late,7");
  assert.equal(listenersOf(signal), 0);
});

test("who has stopped is not told, not even where another one who is told stops it", () => {
  const controller = new AbortController();
  const told: string[] = [];
  const stops: Record<string, () => void> = {};
  const follow = (name: string, act = () => {}) => {
    stops[name] = whenAborted(controller.signal, () => {
      told.push(name);
      act();
    });
  };
  follow("first");
  follow("second", () => {
    stops.third?.();
    stops.second?.();
  });
  follow("third");
  follow("fourth");
  stops.first?.();
  stops.first?.();
  controller.abort();
  assert.deepEqual(told, ["second", "fourth"]);
});

test("the same function may follow twice, and each stop is for one of them", () => {
  const controller = new AbortController();
  let told = 0;
  const act = () => told++;
  const stop = whenAborted(controller.signal, act);
  whenAborted(controller.signal, act);
  stop();
  stop();
  controller.abort();
  assert.equal(told, 1);
});

test("the platform is asked to listen once for many, and no more when the last has stopped", () => {
  const { signal } = new AbortController();
  const stops = Array.from({ length: 100 }, () => whenAborted(signal, () => {}));
  assert.equal(listenersOf(signal), 1);
  for (const stop of stops) stop();
  assert.equal(listenersOf(signal), 0);
  const stop = whenAborted(signal, () => {});
  assert.equal(listenersOf(signal), 1);
  stop();
});
