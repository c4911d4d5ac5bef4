// Cases of cancel({ interrupt: true }) and of the limits a worker is held to.
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import {
  CancelledError,
  type Executor,
  type Future,
  type PoolExecutor,
  TimeoutError,
  WorkerLostError,
} from "../../../mod.ts";
import {
  type Applies,
  everywhere,
  withOwnWorkers,
  withRealWorkers,
  withWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, gates, neverLoads, places } from "../tasks.ts";
import { timeToStart } from "../time_to_start.ts";

/** So often, for a worker is caught at another moment each time. */
const ROUNDS_WITHOUT_GRACE = 3;

/** So often, for only now and then a task has begun before the end of the one before it is known. */
const ROUNDS_OF_INTERRUPTS = 60;

/** What ends a task that runs, at once. */
const ENDINGS: readonly (readonly [
  way: string,
  end: (executor: Executor, future: Future<unknown>) => Promise<void>,
  applies?: Applies,
])[] = [
  ["terminateWorkers", (executor) => executor.terminateWorkers()],
  ["shutdown", (executor) => executor.shutdown({ timeout: 0 })],
  [
    "cancel",
    async (executor, future) => {
      future.cancel({ interrupt: true });
      await executor.shutdown();
    },
  ],
  [
    "terminateWorker",
    async (executor, future) => {
      assert.equal((executor as PoolExecutor).terminateWorker(0), true);
      await assert.rejects(future.result(), WorkerLostError);
      await executor.shutdown();
    },
    withOwnWorkers(withRealWorkers),
  ],
];

/** Cases of interrupts and limits. */
export const interruptCases: readonly ConformanceCase[] = [
  {
    id: "cf-interrupt-one-after-another",
    title: "the next task is interrupted, too, while the one before it has not told of its end",
    applies: everywhere,
    async run(context) {
      // Longer than the case may take: a task that does not hear of its interrupt holds up all behind it.
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      for (let round = 0; round < ROUNDS_OF_INTERRUPTS; round++) {
        // Measured short, so that all of them are sent together.
        const futures = Array.from({ length: 3 }, () => executor.submit(contexts.untilAborted));
        const behind = executor.submit(arithmetic.square, round);
        for (const future of futures) {
          while (!future.running()) await new Promise((resolve) => setImmediate(resolve));
          assert.equal(future.cancel({ interrupt: true }), true);
        }
        assert.equal(await behind, round * round);
      }
    },
  },
  {
    id: "cf-cancel-pending",
    title: "cancel() drops a queued task: it never starts and its waiters wake",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const future = executor.submit(gates.logLine, log.path, "ran");
      const refused = assert.rejects(future.result(), CancelledError);
      assert.equal(future.state, "pending");
      assert.equal(future.cancel(), true);
      await refused;
      gate.open();
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-cancel-running",
    title: "cancel() leaves a running task alone",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const future = executor.submit(gates.waitAt, gate.path, "kept");
      await context.until(() => future.running());
      assert.equal(future.cancel(), false);
      assert.equal(future.state, "running");
      gate.open();
      assert.equal(await future, "kept");
      assert.equal(future.cancel(), false);
    },
  },
  {
    id: "cf-interrupt-heeded",
    title:
      "cancel({ interrupt: true }) aborts the task's signal, and a task that heeds it keeps its worker",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10_000 });
      const before = await executor.submit(places.whereAmI);
      const future = executor.submit(contexts.logAbort, log.path);
      await context.until(() => log.lines().length === 1);
      assert.equal(future.cancel({ interrupt: true, reason: "stop" }), true);
      assert.equal(future.state, "cancelled");
      await assert.rejects(future.result(), (error) => (error as Error).cause === "stop");
      await context.until(() => log.lines().length === 2);
      assert.equal(log.lines()[1], "aborted CancelledError");
      const after = await executor.submit(places.whereAmI);
      assert.equal(after.workerId, before.workerId);
      assert.equal(executor.stats().cancelled, 1);
    },
  },
  {
    id: "cf-interrupt-ignored",
    title: "a worker still busy after interruptGrace is ended and replaced",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const before = await executor.submit(places.whereAmI);
      const { futures } = await occupy(context, executor);
      assert.equal(futures[0]?.cancel({ interrupt: true }), true);
      const after = await executor.submit(places.whereAmI);
      assert.notEqual(after.workerId, before.workerId);
      assert.equal(executor.stats().workers, 1);
    },
  },
  {
    id: "cf-interrupt-place",
    title: "an interrupted task that ignores its signal gives its place to the next",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const { gate, futures } = await occupy(context, executor);
      assert.equal(futures[0]?.cancel({ interrupt: true }), true);
      const next = executor.submit(arithmetic.square, 3);
      // In-process code cannot be ended: there the place is free once the task returns.
      if (!context.subject.traits.workers) gate.open();
      assert.equal(await next, 9);
    },
  },
  {
    id: "cf-interrupt-abandoned",
    title: "stats().abandoned counts the threads that could not be stopped, and only these",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const [gate, log] = [context.gate(), context.log()];
      const future = executor.submit(gates.spinAt, gate.path, log.path);
      await context.until(() => log.lines().length === 1);
      future.cancel({ interrupt: true });
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      const { workers, lost } = executor.stats();
      assert.equal(workers, 1, "its place is another's, though it may not have ended");
      assert.equal(lost, 0, "it was ended, not lost");
      const expected = context.subject.traits.stopsBusyWorkers ? 0 : 1;
      await context.until(() => executor.stats().abandoned === expected);
      gate.open();
      if (expected === 0) return;
      await context.until(() => log.lines().includes("spinning done"));
    },
  },
  ...ENDINGS.map(
    ([way, end, applies = withRealWorkers]): ConformanceCase => ({
      id: `cf-no-grace-${way}`,
      title: `with interruptGrace 0, nothing of a task runs after ${way} has ended it, and its worker is not abandoned`,
      applies,
      async run(context) {
        for (let round = 0; round < ROUNDS_WITHOUT_GRACE; round++) {
          const executor = context.create({ maxWorkers: 1, interruptGrace: 0 });
          const [gate, log] = [context.gate(), context.log()];
          const future = executor.submit(gates.tickAt, log.path, gate.path);
          await context.until(() => log.lines().length > round);
          await end(executor, future);
          const { abandoned, workers } = executor.stats();
          assert.deepEqual({ abandoned, workers }, { abandoned: 0, workers: 0 });
          const { length } = log.lines();
          // Any that ran on would write by the time a worker has started and worked.
          const next = context.create({ maxWorkers: 1 });
          assert.equal(await next.submit(arithmetic.square, 3), 9);
          assert.equal(log.lines().length, length, `in round ${round}`);
          await next.shutdown();
        }
      },
    }),
  ),
  {
    id: "cf-timeout-ignored",
    title: "a worker still busy after its task's timeout and the grace is ended and replaced",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const before = await executor.submit(places.whereAmI);
      const future = executor.submit(gates.waitAt.with({ timeout: 10 }), context.gate().path, 1);
      await assert.rejects(future.result(), TimeoutError);
      const after = await executor.submit(places.whereAmI);
      assert.notEqual(after.workerId, before.workerId);
      assert.equal(executor.stats().failed, 1);
    },
  },
  {
    id: "cf-start-timeout",
    title:
      "a module that never finishes loading fails its futures after startTimeout, and no others",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const startTimeout = await timeToStart(context);
      const executor = context.create({ maxWorkers: 1, startTimeout, interruptGrace: 10 });
      const stuck = executor.submit(neverLoads.never);
      const behind = executor.submit(arithmetic.square, 3);
      const error = await stuck.exception();
      assert.ok(error instanceof TimeoutError, String(error));
      assert.match(error.message, new RegExp(`"never".* ${startTimeout} ms`));
      assert.equal(await behind, 9);
    },
  },
  {
    id: "cf-start-timeout-unlimited",
    title: "startTimeout does not count the task's own time",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const startTimeout = await timeToStart(context);
      const executor = context.create({ maxWorkers: 1, startTimeout });
      const { gate, futures } = await occupy(context, executor);
      const started = performance.now();
      await context.until(() => performance.now() - started > startTimeout + 50);
      assert.equal(futures[0]?.running(), true);
      gate.open();
      assert.equal(await futures[0], undefined);
    },
  },
];
