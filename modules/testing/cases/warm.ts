// Cases of workers that are there before there is work for them, and of what they do before they end. Decision 49.
import assert from "node:assert/strict";
import {
  BrokenExecutorError,
  type Executor,
  PoolExecutor,
  type PoolOptions,
  ShutdownError,
} from "../../../mod.ts";
import { withOwnWorkers, withRealWorkers, withWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import type { CaseLog } from "../gate.ts";
import { occupy } from "../occupy.ts";
import {
  arithmetic,
  deaths,
  gates,
  logsImport,
  missing,
  places,
  throwsOnImport,
  warm,
} from "../tasks.ts";

/** Cases of warm pools. */
export const warmCases: readonly ConformanceCase[] = [
  {
    id: "cf-warm-min",
    title: "minWorkers start with the first task, and not before; they stay beyond idleTimeout",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 3, minWorkers: 2, idleTimeout: 1 });
      assert.equal(pool.stats().workers, 0);
      pool.resize(4);
      await Promise.resolve();
      assert.equal(pool.stats().workers, 0, "a pool nobody has used has no workers");
      await pool.submit(arithmetic.square, 2);
      await context.until(() => countReady(pool) === 2);
      // More than these, for a while.
      const { gate, futures } = await occupy(context, pool, 4);
      gate.open();
      await Promise.all(futures);
      await context.until(() => pool.stats().workers === 2);
      const ids = pool.workers().map(({ id }) => id);
      for (let n = 0; n < 4; n++) await pool.submit(arithmetic.square, n);
      assert.deepEqual(
        pool.workers().map(({ id }) => id),
        ids,
      );
    },
  },
  {
    id: "cf-warm-min-replaced",
    title: "one of minWorkers that is ended, used up or dies is replaced, though nothing waits",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2, minWorkers: 2, maxTasksPerWorker: 2 });
      await pool.warm();
      assert.deepEqual(idsOf(pool), [0, 1]);
      pool.terminateWorker(1);
      await context.until(() => countReady(pool) === 2 && idsOf(pool).join() === "0,2");
      for (const n of [1, 2]) await pool.submit(arithmetic.square, n);
      await context.until(() => countReady(pool) === 2 && Math.max(...idsOf(pool)) === 3);
      assert.equal(pool.stats().workers, 2);
      await pool.shutdown();
      assert.equal(pool.stats().workers, 0);
    },
  },
  {
    id: "cf-warm-min-validation",
    title: "minWorkers is a whole number, and no more than maxWorkers",
    applies: withOwnWorkers(withWorkers),
    run(context) {
      const make = (options: object) => () => context.create(options);
      assert.throws(make({ minWorkers: -1 }), RangeError);
      assert.throws(make({ minWorkers: 1.5 }), TypeError);
      assert.throws(make({ minWorkers: Number.POSITIVE_INFINITY }), RangeError);
      assert.throws(
        make({ minWorkers: 3, maxWorkers: 2 }),
        /at most maxWorkers, which is 2, got 3/,
      );
      assert.equal(poolOf(context, { minWorkers: 999 }).maxWorkers, 999);
      return Promise.resolve();
    },
  },
  {
    id: "cf-warm-ready",
    title: "warm() resolves when as many workers are ready as asked for, initialised",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 3 });
      await pool.warm(undefined, { workers: 2 });
      assert.equal(countReady(pool), 2);
      assert.equal(pool.stats().finished, 0);
      await pool.warm(undefined, { workers: 1 });
      assert.equal(countReady(pool), 2);
      await pool.warm();
      assert.equal(countReady(pool), 3);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-warm-initializer",
    title: "a worker that is warm has run its initializer, and one that throws is told",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const log = context.log();
      const pool = poolOf(context, {
        maxWorkers: 2,
        initializer: gates.logLine,
        initializerArgs: [log.path, "ready"],
      });
      await pool.warm();
      assert.deepEqual(log.lines(), ["ready", "ready"]);
      const broken = poolOf(context, { maxWorkers: 2, initializer: warm.failToFinalize });
      await assert.rejects(broken.warm(), BrokenExecutorError);
      await assert.rejects(broken.warm(), BrokenExecutorError);
      void context.reports;
    },
  },
  {
    id: "cf-warm-module",
    title: "warm(task) loads the module of the task in each worker, and calls nothing",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const log = context.log();
      const pool = finalizing(context, log, { maxWorkers: 3 });
      const { called } = logsImport;
      await pool.warm(called, { workers: 2 });
      assert.deepEqual(log.lines(), ["loaded", "loaded"]);
      assert.equal(await pool.submit(called), "called");
      assert.deepEqual(log.lines(), ["loaded", "loaded", "called"]);
    },
  },
  {
    id: "cf-warm-refused",
    title: "warm() rejects for what cannot be, and the executor goes on",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      await assert.rejects(pool.warm(undefined, { workers: 3 }), RangeError);
      await assert.rejects(pool.warm(undefined, { workers: 0 }), RangeError);
      await assert.rejects(pool.warm("resize" as never), TypeError);
      await assert.rejects(pool.warm(undefined, { worker: 1 } as never), /did you mean "workers"/);
      await assert.rejects(pool.warm(missing.never), ReferenceError);
      await assert.rejects(pool.warm(throwsOnImport.never), ReferenceError);
      assert.equal(await pool.submit(arithmetic.square, 2), 4);
      await pool.shutdown();
      await assert.rejects(pool.warm(), ShutdownError);
    },
  },
  {
    id: "cf-warm-terminated",
    title: "warm() rejects when the executor is terminated, and a shutdown waits for it",
    applies: withOwnWorkers(),
    async run(context) {
      const terminated = poolOf(context, { maxWorkers: 2 });
      const warming = terminated.warm();
      const ended = terminated.terminateWorkers();
      await assert.rejects(warming);
      await ended;
      assert.equal(terminated.stats().workers, 0);
      const closing = poolOf(context, { maxWorkers: 2 });
      const ready = closing.warm();
      await closing.shutdown();
      await ready;
    },
  },
  {
    id: "cf-finalizer-planned",
    title:
      "the finalizer runs once in each worker at shutdown, at resize, when used up and when idle",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const log = context.log();
      const pool = finalizing(context, log, { maxWorkers: 3, finalizer: warm.finalize });
      await pool.warm();
      pool.resize(2);
      await context.until(() => log.lines().length === 1);
      await pool.shutdown();
      assert.deepEqual(log.lines(), ["finalized", "finalized", "finalized"]);
      const recycling = finalizing(context, log, {
        maxWorkers: 1,
        maxTasksPerWorker: 1,
        finalizer: warm.finalize,
      });
      await recycling.submit(arithmetic.square, 2);
      await recycling.submit(arithmetic.square, 2);
      await recycling.shutdown();
      assert.equal(log.lines().length, 5);
      const idle = finalizing(context, log, { idleTimeout: 1, finalizer: warm.finalize });
      await idle.submit(arithmetic.square, 2);
      await context.until(() => idle.stats().workers === 0);
      assert.equal(log.lines().length, 6);
    },
  },
  {
    id: "cf-finalizer-awaited",
    title: "a shutdown waits for a finalizer that takes its time, within the grace",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const [log, gate] = [context.log(), context.gate()];
      const options = { maxWorkers: 1, finalizer: warm.finalizeLater };
      const pool = finalizing(context, log, options, gate.path);
      await pool.warm();
      const closed = pool.shutdown();
      await context.until(() => log.lines().length === 1);
      assert.equal(pool.stats().workers, 1);
      gate.open();
      await closed;
      assert.deepEqual(log.lines(), ["finalizing", "finalized"]);
    },
  },
  {
    id: "cf-finalizer-never",
    title:
      "no finalizer runs at terminateWorkers(), nor after a death; a shutdown is cut short by it",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const log = context.log();
      const pool = finalizing(context, log, { maxWorkers: 2, finalizer: warm.finalize });
      await pool.warm();
      await pool.terminateWorkers();
      const dying = finalizing(context, log, { maxWorkers: 1, finalizer: warm.finalize });
      await dying.warm();
      dying.terminateWorker(0);
      await context.until(() => dying.stats().workers === 0);
      assert.deepEqual(log.lines(), []);
      const stuck = finalizing(context, log, { maxWorkers: 1, finalizer: warm.finalizeNever });
      await stuck.warm();
      const closed = stuck.shutdown();
      await context.until(() => log.lines().length === 1);
      await stuck.terminateWorkers();
      await closed;
    },
  },
  {
    id: "cf-finalizer-dies",
    title: "a worker that dies does so without its finalizer",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const log = context.log();
      const pool = finalizing(context, log, { maxWorkers: 1, finalizer: warm.finalize });
      await pool.submit(deaths.exit, 3).exception();
      await context.until(() => pool.stats().workers === 0);
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-finalizer-fails",
    title: "what a finalizer throws is told to onError, and the shutdown ends",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 1, finalizer: warm.failToFinalize });
      await pool.warm();
      await pool.shutdown();
      const [report] = context.reports;
      assert.equal(context.reports.length, 1);
      assert.equal(String(report?.error), "RangeError: no end");
      assert.deepEqual([report?.about.kind, report?.about.workerId], ["worker", 0]);
      assert.throws(() => context.create({ finalizer: "close" as never }), TypeError);
    },
  },
  {
    id: "cf-warm-busy",
    title: "warm() of an executor at work waits for workers that are at work, and starts the rest",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context, { maxWorkers: 2 });
      const { gate, futures } = await occupy(context, pool);
      const warming = pool.warm(places.whereAmI);
      await context.until(() => pool.stats().workers === 2 && pool.stats().finished === 1);
      gate.open();
      await warming;
      await Promise.all(futures);
      assert.equal(pool.stats().finished, 3);
    },
  },
];

function poolOf(context: CaseContext, options: PoolOptions): PoolExecutor {
  const executor: Executor = context.create(options);
  assert.ok(executor instanceof PoolExecutor);
  return executor;
}

/** A pool whose workers know where to write. */
function finalizing(
  context: CaseContext,
  log: CaseLog,
  options: PoolOptions,
  gate?: string,
): PoolExecutor {
  const initializerArgs = gate === undefined ? [log.path] : [log.path, gate];
  return poolOf(context, { initializer: warm.writeTo, initializerArgs, ...options });
}

function countReady(pool: PoolExecutor): number {
  return pool.workers().filter(({ state }) => state === "idle" || state === "busy").length;
}

function idsOf(pool: PoolExecutor): number[] {
  return pool.workers().map(({ id }) => id);
}
