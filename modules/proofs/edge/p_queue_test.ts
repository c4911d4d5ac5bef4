// What people of p-queue rely on, in our words, over the adapter of p_queue.ts.
//
// How many of its own tests pass over that adapter, and why the others do not: docs/from/p-queue.md.

import assert from "node:assert/strict";
import { test } from "node:test";
import { PQueue } from "./p_queue.ts";

/** A job that ends when it is told to. */
function held(log: string[], name: string) {
  const { promise, resolve } = Promise.withResolvers<string>();
  const job = () => {
    log.push(name);
    return promise;
  };
  return { job, end: () => resolve(name) };
}

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

test("jobs run so many at once, and give their results to whoever added them", async () => {
  const queue = new PQueue({ concurrency: 2 });
  const log: string[] = [];
  const jobs = ["a", "b", "c"].map((name) => held(log, name));
  const added = jobs.map(({ job }) => queue.add(job));
  assert.deepEqual([queue.pending, queue.size], [2, 1]);
  await turn();
  assert.deepEqual(log, ["a", "b"]);
  jobs[1]?.end();
  assert.equal(await added[1], "b");
  await turn();
  assert.deepEqual(log, ["a", "b", "c"]);
  for (const { end } of jobs) end();
  assert.deepEqual(await Promise.all(added), ["a", "b", "c"]);
  assert.deepEqual([queue.pending, queue.size], [0, 0]);
});

test("a job that throws, or rejects, rejects its own promise, and the next one runs", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const thrown = queue.add(() => {
    throw new RangeError("thrown");
  });
  const rejected = queue.add(() => Promise.reject(new RangeError("rejected")));
  const last = queue.add(() => "last");
  await assert.rejects(thrown, /thrown/);
  await assert.rejects(rejected, /rejected/);
  assert.equal(await last, "last");
  assert.deepEqual(await queue.addAll([() => 1, async () => 2]), [1, 2]);
});

test("the first job has begun, of the rest a higher priority comes first", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const log: number[] = [];
  const priorities = [1, 0, 1, undefined, 2, -1];
  for (const [n, priority] of priorities.entries())
    void queue.add(() => void log.push(n), { priority });
  await queue.onIdle();
  assert.deepEqual(log, [0, 4, 2, 1, 3, 5]);
});

test("setPriority() moves a job that waits, either way, and refuses what is not there", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const log: string[] = [];
  for (const id of ["a", "b", "c", "d"]) void queue.add(() => void log.push(id), { id });
  queue.setPriority("d", 1);
  queue.setPriority("b", -1);
  assert.throws(() => queue.setPriority("a", 1), /no job "a" waits/);
  assert.throws(() => queue.setPriority("x", 1), ReferenceError);
  await queue.onIdle();
  assert.deepEqual(log, ["a", "d", "c", "b"]);
});

test("a queue that is paused, or not started, begins nothing; start() goes on", async () => {
  const queue = new PQueue({ concurrency: 2, autoStart: false });
  const log: number[] = [];
  for (const n of [1, 2, 3]) void queue.add(() => void log.push(n));
  await turn();
  assert.deepEqual([log, queue.isPaused, queue.size, queue.pending], [[], true, 3, 0]);
  assert.equal(queue.start(), queue);
  await queue.onIdle();
  assert.deepEqual(log, [1, 2, 3]);
  const running = held([], "running");
  const added = queue.add(running.job);
  await turn();
  queue.pause();
  const next = queue.add(() => "next");
  running.end();
  assert.equal(await added, "running");
  await queue.onPendingZero();
  assert.equal(queue.size, 1);
  queue.start();
  assert.equal(await next, "next");
});

test("onSizeLessThan(), onEmpty() and onIdle() resolve when it is so, also when that is now", async () => {
  const queue = new PQueue({ concurrency: 1 });
  await Promise.all([queue.onIdle(), queue.onEmpty(), queue.onPendingZero()]);
  const log: string[] = [];
  const jobs = ["a", "b", "c"].map((name) => held(log, name));
  for (const { job } of jobs) void queue.add(job);
  const events: string[] = [];
  const waits = {
    fewer: queue.onSizeLessThan(2),
    empty: queue.onEmpty(),
    idle: queue.onIdle(),
  };
  for (const [name, wait] of Object.entries(waits)) void wait.then(() => events.push(name));
  for (const { end } of jobs) {
    await turn();
    events.push("one ends");
    end();
  }
  await waits.idle;
  await turn();
  assert.deepEqual(events, ["one ends", "fewer", "one ends", "empty", "one ends", "idle"]);
});

test("clear() drops what waits, and whoever waits for the end is told", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const first = held([], "first");
  const added = queue.add(first.job);
  let isTold = false;
  void queue
    .add(() => "dropped")
    .then(() => {
      isTold = true;
    });
  queue.clear();
  assert.deepEqual([queue.pending, queue.size], [1, 0]);
  first.end();
  assert.equal(await added, "first");
  await queue.onIdle();
  assert.equal(isTold, false);
});

test("concurrency can be changed on the way", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const log: string[] = [];
  const jobs = ["a", "b", "c"].map((name) => held(log, name));
  for (const { job } of jobs) void queue.add(job);
  queue.concurrency = 3;
  await turn();
  assert.deepEqual(log, ["a", "b", "c"]);
  for (const { end } of jobs) end();
  await queue.onIdle();
});

test("a job whose signal aborts is dropped with its reason, in the queue and before", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const first = held([], "first");
  const added = queue.add(first.job);
  const [one, gone] = [new AbortController(), AbortSignal.abort(new Error("before"))];
  let seen: AbortSignal | undefined;
  const waiting = queue.add(() => "never", { signal: one.signal });
  one.abort(new Error("no more"));
  await assert.rejects(waiting, /no more/);
  await assert.rejects(
    queue.add(() => "never", { signal: gone }),
    /before/,
  );
  first.end();
  await added;
  const { signal } = new AbortController();
  await queue.add(
    (context) => {
      seen = context.signal;
    },
    { signal },
  );
  assert.equal(seen, signal);
});

test("a job that takes too long rejects with TimeoutError; its own limit comes first", async () => {
  const queue = new PQueue({ concurrency: 1, timeout: 10 });
  await assert.rejects(
    queue.add(() => new Promise(() => {})),
    { name: "TimeoutError" },
  );
  assert.equal(await queue.add(async () => "in time"), "in time");
  const slow = queue.add(() => new Promise((resolve) => setTimeout(resolve, 20, "slow")), {
    timeout: 60_000,
  });
  assert.equal(await slow, "slow");
});

test("no more jobs begin in any interval than a burst and the even rate allow", async () => {
  const [intervalCap, interval] = [4, 60];
  for (const strict of [false, true]) {
    const queue = new PQueue({ intervalCap, interval, strict });
    const at: number[] = [];
    const jobs = Array.from({ length: 9 }, () => () => void at.push(performance.now()));
    await queue.addAll(jobs);
    const burst = strict ? 1 : intervalCap;
    for (let last = burst; last < at.length; last++) {
      const least = ((last - burst + 1) * interval) / intervalCap;
      const took = (at[last] as number) - (at[0] as number);
      assert.ok(took >= least - 1, `${last} in ${took} ms, not ${least}`);
    }
  }
});

test("what is aborted before its turn takes nothing of the rate", async () => {
  const queue = new PQueue({ intervalCap: 1, interval: 60_000 });
  const abort = new AbortController();
  const aborted = queue.add(() => "never", { signal: abort.signal });
  abort.abort();
  await assert.rejects(aborted, { name: "AbortError" });
  assert.equal(await queue.add(() => "at once"), "at once");
});

test("the queue tells what happens, and what runs; onError() rejects with the first failure", async () => {
  const queue = new PQueue({ concurrency: 1 });
  const events: string[] = [];
  for (const name of ["add", "active", "completed", "error", "next", "empty", "idle"])
    queue.on(name, () => events.push(name));
  const first = held([], "first");
  const added = queue.add(first.job, { id: "one", priority: 2, timeout: 60_000 });
  const failed = queue.add(() => Promise.reject(new RangeError("second")));
  const firstFailure = queue.onError();
  await turn();
  assert.equal(queue.isSaturated, true);
  const [running, ...none] = queue.runningTasks;
  assert.deepEqual([running?.id, running?.priority, running?.timeout], ["one", 2, 60_000]);
  assert.ok((running?.timeoutRemaining ?? 0) > 0);
  assert.deepEqual(none, []);
  first.end();
  assert.equal(await added, "first");
  await assert.rejects(failed, /second/);
  await assert.rejects(firstFailure, /second/);
  await queue.onIdle();
  assert.deepEqual([queue.runningTasks, queue.isSaturated], [[], false]);
  assert.deepEqual(events, [
    ...["add", "add", "active", "completed", "next"],
    ...["active", "error", "next", "empty", "idle"],
  ]);
});
