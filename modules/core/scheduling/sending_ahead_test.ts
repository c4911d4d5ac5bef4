// SendingAhead: how many workers short calls are worth, awake and started, and what is learnt of one without a processor.

import assert from "node:assert/strict";
import { test } from "node:test";
import { importTasks, PoolExecutor } from "../../../mod.ts";
import { type ScriptedWorker, scripted } from "../../proofs/model/scripted_worker.ts";
import { VirtualClock } from "../../proofs/model/virtual_clock.ts";

const MAX_WORKERS = 8;
const SHORT_MS = 0.001;
/** So many calls show that a task is short. */
const KNOWN = 64;

const tasks = importTasks<{ echo(n: number): number }>("data:,");

/** A pool that has made calls of a task, each of them short, in as many workers. */
async function withShortTask(started: number) {
  const clock = new VirtualClock().install();
  const workers: ScriptedWorker[] = [];
  const executor = new PoolExecutor(scripted(workers), { maxWorkers: MAX_WORKERS });
  const submit = async (count: number) => {
    const futures = Array.from({ length: count }, (_, n) => executor.submit(tasks.echo, n));
    await clock.settle();
    return futures;
  };
  const first = await submit(started);
  for (const worker of workers) {
    worker.callMs = SHORT_MS;
    worker.handlers.onMessage({ kind: "ready" });
  }
  /** Has all calls made, by those workers that have any. */
  const makeAll = () => {
    for (let made = true; made; ) {
      made = false;
      for (const worker of workers) {
        if (worker.begin() === undefined) continue;
        worker.end();
        made = true;
      }
    }
  };
  makeAll();
  await Promise.all(first);
  for (let n = 0; n < KNOWN; n++) {
    const calls = await submit(1);
    makeAll();
    await Promise.all(calls);
  }
  assert.equal(workers.length, started);
  /** How many calls each worker was sent since. */
  const given = () => workers.map((worker) => worker.sent.length - worker.made);
  const finish = async (futures: PromiseLike<unknown>[]) => {
    makeAll();
    await Promise.all(futures);
    await executor.shutdown();
    clock[Symbol.dispose]();
  };
  /** Lets so much time pass that what waits behind a silent worker's call is taken back. */
  const stall = async () => {
    for (let timers = 0; timers < 5 && workers.length === started; timers++) {
      clock.advance();
      await clock.settle();
    }
  };
  return { workers, submit, given, finish, stall };
}

test("of short calls no worker is woken for less than waking it is worth", async () => {
  const { submit, given, finish } = await withShortTask(MAX_WORKERS);
  const futures = await submit(100);
  assert.deepEqual(given(), [100, 0, 0, 0, 0, 0, 0, 0]);
  await finish(futures);
});

test("no worker is started for short calls that those there are will have made before", async () => {
  const { workers, submit, finish } = await withShortTask(1);
  const futures = await submit(1000);
  assert.equal(workers.length, 1);
  await finish(futures);
});

test("one more is started for them when a call in front of others turns out long", async () => {
  const { workers, submit, finish, stall } = await withShortTask(1);
  const futures = await submit(1000);
  workers[0]?.begin();
  await stall();
  assert.notEqual(workers.length, 1);
  for (const worker of workers.slice(1)) worker.handlers.onMessage({ kind: "ready" });
  await finish(futures);
});

test("of a worker that has not begun its call it is not learnt that such calls are long", async () => {
  const { workers, submit, given, finish, stall } = await withShortTask(1);
  const futures = await submit(100);
  assert.deepEqual(given(), [100]);
  await stall();
  for (const worker of workers.slice(1)) worker.handlers.onMessage({ kind: "ready" });
  assert.deepEqual(given().slice(0, 2), [100, 99], "what stood behind is sent together again");
  await finish(futures);
});
