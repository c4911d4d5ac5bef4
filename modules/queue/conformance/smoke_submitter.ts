// The submitter of the nine pairs of runtimes: tries what a queue can do on whatever agent serves it, and says what it has tried.

import assert from "node:assert/strict";
import process from "node:process";
import { asCompleted, CancelledError, importTasks, TimeoutError, wait } from "../../../mod.ts";
import { QueueExecutor } from "../mod.ts";
import type { FaultSubmitter } from "./fault_submitter.ts";

const asked: FaultSubmitter = JSON.parse(process.argv[2] ?? "");
const { url, queue, file = "" } = asked;
const tasks = { faults: new URL("./fault_tasks.ts", import.meta.url) };
const faults = importTasks<typeof import("./fault_tasks.ts")>(tasks.faults);
const executor = new QueueExecutor({ connection: { url }, queue, tasks });

const TRIALS: Readonly<Record<string, () => Promise<void>>> = {
  async "a value"() {
    assert.equal(await executor.submit(faults.double, 21), 42);
  },
  async "values of many kinds"() {
    const value = {
      map: new Map([[1n, new Set([new Date(5), /a/g])]]),
      bytes: Float64Array.of(1.5, -0),
      list: [undefined, Number.NaN, "\ud800"],
    };
    const [got, error] = (await executor.submit(faults.same, [value, new RangeError("in it")])) as [
      typeof value,
      RangeError,
    ];
    assert.deepEqual(got, value);
    assert(error instanceof RangeError && error.message === "in it");
  },
  async "an error with its class, code and cause"() {
    const error = (await executor.submit(faults.fail, "text").exception()) as RangeError & {
      code: string;
    };
    assert(error instanceof RangeError && error.cause instanceof TypeError);
    assert.deepEqual([error.message, error.code], ["text", "E_FAIL"]);
  },
  async "a task that is not there"() {
    const { nothing } = faults as unknown as { nothing: typeof faults.double };
    assert.match(String(await executor.submit(nothing, 1).exception()), /nothing/);
  },
  async "map, in order and in chunks"() {
    const items = Array.from({ length: 100 }, (_, n) => n);
    const results = await Array.fromAsync(executor.map(faults.double, items, { chunkSize: 30 }));
    assert.deepEqual(
      results,
      items.map((n) => 2 * n),
    );
  },
  async "an element's failure is its own"() {
    const results = executor.map(faults.failOdd, [0, 1, 2], { entries: true, chunkSize: 3 });
    const states: string[] = [];
    for await (const { outcome } of results) states.push(outcome.status);
    assert.deepEqual(states, ["fulfilled", "rejected", "fulfilled"]);
  },
  async "wait and asCompleted"() {
    const futures = [40, 1].map((ms) => executor.submit(faults.nap, ms));
    const { done } = await wait(futures);
    assert.equal(done.size, 2);
    const order: number[] = [];
    for await (const future of asCompleted(futures)) order.push(await future);
    assert.deepEqual(order.sort(), [1, 40]);
  },
  async progress() {
    const future = executor.submit(faults.walk, 3);
    const fractions: number[] = [];
    future.onProgress(({ fraction }) => void fractions.push(fraction));
    assert.equal(await future, 3);
    assert.equal(fractions.at(-1), 1);
  },
  async "a timeout"() {
    const error = await executor.submit(faults.nap.with({ timeout: 50 }), 60_000).exception();
    assert(error instanceof TimeoutError);
  },
  async "an interrupt"() {
    const future = executor.submit(faults.nap, 60_000);
    await future.accepted;
    assert.equal(future.cancel(), false);
    assert(future.cancel({ interrupt: true }));
    await assert.rejects(future.result(), CancelledError);
  },
  async "a cancel in time, and a verdict of the queue"() {
    assert(executor.submit(faults.double, 1).cancel());
    const later = executor.schedule({ delay: 60_000 }, faults.double, 1);
    assert.equal(await executor.revoke(later), true);
    const done = executor.submit(faults.double, 1);
    await done;
    assert.equal(await executor.revoke(done), false);
  },
  async "a delay, a key, and another future of the same job"() {
    const first = executor.schedule({ delay: 30, key: file }, faults.double, 4);
    await first.accepted;
    const again = executor.schedule({ key: file }, faults.double, 4);
    assert.deepEqual(await Promise.all([first, again, executor.get(first.jobId)]), [8, 8, 8]);
  },
  async "a priority"() {
    assert.equal(await executor.submit(faults.double.with({ priority: 5 }), 3), 6);
  },
  async "who serves it"() {
    const [agent] = await executor.agents();
    assert.deepEqual(agent?.tasks, ["faults"]);
  },
};

for (const [name, trial] of Object.entries(TRIALS)) {
  await trial();
  console.log(`tried ${name}`);
}
await executor.shutdown();
console.log(`all ${Object.keys(TRIALS).length}`);
