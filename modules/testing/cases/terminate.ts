// Cases of terminateWorkers(). Rows 111, 115 to 121.
import assert from "node:assert/strict";
import {
  CancelledError,
  PoolExecutor,
  ShutdownError,
  type Spawn,
  WorkerLostError,
} from "../../../mod.ts";
import { everywhere, withOwnWorkers, withRealWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, deaths, gates } from "../tasks.ts";

/** Cases of terminateWorkers(). */
export const terminateCases: readonly ConformanceCase[] = [
  {
    id: "py-111",
    title:
      "a worker that retires during terminateWorkers() is not replaced and the rest is cancelled",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxTasksPerWorker: 1 });
      let started = 0;
      using _ = executor.observe(({ type }) => {
        if (type === "worker-started") started++;
      });
      const { futures } = await occupy(context, executor);
      const waiting = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      await executor.terminateWorkers();
      for (const future of [...futures, ...waiting]) assert.equal(future.state, "cancelled");
      assert.equal(started, 1);
      assert.equal(executor.stats().workers, 0);
    },
  },
  {
    id: "py-115",
    title: "terminateWorkers() cancels what waits and what runs, and shuts the executor",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const { futures } = await occupy(context, executor, 2);
      const waiting = executor.submit(arithmetic.square, 1);
      const terminating = executor.terminateWorkers();
      for (const future of [...futures, waiting]) {
        assert.equal(future.cancelled(), true, "at once");
        await assert.rejects(future.result(), CancelledError);
      }
      await terminating;
      assert.throws(() => executor.submit(arithmetic.square, 1), ShutdownError);
    },
  },
  {
    id: "py-116",
    title: "terminateWorkers() ends a worker that never looks at its signal",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const [gate, log] = [context.gate(), context.log()];
      const future = executor.submit(gates.spinAt, gate.path, log.path);
      await context.until(() => log.lines().length === 1);
      await executor.terminateWorkers();
      assert.equal(future.cancelled(), true);
      const { workers, abandoned } = executor.stats();
      const expected = context.subject.traits.stopsBusyWorkers ? 0 : 1;
      assert.deepEqual({ workers, abandoned }, { workers: 0, abandoned: expected });
    },
  },
  {
    id: "py-118",
    title: "a task that was running during terminateWorkers() never reaches its end",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const [gate, log] = [context.gate(), context.log()];
      const executor = context.create({ maxWorkers: 1 });
      executor.submit(gates.logAndWaitAt, log.path, "task", gate.path);
      await context.until(() => log.lines().length === 1);
      await executor.terminateWorkers();
      gate.open();
      // A task that lived on would look at the gate within a few milliseconds; a second pool has run by then.
      const second = context.create({ maxWorkers: 1 });
      for (const n of [1, 2, 3]) await second.submit(gates.waitAt, gate.path, n);
      assert.deepEqual(log.lines(), ["task"]);
    },
  },
  {
    id: "py-119",
    title: "terminateWorkers() is no error when a worker is dead already",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      for (const onWorkerDeath of ["replace", "break"] as const) {
        const executor = context.create({ maxWorkers: 1, onWorkerDeath });
        await assert.rejects(executor.submit(deaths.exit, 1).result(), WorkerLostError);
        await executor.terminateWorkers();
        assert.equal(executor.stats().workers, 0);
      }
    },
  },
  {
    id: "py-120",
    title: "terminateWorkers() starts no worker and ends none when there was no task",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const { spawn } = context.subject;
      assert.ok(spawn);
      let spawned = 0;
      const counting: Spawn = (handlers, worker) => {
        spawned++;
        return spawn(handlers, worker);
      };
      const executor = context.keep(new PoolExecutor(counting, { maxWorkers: 2 }));
      await executor.terminateWorkers();
      assert.equal(spawned, 0);
      assert.throws(() => executor.submit(arithmetic.square, 1), ShutdownError);
    },
  },
  {
    id: "py-121",
    title: "after terminateWorkers() submit() throws ShutdownError and every worker is gone",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      await occupy(context, executor, 2);
      await executor.terminateWorkers();
      assert.equal(executor.stats().workers, 0);
      assert.throws(() => executor.submit(arithmetic.square, 1), ShutdownError);
      await executor.terminateWorkers();
      await executor.shutdown();
    },
  },
  {
    id: "cf-terminate-signal",
    title: "terminateWorkers() aborts the signal of what runs in-process",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      executor.submit(contexts.logAbort, log.path);
      await context.until(() => log.lines().length === 1);
      await executor.terminateWorkers();
      if (context.subject.traits.workers) return;
      await context.until(() => log.lines().length === 2);
      assert.equal(log.lines()[1], "aborted CancelledError");
    },
  },
  {
    id: "cf-terminate-map",
    title: "terminateWorkers() ends a map() that is being read",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const items = [1, 2, 3].map((n) => ({ gate: gate.path, n }));
      const reading = Array.fromAsync(executor.map(gates.doubleAt, items));
      await context.until(() => executor.stats().busy === 1);
      const refused = assert.rejects(reading, CancelledError);
      await executor.terminateWorkers();
      await refused;
    },
  },
  {
    id: "cf-terminate-during-shutdown",
    title: "terminateWorkers() during a shutdown() that waits ends both",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { futures } = await occupy(context, executor);
      const closing = executor.shutdown();
      await executor.terminateWorkers();
      await closing;
      assert.equal(futures[0]?.cancelled(), true);
    },
  },
];
