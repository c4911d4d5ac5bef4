// Cases of rate: how many calls begin in a time. Nothing is asserted about how late one begins.
import assert from "node:assert/strict";
import type { Executor } from "../../../mod.ts";
import { withOwnWaiting } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, attempts, streams } from "../tasks.ts";

/** Times are told to the millisecond or finer, by a clock that is not that of the timers. */
const INEXACT_MS = 1;

/** When calls start. */
function starts(executor: Executor): { at: number[] } & Disposable {
  const at: number[] = [];
  const listening = executor.observe((event) => {
    if (event.type === "started") at.push(event.at);
  });
  return { at, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}

/** Asserts that never more calls start than a rate of one in `interval` allows, behind a burst. */
function assertRate(at: readonly number[], interval: number, burst = 1): void {
  for (let first = 0; first < at.length; first++) {
    for (let last = first + burst; last < at.length; last++) {
      const took = (at[last] as number) - (at[first] as number);
      const least = (last - first - burst + 1) * interval - INEXACT_MS;
      assert.ok(took >= least, `${last - first + 1} calls in ${took} ms: ${at.join()}`);
    }
  }
}

/** Cases of rates. */
export const ratesCases: readonly ConformanceCase[] = [
  {
    id: "cf-rate",
    title: "with a rate calls begin one interval after the other at most, elements of map included",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 4, rate: { limit: 10, per: 100 } });
      using started = starts(executor);
      const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      const results = executor.map(arithmetic.square, [4, 5, 6, 7]);
      const stream = executor.stream(streams.count, 2);
      assert.deepEqual(await Promise.all(futures), [1, 4, 9]);
      assert.deepEqual(await Array.fromAsync(results), [16, 25, 36, 49]);
      assert.deepEqual(await Array.fromAsync(stream), [0, 1]);
      assert.equal(started.at.length, 8);
      assertRate(started.at, 10);
    },
  },
  {
    id: "cf-rate-burst",
    title: "a burst may begin at once after a pause, and no more than that",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 4, rate: { limit: 10, per: 100, burst: 3 } });
      await executor.submit(arithmetic.square, 1);
      await new Promise((resolve) => setTimeout(resolve, 40));
      using started = starts(executor);
      const results = executor.map(arithmetic.square, [1, 2, 3, 4, 5, 6]);
      assert.deepEqual(await Array.fromAsync(results), [1, 4, 9, 16, 25, 36]);
      assertRate(started.at, 10, 3);
    },
  },
  {
    id: "cf-rate-again",
    title: "a call that is run again counts again",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, rate: { limit: 1, per: 15 } });
      using started = starts(executor);
      const task = attempts.failTimes.with({ retries: { limit: 3, on: "error" } });
      assert.equal(await executor.submit(task, context.log().path, 3, "saved"), "saved");
      assert.equal(started.at.length, 4);
      assertRate(started.at, 15);
    },
  },
  {
    id: "cf-rate-waits",
    title: "what waits for its turn is pending, can be cancelled, and ends with its executor",
    applies: withOwnWaiting(),
    async run(context) {
      const rate = { limit: 1, per: 60_000 };
      const executor = context.create({ maxWorkers: 2, rate });
      const [first, second, third] = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      assert.equal(await first, 1);
      assert.deepEqual([second?.state, third?.state], ["pending", "pending"]);
      assert.equal(second?.cancel(), true);
      const late = executor.submit(arithmetic.square.with({ ttl: 5 }), 4);
      await assert.rejects(late.result(), { name: "QueueTimeoutError" });
      const results = executor.map(arithmetic.square, [1, 2]);
      await results.return();
      await executor.shutdown({ cancelFutures: true });
      assert.equal(third?.state, "cancelled");

      const drains = context.create({ maxWorkers: 2, rate: { limit: 1, per: 5 } });
      const all = [1, 2, 3].map((n) => drains.submit(arithmetic.square, n));
      await drains.shutdown();
      assert.deepEqual(await Promise.all(all), [1, 4, 9]);
    },
  },
  {
    id: "cf-rate-keys",
    title: "a rate, keys, priorities and a pause go together",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({
        maxWorkers: 2,
        rate: { limit: 100, per: 100, burst: 2 },
        perKey: { maxRunning: 1, key: (_task, [n]) => Number(n) % 2 },
      });
      executor.pause();
      const results = executor.map(arithmetic.square, [1, 2, 3, 4]);
      const urgent = executor.submit(arithmetic.square.with({ priority: 1 }), 5);
      using started = starts(executor);
      executor.resume();
      assert.deepEqual(await Array.fromAsync(results), [1, 4, 9, 16]);
      assert.equal(await urgent, 25);
      assertRate(started.at, 1, 2);
    },
  },
];
