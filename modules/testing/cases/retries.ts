// Cases of task.with({ retries }): running again what a lost worker had begun.
import assert from "node:assert/strict";
import { type Executor, WorkerLostError } from "../../../mod.ts";
import { everywhere, withOwnWaiting, withOwnWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, deaths, gates } from "../tasks.ts";

/** Cases of retries. */
export const retriesCases: readonly ConformanceCase[] = [
  {
    id: "cf-with-retries",
    title: "with({ retries }) runs a task again after a lost worker, at most that often",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const saved = executor.submit(deaths.exitTimes.with({ retries: 2 }), log.path, 2, "saved");
      assert.equal(await saved, "saved");
      assert.equal(log.lines().length, 3);
      const lost = executor.submit(deaths.exitTimes.with({ retries: 2 }), log.path, 100, "never");
      await assert.rejects(lost.result(), WorkerLostError);
      assert.equal(log.lines().length, 6, "once and two retries");
      assert.equal(executor.stats().lost, 5);
    },
  },
  {
    id: "cf-with-retries-delay",
    title: "with({ retries: { limit, delay } }) pauses before each run, longer each time",
    applies: withOwnWaiting(withWorkers),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const task = deaths.exitTimes.with({ retries: { limit: 2, delay: 20, factor: 3 } });
      const starts: number[] = [];
      using _ = executor.observe((event) => {
        if (event.type === "started" && event.id === 0) starts.push(event.at);
      });
      const saved = executor.submit(task, log.path, 2, "saved");
      assert.equal(await saved, "saved");
      assert.equal(log.lines().length, 3);
      const [first = 0, second = 0, third = 0] = starts;
      // Timers may fire a fraction of a millisecond early; nothing is asserted about how late.
      assert.ok(second - first >= 19 && third - second >= 59, starts.join());
    },
  },
  {
    id: "cf-with-retries-delay-others",
    title: "a task that pauses before it is run again holds nobody up, and counts as running",
    applies: withOwnWaiting(withWorkers),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const task = deaths.exitTimes.with({ retries: { limit: 1, delay: 60_000 }, priority: 1 });
      const pausing = executor.submit(task, log.path, 1, "never");
      const others = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      assert.deepEqual(await Promise.all(others), [1, 4, 9]);
      assert.equal(log.lines().length, 1);
      assert.equal(pausing.state, "running");
      assert.equal(pausing.cancel(), false, "it has run: it is not pending any more");
      assert.equal(pausing.cancel({ interrupt: true }), true);
      assert.equal(pausing.state, "cancelled");
      await executor.shutdown();
      assert.equal(log.lines().length, 1);
    },
  },
  {
    id: "cf-with-retries-delay-ends",
    title:
      "a task that pauses before it is run again is cancelled by shutdown, terminate and map's end",
    applies: withOwnWaiting(withWorkers),
    async run(context) {
      const task = deaths.exitTimes.with({ retries: { limit: 1, delay: 60_000 } });
      const endings: ((executor: Executor) => Promise<void>)[] = [
        (executor) => executor.shutdown({ cancelFutures: true }),
        (executor) => executor.terminateWorkers(),
        (executor) => executor.shutdown({ timeout: 1 }),
      ];
      for (const end of endings) {
        const log = context.log();
        const executor = context.create({ maxWorkers: 1 });
        const future = executor.submit(task, log.path, 1, "never");
        await context.until(() => executor.stats().workers === 0 && log.lines().length === 1);
        await end(executor);
        assert.equal(future.state, "cancelled");
      }
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.starmap(task, [[log.path, 1, "never"]]);
      await context.until(() => executor.stats().workers === 0 && log.lines().length === 1);
      await results.return();
      await executor.shutdown();
      assert.equal(executor.stats().cancelled, 1);
    },
  },
  {
    id: "cf-with-retries-errors",
    title: "with({ retries }) does not repeat a task that throws",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const task = gates.logAndFail.with({ retries: 3 });
      await assert.rejects(executor.submit(task, log.path, "once").result(), /once/);
      assert.deepEqual(log.lines(), ["once"]);
    },
  },
];
