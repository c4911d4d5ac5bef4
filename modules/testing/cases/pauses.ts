// Cases of pause() and resume().
import assert from "node:assert/strict";
import { type Executor, PoolExecutor, QueueTimeoutError, ShutdownError } from "../../../mod.ts";
import { everywhere, withLinks, withOwnWaiting } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, gates, streams } from "../tasks.ts";

/** Some turns of the event loop: time for whatever should not happen. */
async function someTurns(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** Cases of a paused executor. */
export const pausesCases: readonly ConformanceCase[] = [
  {
    id: "cf-pause",
    title: "a paused executor begins nothing, and goes on where it stood",
    applies: withLinks(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(executor.paused, false);
      executor.resume();
      executor.pause();
      executor.pause();
      assert.equal(executor.paused, true);
      const futures = ["a", "b", "c"].map((line) => executor.submit(gates.logLine, log.path, line));
      const results = executor.map(gates.logElement, [{ log: log.path, n: 1 }]);
      const stream = executor.stream(streams.count, 2);
      const first = stream.next();
      await someTurns();
      assert.deepEqual([log.lines(), executor.stats().queued], [[], 5]);
      assert.ok(futures.every((future) => future.state === "pending"));
      executor.resume();
      assert.equal(executor.paused, false);
      await Promise.all(futures);
      assert.deepEqual(await Array.fromAsync(results), [1]);
      assert.deepEqual(await first, { done: false, value: 0 });
      await stream.return();
      assert.deepEqual(log.lines(), ["a", "b", "c", "1"]);
    },
  },
  {
    id: "cf-pause-running",
    title: "a pause lets go on what runs, and takes back what was sent ahead",
    applies: everywhere,
    async run(context) {
      const [log, warm] = [context.log(), context.log()];
      const executor = context.create({ maxWorkers: 1 });
      const { shortOrLong } = gates;
      for (let n = 0; n < 100; n++) await executor.submit(shortOrLong, undefined, n, warm.path);
      const futures = Array.from({ length: 100 }, (_, n) =>
        executor.submit(shortOrLong, undefined, n, log.path),
      );
      await Promise.resolve();
      executor.pause();
      const held = futures.filter(({ state }) => state === "pending");
      assert.ok(held.length > 0);
      // One may be in front of its worker, which is about to begin it.
      await context.until(() => executor.stats().running === 0);
      const waiting = futures.filter(({ state }) => state === "pending").length;
      assert.ok(waiting >= held.length - 1, `${waiting} of ${held.length}`);
      const begun = futures.length - waiting;
      assert.equal(log.lines().length, begun);
      await Promise.all(futures.slice(0, begun));
      await someTurns();
      assert.equal(log.lines().length, begun, "in order: what has begun came first");
      executor.resume();
      assert.deepEqual(await Promise.all(futures), [...futures.keys()]);
    },
  },
  {
    id: "cf-pause-cancel",
    title: "what waits in a paused executor can be cancelled, and its ttl goes on",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      executor.pause();
      const future = executor.submit(gates.logLine, log.path, "never");
      const late = executor.submit(gates.logLine.with({ ttl: 10 }), log.path, "late");
      const results = executor.map(gates.logElement, [{ log: log.path, n: 1 }]);
      assert.equal(future.cancel(), true);
      await assert.rejects(late.result(), QueueTimeoutError);
      await results.return();
      executor.resume();
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-pause-shutdown",
    title: "shutting down a paused executor resumes it; after that it cannot be paused",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      executor.pause();
      const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      const over = executor.shutdown();
      assert.equal(executor.paused, false);
      assert.throws(() => executor.pause(), ShutdownError);
      executor.resume();
      assert.deepEqual(await Promise.all(futures), [1, 4, 9]);
      await over;

      const disposed = context.create({ maxWorkers: 1 });
      disposed.pause();
      const last = disposed.submit(arithmetic.square, 5);
      await disposed[Symbol.asyncDispose]();
      assert.equal(await last, 25);
    },
  },
  {
    id: "cf-pause-shutdown-cancel",
    title: "shutdown({ cancelFutures }) and terminateWorkers() of a paused executor begin nothing",
    applies: everywhere,
    async run(context) {
      const endings: ((executor: Executor) => Promise<void>)[] = [
        (executor) => executor.shutdown({ cancelFutures: true }),
        (executor) => executor.terminateWorkers(),
      ];
      for (const end of endings) {
        const log = context.log();
        const executor = context.create({ maxWorkers: 1 });
        executor.pause();
        const future = executor.submit(gates.logLine, log.path, "never");
        const results = executor.map(gates.logElement, [{ log: log.path, n: 1 }]);
        await end(executor);
        assert.equal(future.state, "cancelled");
        await assert.rejects(results.next(), { name: "CancelledError" });
        assert.deepEqual(log.lines(), []);
      }
    },
  },
  {
    id: "cf-pause-queue",
    title: "a paused executor takes tasks up to maxQueue, and can be resized",
    applies: withOwnWaiting(
      ({ traits, executorName }) =>
        traits.workers || executorName === "EventLoopExecutor" || "it cannot be resized",
    ),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 2 });
      assert.ok(executor instanceof PoolExecutor);
      executor.pause();
      const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      assert.throws(() => executor.submit(arithmetic.square, 4), { name: "QueueFullError" });
      executor.resize(2);
      futures.push(executor.submit(arithmetic.square, 4));
      const lazy = executor.map(arithmetic.square, [5, 6], { bufferSize: 1 });
      executor.resume();
      assert.deepEqual(await Promise.all(futures), [1, 4, 9, 16]);
      assert.deepEqual(await Array.fromAsync(lazy), [25, 36]);
    },
  },
  {
    id: "cf-pause-callback",
    title: "a pause out of a callback of a call that settles holds the next one back",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      futures[0]?.addDoneCallback(() => executor.pause());
      const next = executor.submit(gates.logLine.with({ timeout: 60_000 }), log.path, "next");
      gate.open();
      await Promise.all(futures);
      await someTurns();
      assert.deepEqual([next.state, log.lines()], ["pending", []]);
      executor.resume();
      assert.equal(await next, "next");
    },
  },
];
