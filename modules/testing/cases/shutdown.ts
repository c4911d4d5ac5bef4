// Cases of shutdown(). Rows 17, 39, 109, 126, 130 to 141.
import assert from "node:assert/strict";
import { CancelledError, ShutdownError, WorkerLostError } from "../../../mod.ts";
import { everywhere, withOwnWorkers, withRealWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, deaths, gates } from "../tasks.ts";

/** Cases of shutdown(). */
export const shutdownCases: readonly ConformanceCase[] = [
  {
    id: "py-17",
    title: "shutdown() right after more tasks than workers does not deadlock",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 3 });
      const futures = Array.from({ length: 31 }, (_, n) => executor.submit(arithmetic.square, n));
      await executor.shutdown();
      for (const [n, future] of futures.entries()) {
        assert.equal(future.state, "finished");
        assert.equal(await future, n * n);
      }
    },
  },
  {
    id: "py-39",
    title:
      "a worker that dies after shutdown() was called loses its task only, and shutdown() ends",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const dying = executor.submit(deaths.exit, 9);
      const behind = Array.from({ length: 4 }, (_, n) => executor.submit(arithmetic.square, n));
      const closing = executor.shutdown();
      await assert.rejects(dying.result(), WorkerLostError);
      await closing;
      assert.deepEqual(await Promise.all(behind), [0, 1, 4, 9]);
    },
  },
  {
    id: "py-109",
    title: "after shutdown({ wait: false }) retired workers are replaced and the queue finishes",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, maxTasksPerWorker: 2 });
      const futures = Array.from({ length: 9 }, (_, n) => executor.submit(arithmetic.square, n));
      void executor.shutdown({ wait: false });
      assert.deepEqual(await Promise.all(futures), [0, 1, 4, 9, 16, 25, 36, 49, 64]);
      await context.until(() => executor.stats().workers === 0);
    },
  },
  {
    id: "py-126",
    title: "shutdown({ cancelFutures: true }) cancels what waits and finishes what runs",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 2 });
      const { gate, futures: running } = await occupy(context, executor, 2);
      const waiting = Array.from({ length: 48 }, () =>
        executor.submit(gates.logLine, log.path, "ran"),
      );
      const closing = executor.shutdown({ cancelFutures: true });
      assert.equal(
        waiting.every((future) => future.cancelled()),
        true,
      );
      gate.open();
      await closing;
      for (const future of running) assert.equal(await future, undefined);
      assert.deepEqual(log.lines(), [], "cancelled means never started");
    },
  },
  {
    id: "py-130",
    title: "`await using` leaves no live worker behind and the results are right",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 3 });
      let results: Promise<number[]>;
      {
        await using pool = executor;
        results = Array.fromAsync(pool.map(arithmetic.square, [1, 2, 3, 4]));
      }
      assert.equal(executor.stats().workers, 0);
      assert.deepEqual(await results, [1, 4, 9, 16]);
      assert.throws(() => executor.submit(arithmetic.square, 1), ShutdownError);
    },
  },
  {
    id: "py-132",
    title: "shutdown({ wait: false }) returns at once; the work completes and the workers end",
    applies: withOwnWorkers(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const { gate, futures } = await occupy(context, executor, 2);
      const queued = executor.submit(arithmetic.square, 5);
      await executor.shutdown({ wait: false });
      assert.equal(futures[0]?.done(), false, "it did not wait");
      gate.open();
      await Promise.all(futures);
      assert.equal(await queued, 25);
      await context.until(() => executor.stats().workers === 0);
    },
  },
  {
    id: "py-137",
    title: "leaving the block by an error still runs the work and ends the workers",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const futures: PromiseLike<number>[] = [];
      await assert.rejects(async () => {
        await using pool = executor;
        futures.push(pool.submit(arithmetic.square, 3), pool.submit(arithmetic.square, 4));
        throw new RangeError("left by an error");
      }, /left by an error/);
      assert.equal(executor.stats().workers, 0);
      assert.deepEqual(await Promise.all(futures), [9, 16]);
    },
  },
  {
    id: "py-139",
    title: "shutdown({ wait: false }) lets map() finish, and its workers end by themselves",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      let [started, exited] = [0, 0];
      using _ = executor.observe(({ type }) => {
        if (type === "worker-started") started++;
        if (type === "worker-exited") exited++;
      });
      const results = executor.map(arithmetic.square, [1, 2, 3, 4, 5]);
      await executor.shutdown({ wait: false });
      assert.deepEqual(await Array.fromAsync(results), [1, 4, 9, 16, 25]);
      await context.until(() => exited === started && started > 0);
    },
  },
  {
    id: "py-141",
    title: "shutdown({ wait: false }) of 4 fresh workers does not hang",
    applies: everywhere,
    async run(context) {
      for (let round = 0; round < 3; round++) {
        const executor = context.create({ maxWorkers: 4 });
        const futures = [1, 2, 3, 4].map((n) => executor.submit(arithmetic.square, n));
        await executor.shutdown({ wait: false });
        assert.deepEqual(await Promise.all(futures), [1, 4, 9, 16]);
        await context.until(() => executor.stats().workers === 0);
      }
    },
  },
  {
    id: "cf-shutdown-twice",
    title: "shutdown() twice, or of an executor that ran nothing, is harmless",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      await executor.shutdown();
      await executor.shutdown();
      await executor[Symbol.asyncDispose]();
      const busy = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, busy);
      const [first, second] = [busy.shutdown(), busy.shutdown()];
      gate.open();
      await Promise.all([first, second]);
      assert.equal(busy.stats().workers, 0);
    },
  },
  {
    id: "cf-shutdown-then-cancel",
    title: "a second shutdown({ cancelFutures: true }) cancels what the first would have run",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const waiting = executor.submit(arithmetic.square, 1);
      const first = executor.shutdown();
      const second = executor.shutdown({ cancelFutures: true });
      assert.equal(waiting.cancelled(), true);
      gate.open();
      await Promise.all([first, second]);
    },
  },
  {
    id: "cf-shutdown-timeout",
    title: "shutdown({ timeout }) terminates what is left when the time is up",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 5 });
      const running = executor.submit(contexts.logAbort, log.path);
      await context.until(() => running.running());
      const waiting = executor.submit(gates.logLine, log.path, "ran");
      await executor.shutdown({ timeout: 20 });
      assert.deepEqual([running.state, waiting.state], ["cancelled", "cancelled"]);
      assert.equal(executor.stats().workers, 0);
      assert.equal(log.lines().includes("ran"), false);
      await assert.rejects(running.result(), CancelledError);
    },
  },
  {
    id: "cf-shutdown-timeout-enough",
    title: "shutdown({ timeout }) changes nothing when the work is done in time",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      await executor.shutdown({ timeout: 20_000 });
      assert.deepEqual(await Promise.all(futures), [1, 4, 9]);
    },
  },
  {
    id: "cf-shutdown-validation",
    title: "shutdown() refuses a negative timeout",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      await assert.rejects(async () => await executor.shutdown({ timeout: -1 }), RangeError);
    },
  },
  {
    id: "cf-shutdown-idle",
    title: "shutdown() of an idle executor ends its workers without waiting for an idleTimeout",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, idleTimeout: 100_000 });
      await executor.submit(arithmetic.square, 1);
      await executor.shutdown();
      assert.equal(executor.stats().workers, 0);
    },
  },
];
