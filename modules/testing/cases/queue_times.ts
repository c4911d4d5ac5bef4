// Cases of task.with({ delay }) and task.with({ ttl }): when a call may begin, and when it must have.
import assert from "node:assert/strict";
import { type Executor, QueueTimeoutError, TimeoutError } from "../../../mod.ts";
import { everywhere, withLinks, withOwnWaiting, withRealWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, gates, streams } from "../tasks.ts";

const FOR_EVER = 60_000;

/** Milliseconds from the submission to the start of each call. */
function waits(executor: Executor): { of: number[] } & Disposable {
  const submitted = new Map<number, number>();
  const of: number[] = [];
  const listening = executor.observe((event) => {
    if (event.type === "submitted") submitted.set(event.id, event.at);
    if (event.type === "started") of.push(event.at - (submitted.get(event.id) ?? 0));
  });
  return { of, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}

/** Has it learned that the task is short, so that many calls are sent ahead. */
async function warmUp(context: CaseContext, executor: Executor): Promise<void> {
  const log = context.log();
  for (let n = 0; n < 100; n++) await executor.submit(gates.shortOrLong, undefined, n, log.path);
}

/** Cases of delay and ttl. */
export const queueTimesCases: readonly ConformanceCase[] = [
  {
    id: "cf-with-delay",
    title: "with({ delay }) begins a task no sooner, and holds nobody up meanwhile",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(arithmetic.square, 1);
      using waited = waits(executor);
      const late = executor.submit(arithmetic.square.with({ delay: FOR_EVER }), 2);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(late.state, "pending");
      assert.equal(executor.stats().queued, 1);
      assert.ok(late.cancel());
      assert.equal(await executor.submit(arithmetic.square.with({ delay: 30 }), 2), 4);
      // Timers may fire a fraction of a millisecond early; nothing is asserted about how late.
      assert.ok((waited.of[1] ?? 0) >= 29, waited.of.join());
      assert.equal(await executor.submit(arithmetic.square.with({ delay: 0 }), 4), 16);
    },
  },
  {
    id: "cf-with-delay-map",
    title: "each element of a map, and a stream, begins no sooner than its delay",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      await executor.submit(arithmetic.square, 1);
      using waited = waits(executor);
      const task = arithmetic.square.with({ delay: 20 });
      const results = executor.map(task, [1, 2, 3, 4, 5]);
      assert.deepEqual(await Array.fromAsync(results), [1, 4, 9, 16, 25]);
      const lazy = executor.map(task, [1, 2, 3], { bufferSize: 1 });
      assert.deepEqual(await Array.fromAsync(lazy), [1, 4, 9]);
      const stream = executor.stream(streams.count.with({ delay: 20 }), 2);
      assert.deepEqual(await Array.fromAsync(stream), [0, 1]);
      assert.equal(waited.of.length, 9);
      assert.ok(Math.min(...waited.of) >= 19, waited.of.join());
    },
  },
  {
    id: "cf-with-delay-ends",
    title: "what is delayed can be cancelled at once; a shutdown waits for it, or cancels it",
    applies: everywhere,
    async run(context) {
      const later = arithmetic.square.with({ delay: FOR_EVER });
      const cancelled = context.create({ maxWorkers: 1 });
      const future = cancelled.submit(later, 2);
      assert.deepEqual([future.cancel(), future.state], [true, "cancelled"]);
      await cancelled.shutdown();

      const waiting = context.create({ maxWorkers: 1 });
      const soon = waiting.submit(arithmetic.square.with({ delay: 20 }), 2);
      const mapped = waiting.map(arithmetic.square.with({ delay: 20 }), [3]);
      await waiting.shutdown();
      assert.equal(await soon, 4);
      assert.deepEqual(await Array.fromAsync(mapped), [9]);

      const endings: ((executor: Executor) => Promise<void>)[] = [
        (executor) => executor.shutdown({ cancelFutures: true }),
        (executor) => executor.terminateWorkers(),
      ];
      for (const end of endings) {
        const executor = context.create({ maxWorkers: 1 });
        const one = executor.submit(later, 2);
        const many = executor.map(later, [1, 2, 3]);
        await end(executor);
        assert.equal(one.state, "cancelled");
        await assert.rejects(many.next(), { name: "CancelledError" });
        assert.equal(executor.stats().cancelled, 4);
      }
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.map(later, [1, 2, 3]);
      await results.return();
      await executor.shutdown();
      assert.equal(executor.stats().cancelled, 3);
    },
  },
  {
    id: "cf-with-ttl",
    title: "with({ ttl }) fails a task that has not begun by then, and never runs it",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const late = executor.submit(gates.logLine.with({ ttl: 20 }), log.path, "late");
      const behind = executor.submit(gates.logLine, log.path, "behind");
      await assert.rejects(late.result(), (error) => {
        assert.ok(error instanceof QueueTimeoutError && error instanceof TimeoutError);
        assert.match(error.message, /Cannot start task "logLine": it waited longer than 20 ms/);
        return true;
      });
      assert.equal(late.state, "finished");
      gate.open();
      await Promise.all([...futures, behind]);
      assert.deepEqual(log.lines(), ["behind"]);
      assert.equal(executor.stats().failed, 1);
    },
  },
  {
    id: "cf-with-ttl-begun",
    title: "with({ ttl }) leaves a task alone that has begun, however long it runs",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(arithmetic.square, 1);
      // A machine that needs longer to begin is given longer.
      for (let ttl = 25; ; ttl *= 2) {
        const [gate, log] = [context.gate(), context.log()];
        const task = gates.logAndWaitAt.with({ ttl });
        const running = executor.submit(task, log.path, "runs", gate.path, "value");
        await context.until(() => log.lines().length > 0 || running.done());
        // Submitted later, it is late when the other one's time is over.
        await executor.submit(arithmetic.square.with({ ttl }), 2).exception();
        gate.open();
        const error = await running.exception();
        if (error === undefined) return assert.equal(await running, "value");
        assert.ok(error instanceof QueueTimeoutError && log.lines().length === 0);
      }
    },
  },
  {
    id: "cf-with-ttl-ahead",
    title: "with({ ttl }) takes back what was sent ahead to a worker and has not begun",
    applies: withOwnWaiting(withRealWorkers),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      await warmUp(context, executor);
      const gate = context.gate();
      const { shortOrLong } = gates;
      const front = executor.submit(shortOrLong, gate.path, -1, log.path);
      const short = shortOrLong.with({ ttl: 40 });
      const late = Array.from({ length: 20 }, (_, n) =>
        executor.submit(short, undefined, n, log.path),
      );
      for (const future of late) await assert.rejects(future.result(), QueueTimeoutError);
      gate.open();
      assert.equal(await front, -1);
      assert.equal(await executor.submit(shortOrLong, undefined, 5), 5);
      assert.deepEqual(log.lines(), ["begun"]);
    },
  },
  {
    id: "cf-with-ttl-map",
    title:
      "elements of a map, and a stream, that have not begun within their ttl fail at their places",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate, futures } = await occupy(context, executor);
      const items = [0, 1, 2].map((n) => ({ log: log.path, n }));
      const results = executor.map(gates.logElement.with({ ttl: 20 }), items, { entries: true });
      const stream = executor.stream(streams.count.with({ ttl: 20 }), 2);
      const first = stream.next();
      const entries = await Array.fromAsync(results);
      assert.equal(entries.length, 3);
      for (const { outcome } of entries)
        assert.ok(outcome.status === "rejected" && outcome.reason instanceof QueueTimeoutError);
      await assert.rejects(first, QueueTimeoutError);
      gate.open();
      await Promise.all(futures);
      const mixed = executor.map(gates.logElement.with({ ttl: FOR_EVER }), items);
      assert.deepEqual(await Array.fromAsync(mixed), [0, 1, 2]);
      assert.deepEqual(log.lines(), ["0", "1", "2"]);
    },
  },
  {
    id: "cf-with-ttl-delay",
    title: "a ttl that is over before the delay is refused; delay, ttl and key are checked",
    applies: withOwnWaiting(),
    run() {
      const wrong: [object, "TypeError" | "RangeError"][] = [
        [{ ttl: 5, delay: 5 }, "RangeError"],
        [{ ttl: 5, delay: 50 }, "RangeError"],
        [{ delay: Number.POSITIVE_INFINITY }, "RangeError"],
        [{ key: {} }, "TypeError"],
        [{ key: null }, "TypeError"],
        [{ retries: { limit: 1, on: "always" } }, "TypeError"],
        [{ retries: { limit: 1, jitter: 1 } }, "TypeError"],
      ];
      for (const [options, name] of wrong)
        assert.throws(() => arithmetic.square.with(options), { name }, JSON.stringify(options));
      assert.throws(() => arithmetic.square.with({ delay: 9 }).with({ ttl: 9 }), RangeError);
      assert.equal(arithmetic.square.with({ ttl: 0 }).options.ttl, 0);
      return Promise.resolve();
    },
  },
];
