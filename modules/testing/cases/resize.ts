// Cases of resize(), workers() and terminateWorker(): a pool that is changed while it works.
import assert from "node:assert/strict";
import {
  BrokenExecutorError,
  type Executor,
  PoolExecutor,
  ShutdownError,
  WorkerLostError,
} from "../../../mod.ts";
import { withOwnWorkers, withRealWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, deaths, gates, places } from "../tasks.ts";

/** Cases of changing a pool at work. */
export const resizeCases: readonly ConformanceCase[] = [
  {
    id: "cf-resize-grow",
    title: "resize() to more starts workers for what waits",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1 }));
      const { gate, futures } = await occupy(context, pool);
      const waiting = [1, 2, 3].map((n) => pool.submit(gates.waitAt, gate.path, n));
      assert.deepEqual(pick(pool), { running: 1, queued: 3, workers: 1 });
      pool.resize(3);
      assert.equal(pool.maxWorkers, 3);
      await context.until(() => pool.stats().running === 3);
      assert.deepEqual(pick(pool), { running: 3, queued: 1, workers: 3 });
      assert.equal(pool.stats().utilisation, 1);
      gate.open();
      await Promise.all([...futures, ...waiting]);
    },
  },
  {
    id: "cf-resize-shrink-idle",
    title: "resize() to fewer stops idle workers that are too many, and no others",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 4 }));
      const { gate, futures } = await occupy(context, pool, 4);
      gate.open();
      await Promise.all(futures);
      await context.until(() => pool.stats().busy === 0);
      pool.resize(2);
      await context.until(() => pool.stats().workers === 2);
      assert.deepEqual(
        pool.workers().map(({ state }) => state),
        ["idle", "idle"],
      );
      assert.equal(pool.stats().lost, 0);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-resize-shrink-busy",
    title: "resize() to fewer lets busy workers finish, and none of them begins another task",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 3 }));
      const [gate, log] = [context.gate(), context.log()];
      const first = await occupy(context, pool, 3);
      const later = [1, 2, 3, 4].map((n) =>
        pool.submit(gates.logAndWaitAt, log.path, `${n}`, gate.path, n),
      );
      pool.resize(1);
      first.gate.open();
      await Promise.all(first.futures);
      await context.until(() => pool.stats().workers === 1 && log.lines().length === 1);
      assert.deepEqual(pick(pool), { running: 1, queued: 3, workers: 1 });
      gate.open();
      assert.deepEqual(await Promise.all(later), [1, 2, 3, 4]);
      const inTurn = [1, 2, 3, 4].flatMap((n) => [`${n}`, `${n} done`]);
      assert.deepEqual(log.lines(), inTurn, "one at a time");
      assert.equal(pool.stats().lost, 0);
    },
  },
  {
    id: "cf-resize-room",
    title: "resize() moves the bound of maxQueue: growing makes room",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1, maxQueue: 0 }));
      const { gate, futures } = await occupy(context, pool);
      let isReady = false;
      const ready = pool.ready.then(() => {
        isReady = true;
      });
      assert.throws(() => pool.submit(arithmetic.square, 1), { name: "QueueFullError" });
      await Promise.resolve();
      assert.equal(isReady, false);
      pool.resize(2);
      await ready;
      assert.equal(await pool.submit(arithmetic.square, 2), 4);
      gate.open();
      await Promise.all(futures);
    },
  },
  {
    id: "cf-resize-refused",
    title: "resize() refuses what is no count of workers, and a pool that is closed or broken",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 2 }));
      for (const wrong of [0, -1]) {
        assert.throws(() => pool.resize(wrong), { name: "RangeError", message: /maxWorkers/ });
      }
      for (const wrong of ["2", undefined, null, 1.5, Number.NaN]) {
        const resize = () => pool.resize(wrong as unknown as number);
        assert.throws(resize, { name: "TypeError", message: /maxWorkers/ });
      }
      assert.equal(pool.maxWorkers, 2);
      await pool.shutdown();
      assert.throws(() => pool.resize(3), ShutdownError);
      if (!context.subject.traits.workers) return;
      const broken = poolOf(context.create({ maxWorkers: 1, onWorkerDeath: "break" }));
      await assert.rejects(broken.submit(deaths.exit, 1).result(), WorkerLostError);
      assert.throws(() => broken.resize(3), BrokenExecutorError);
    },
  },
  {
    id: "cf-resize-turmoil",
    title: "resize() up and down under load loses no task and runs none twice",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 2 }));
      const log = context.log();
      const futures: Promise<unknown>[] = [];
      for (let round = 0; round < 20; round++) {
        for (let n = 0; n < 10; n++)
          futures.push(pool.submit(gates.logLine, log.path, `${round}.${n}`).result());
        pool.resize(1 + (round % 4));
        await Promise.race(futures.slice(-10));
      }
      await Promise.all(futures);
      assert.equal(log.lines().length, 200);
      assert.equal(new Set(log.lines()).size, 200);
      await context.until(() => pool.stats().workers <= 4 && pool.stats().busy === 0);
    },
  },
  {
    id: "cf-workers",
    title: "workers() lists each worker with its id, its name and what it does",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 2, name: "Listed" }));
      assert.deepEqual(pool.workers(), []);
      const { gate, futures } = await occupy(context, pool, 2);
      assert.deepEqual(pool.workers(), [
        { id: 0, name: "Listed_0", state: "busy" },
        { id: 1, name: "Listed_1", state: "busy" },
      ]);
      gate.open();
      await Promise.all(futures);
      await context.until(() => pool.workers().every(({ state }) => state === "idle"));
      await pool.shutdown();
      assert.deepEqual(pool.workers(), []);
    },
  },
  {
    id: "cf-terminate-worker-idle",
    title: "terminateWorker() ends an idle worker, and the next task gets another",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1 }));
      const { workerId } = await pool.submit(places.whereAmI);
      const [worker] = pool.workers();
      assert.ok(worker);
      assert.equal(pool.terminateWorker(worker.id), true);
      await context.until(() => pool.stats().workers === 0);
      assert.equal(pool.terminateWorker(worker.id), false, "it is gone");
      assert.notEqual((await pool.submit(places.whereAmI)).workerId, workerId);
      assert.equal(pool.stats().lost, 0, "it had no task");
    },
  },
  {
    id: "cf-terminate-worker-busy",
    title: "terminateWorker() costs the task that runs there, and no other",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 2 }));
      const { gate, futures } = await occupy(context, pool, 2);
      const waiting = [1, 2, 3].map((n) => pool.submit(arithmetic.square, n));
      // Which worker is ready first, and so has the first task, is chance.
      const id = futures[0]?.snapshot().worker?.id ?? Number.NaN;
      assert.equal(pool.terminateWorker(id), true);
      const error = await futures[0]?.exception();
      assert.ok(error instanceof WorkerLostError, String(error));
      assert.equal(error.workerId, id);
      assert.match(String((error.cause as Error).message), /was terminated/);
      gate.open();
      assert.equal(await futures[1], undefined);
      assert.deepEqual(await Promise.all(waiting), [1, 4, 9]);
      assert.equal(pool.stats().lost, 1);
    },
  },
  {
    id: "cf-terminate-worker-spinning",
    title: "terminateWorker() ends a worker that never returns to its event loop",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1, interruptGrace: 10 }));
      const [gate, log] = [context.gate(), context.log()];
      const spinning = pool.submit(gates.spinAt, gate.path, log.path);
      await context.until(() => log.lines().length === 1);
      assert.equal(pool.terminateWorker(0), true);
      assert.ok((await spinning.exception()) instanceof WorkerLostError);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
      const abandoned = context.subject.traits.stopsBusyWorkers ? 0 : 1;
      assert.equal(pool.stats().abandoned, abandoned);
    },
  },
  {
    id: "cf-terminate-worker-retries",
    title: "a task with retries whose worker is terminated runs again elsewhere",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1 }));
      const [gate, log] = [context.gate(), context.log()];
      const task = gates.logAndWaitAt.with({ retries: 1 });
      const future = pool.submit(task, log.path, "run", gate.path, "value");
      await context.until(() => log.lines().length === 1);
      pool.terminateWorker(0);
      await context.until(() => log.lines().length === 2);
      gate.open();
      assert.equal(await future, "value");
      assert.deepEqual(log.lines().slice(0, 2), ["run", "run"]);
    },
  },
  {
    id: "cf-terminate-worker-strict",
    title: 'terminateWorker() does not break an executor of onWorkerDeath: "break"',
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1, onWorkerDeath: "break" }));
      const { futures } = await occupy(context, pool);
      pool.terminateWorker(0);
      assert.ok((await futures[0]?.exception()) instanceof WorkerLostError);
      assert.equal(await pool.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-terminate-worker-unknown",
    title: "terminateWorker() answers false for a worker there is not, and refuses what is no id",
    applies: withOwnWorkers(),
    async run(context) {
      const pool = poolOf(context.create({ maxWorkers: 1 }));
      assert.equal(pool.terminateWorker(0), false);
      assert.throws(() => pool.terminateWorker("0" as unknown as number), {
        name: "TypeError",
        message: /Cannot terminate worker/,
      });
      await pool.submit(arithmetic.square, 3);
      assert.equal(pool.terminateWorker(1), false);
      await pool.shutdown();
      assert.equal(pool.terminateWorker(0), false);
    },
  },
];

/** These are promises of pools; every executor of ours is one. */
function poolOf(executor: Executor): PoolExecutor {
  assert.ok(executor instanceof PoolExecutor);
  return executor;
}

function pick(executor: Executor): { running: number; queued: number; workers: number } {
  const { running, queued, workers } = executor.stats();
  return { running, queued, workers };
}
