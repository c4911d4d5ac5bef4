// Tests of Changes: what a reader has yet to be told, however much happened.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Future } from "@concurrent/futures";
import { Changes } from "./changes.ts";
import type { Job } from "./job_board.ts";

test("a job that changed often is told once, oldest change first", () => {
  const changes = new Changes();
  const [a, b] = [job("a"), job("b")];
  for (const changed of [a, b, a, a]) changes.changed(changed);
  assert.deepEqual(changes.take(10), { jobs: [a, b], forgotten: [] });
  assert.equal(changes.empty, true);
});

test("take() leaves what is over the limit for the next time", () => {
  const changes = new Changes();
  const jobs = ["a", "b", "c"].map(job);
  for (const changed of jobs) changes.changed(changed);
  assert.deepEqual(changes.take(2).jobs, jobs.slice(0, 2));
  assert.deepEqual(changes.take(2).jobs, jobs.slice(2));
});

test("a job that was forgotten before it was told is only forgotten", () => {
  const changes = new Changes();
  changes.changed(job("a"));
  changes.forgotten("a");
  assert.deepEqual(changes.take(10), { jobs: [], forgotten: ["a"] });
});

test("too many departures make one new start", () => {
  const changes = new Changes();
  for (let i = 0; i < 100_000; i++) changes.forgotten(String(i));
  assert.equal(changes.missed, true);
  assert.ok(changes.take(10).forgotten.length <= 1000);
  changes.clear();
  assert.deepEqual([changes.missed, changes.empty], [false, true]);
});

test("wait() wakes for a change, and ends with the reader", async () => {
  const changes = new Changes();
  const woken = changes.wait(60_000);
  changes.changed(job("a"));
  assert.equal(await woken, true);
  changes.clear();
  const ended = changes.wait(60_000);
  changes.end();
  assert.equal(await ended, false);
  assert.equal(await changes.pause(60_000), false);
});

function job(id: string): Job {
  const future = new Future<unknown>();
  return {
    id,
    number: 1,
    kind: "primes",
    executor: "loop",
    parameters: {},
    options: {},
    upload: undefined,
    future,
  };
}
