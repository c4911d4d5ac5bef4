// Cases of what becomes of the calls beside one that fails to load, is interrupted, or dies.
import assert from "node:assert/strict";
import { everywhere, inProcessOnly, withOwnWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { absent, arithmetic, deaths, places } from "../tasks.ts";
import { timeToStart } from "../time_to_start.ts";

/** So much after the limit of a start a clock left running has struck, in milliseconds. */
const STRUCK_MS = 100;

/** Cases of innocent calls. */
export const bystanderCases: readonly ConformanceCase[] = [
  {
    id: "cf-load-clock-failed",
    title: "loads that failed leave no clock running against the tasks after them",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const startTimeout = await timeToStart(context);
      const executor = context.create({ maxWorkers: 1, startTimeout });
      for (let n = 0; n < 2; n++) await executor.submit(absent.noSuchExport).exception();
      const { gate, futures } = await occupy(context, executor);
      const begun = performance.now();
      await context.until(() => performance.now() - begun > startTimeout + STRUCK_MS);
      gate.open();
      assert.equal(await futures[0], undefined);
      assert.deepEqual([executor.stats().lost, executor.stats().failed], [0, 2]);
    },
  },
  {
    id: "cf-load-clock-interrupted",
    title: "a task interrupted as soon as it was sent costs its worker nothing later",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const startTimeout = await timeToStart(context);
      const executor = context.create({
        maxWorkers: 1,
        startTimeout,
        interruptGrace: 10_000,
      });
      const before = await executor.submit(places.whereAmI);
      const future = executor.submit(arithmetic.square, 1);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      assert.equal(future.cancel({ interrupt: true }), true);
      const sent = performance.now();
      await context.until(() => performance.now() - sent > startTimeout + STRUCK_MS);
      const after = await executor.submit(places.whereAmI);
      assert.equal(after.workerId, before.workerId);
    },
  },
  {
    id: "cf-interrupt-free-place",
    title: "an interrupted task that ignores its signal for ever blocks no other place",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2, interruptGrace: Number.POSITIVE_INFINITY });
      const { gate, futures } = await occupy(context, executor);
      assert.equal(futures[0]?.cancel({ interrupt: true }), true);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(gate.isOpen, false);
      gate.open();
    },
  },
  {
    id: "cf-interrupt-abandoned-in-process",
    title: "in-process, stats().abandoned counts a task that outlived its interrupt and the grace",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const { gate, futures } = await occupy(context, executor);
      assert.equal(executor.stats().abandoned, 0);
      futures[0]?.cancel({ interrupt: true });
      await context.until(() => executor.stats().abandoned === 1);
      gate.open();
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-terminate-in-worker-exited",
    title: "terminateWorkers() from an observer of a worker's death leaves nothing to run again",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      let terminating: Promise<void> | undefined;
      using _ = executor.observe((event) => {
        if (event.type === "worker-exited") terminating ??= executor.terminateWorkers();
      });
      const future = executor.submit(deaths.logAndExit.with({ retries: 3 }), log.path, "run", 3);
      assert.notEqual(await future.exception().catch((error) => error), undefined);
      await terminating;
      assert.deepEqual(log.lines(), ["run"], "it is not tried again");
      const { queued, running, workers } = executor.stats();
      assert.deepEqual({ queued, running, workers }, { queued: 0, running: 0, workers: 0 });
    },
  },
];
