// The submitter of the nine pairs of runtimes: tries what a queue can do on whatever agent serves it, and says what it has tried.

import assert from "node:assert/strict";
import process from "node:process";
import { asCompleted, CancelledError, importTasks, TimeoutError, wait } from "../../../mod.ts";
import { JobLostError, PayloadTooLargeError, QueueExecutor } from "../mod.ts";
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
  async starmap() {
    const lists = [[[1, 2]], ["two"]] as [unknown][];
    assert.deepEqual(await Array.fromAsync(executor.starmap(faults.same, lists)), [[1, 2], "two"]);
  },
  async "a map of what comes bit by bit"() {
    async function* items() {
      for (let n = 0; n < 5; n++) yield await Promise.resolve(n);
    }
    const results = await Array.fromAsync(executor.map(faults.double, items()));
    assert.deepEqual(results, [0, 2, 4, 6, 8]);
  },
  async "a map of nothing"() {
    assert.deepEqual(await Array.fromAsync(executor.map(faults.double, [])), []);
  },
  async "a map that is left early"() {
    for await (const value of executor.map(faults.double, [3, 4, 5])) {
      assert.equal(value, 6);
      break;
    }
  },
  async "no value, and null"() {
    const values = [undefined, null].map((value) => executor.submit(faults.same, value));
    assert.deepEqual(await Promise.all(values), [undefined, null]);
  },
  async "a result that stands beside its job"() {
    const text = "x".repeat(100_000);
    assert.equal(await executor.submit(faults.same, text), text);
  },
  async "an argument that is too large"() {
    const error = await executor.submit(faults.same, "x".repeat(2 ** 20)).exception();
    assert(error instanceof PayloadTooLargeError);
  },
  async "a value that cannot cross"() {
    const error = await executor.submit(faults.same, () => 1).exception();
    assert.equal((error as Error).name, "DataCloneError");
  },
  async "a module that its agent does not know"() {
    await using other = new QueueExecutor({
      ...{ connection: { url }, queue },
      tasks: { unknown: tasks.faults },
    });
    assert.match(String(await other.submit(faults.double, 1).exception()), /no module "unknown"/);
  },
  async "a module that has no name"() {
    const { other } = importTasks<{ other(): void }>(new URL("./other.ts", import.meta.url));
    assert.throws(() => executor.submit(other), /has no name in the table/);
  },
  async "retries that are used up"() {
    const task = faults.failOdd.with({ retries: { limit: 1, on: "error" } });
    assert((await executor.submit(task, 1).exception()) instanceof RangeError);
  },
  async "a signal that aborts"() {
    const abort = new AbortController();
    const future = executor.submit(faults.nap.with({ signal: abort.signal }), 60_000);
    await future.accepted;
    abort.abort();
    await assert.rejects(future.result(), CancelledError);
  },
  async "what observers are told"() {
    const told: string[] = [];
    using _ = executor.observe(({ type }) => void told.push(type));
    await executor.submit(faults.double, 1);
    assert.deepEqual(
      ["submitted", "started", "settled"].filter((type) => !told.includes(type)),
      [],
    );
  },
  async "many at once"() {
    const futures = Array.from({ length: 100 }, (_, n) => executor.submit(faults.double, n));
    assert.equal((await Promise.all(futures)).at(-1), 198);
  },
  async "how the queue is doing"() {
    const { agents, delayed, waited } = await executor.queueStats();
    assert.deepEqual([agents, delayed], [1, 0]);
    assert(waited !== undefined);
  },
  async "a job that is not there"() {
    assert((await executor.get("none-of-it").exception()) instanceof JobLostError);
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
