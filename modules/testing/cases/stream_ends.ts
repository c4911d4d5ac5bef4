// Cases of how streams end: early, late, cut off, and with their workers.

import assert from "node:assert/strict";
import {
  CancelledError,
  QueueFullError,
  ShutdownError,
  TimeoutError,
  WorkerLostError,
} from "../../../mod.ts";
import { withLinks, withRealWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, streams } from "../tasks.ts";
import { timeToStart } from "../time_to_start.ts";
import { readAll } from "./streams.ts";

/** So often is a stream closed while its last item is on its way. */
const ROUNDS_OF_RACES = 60;

/** Cases of the ends of streams. */
export const streamEndCases: readonly ConformanceCase[] = [
  {
    id: "cf-stream-break",
    title: "leaving the loop runs the generator's finally in the worker, and then its slot is free",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      for (const task of [streams.logged, streams.logged.with({ buffer: 1 })]) {
        const log = context.log();
        const stream = executor.stream(task, log.path, 1000);
        for await (const n of stream) if (n === 2) break;
        assert.equal(log.lines().at(-1), "finally");
        assert.ok(stream.future.cancelled());
        assert.deepEqual(await stream.next(), { done: true, value: undefined });
        assert.equal(await executor.submit(arithmetic.square, 3), 9);
      }
      assert.equal(executor.stats().abandoned, 0);
    },
  },
  {
    id: "cf-stream-dispose",
    title: "a stream that goes out of scope ends, and so does one that is thrown into",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      {
        await using stream = executor.stream(streams.logged, log.path, 1000);
        await stream.next();
      }
      assert.equal(log.lines().at(-1), "finally");
      const thrown = executor.stream(streams.count, 1000);
      await thrown.next();
      await assert.rejects(thrown.throw(new RangeError("mine")), { message: "mine" });
      assert.ok(thrown.future.cancelled());
    },
  },
  {
    id: "cf-stream-gives-way",
    title: "a generator that never waits hears that its reader has gone",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      const log = context.log();
      // More than anybody takes: it is never held up by its reader.
      const task = streams.endless.with({ buffer: 1_000_000_000 });
      for await (const n of executor.stream(task, log.path)) if (n === 3) break;
      assert.deepEqual(log.lines(), ["finally"]);
    },
  },
  {
    id: "cf-stream-grace",
    title: "a finally that takes longer than the grace costs the worker, and nobody waits for it",
    applies: withLinks(),
    async run(context) {
      const gate = context.gate();
      // Where the machine is busy a grace may be over before `finally` has begun; within one of these it begins.
      for (const interruptGrace of [20, 200, 2000, 20_000]) {
        const executor = context.create({ maxWorkers: 1, interruptGrace });
        const log = context.log();
        for await (const n of executor.stream(streams.clingsAt, log.path, gate.path))
          if (n === 1) break;
        assert.equal(await executor.submit(arithmetic.square, 5), 25);
        const lines = log.lines();
        if (lines.length === 0 && interruptGrace < 20_000) continue;
        assert.deepEqual(lines, ["finally"], "it has begun, and is not waited for");
        return;
      }
    },
  },
  {
    id: "cf-stream-cancel",
    title: "a stream that is cancelled hands out what has come, and then a CancelledError",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const [log, gate] = [context.log(), context.gate()];
      const stream = executor.stream(streams.loggedAt, log.path, 3, gate.path);
      assert.equal((await stream.next()).value, 0);
      assert.equal(stream.future.cancel(), false);
      assert.ok(stream.future.cancel({ interrupt: true, reason: "enough" }));
      gate.open();
      const rest = await readAll(stream);
      const [error] = rest.splice(-2, 1);
      assert.ok(error instanceof CancelledError && error.cause === "enough");
      assert.deepEqual(rest.slice(0, -1), [1, 2].slice(0, rest.length - 1));
      assert.equal(await executor.submit(arithmetic.square, 5), 25);
    },
  },
  {
    id: "cf-stream-cancel-pending",
    title: "a stream that waits in the queue can be cancelled, and never begins",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const { gate } = await occupy(context, executor);
      const stream = executor.stream(streams.logged, log.path, 3);
      const next = assert.rejects(stream.next(), CancelledError);
      assert.ok(stream.future.cancel());
      await next;
      const left = executor.stream(streams.logged, log.path, 3).start();
      await left.return();
      assert.ok(left.future.cancelled());
      gate.open();
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-stream-signal",
    title: "a task's signal ends its streams",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const controller = new AbortController();
      const task = streams.logged.with({ signal: controller.signal, buffer: 1 });
      const stream = executor.stream(task, log.path, 1000);
      await stream.next();
      controller.abort("why");
      const error = (await readAll(stream)).at(-2);
      assert.ok(error instanceof CancelledError && error.cause === "why");
      await context.until(() => log.lines().at(-1) === "finally");
    },
  },
  {
    id: "cf-stream-timeout",
    title: "`timeout` bounds the whole of a stream, however it is read",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const timeout = await timeToStart(context);
      const log = context.log();
      const stream = executor.stream(streams.endless.with({ timeout }), log.path);
      await assert.rejects(async () => {
        for await (const n of stream) void n;
      }, TimeoutError);
      await assert.rejects(stream.future.result(), TimeoutError);
      assert.ok((await stream.next()).done);
    },
  },
  {
    id: "cf-stream-item-timeout",
    title: "`itemTimeout` bounds the silence of the producer, and not the pauses of the reader",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const itemTimeout = await timeToStart(context);
      const [log, gate] = [context.log(), context.gate()];
      const task = streams.loggedAt.with({ itemTimeout, buffer: 2 });
      const stream = executor.stream(task, log.path, 6, gate.path);
      for (let n = 0; n < 4; n++) {
        assert.equal((await stream.next()).value, n);
        // Long enough, if it counted: the producer has made what it may.
        if (n === 1) await new Promise((resolve) => setTimeout(resolve, 2 * itemTimeout));
      }
      const all = await readAll(stream);
      assert.deepEqual(all.slice(0, 2), [4, 5].slice(0, 2));
      assert.ok(all[2] instanceof TimeoutError);
      assert.match(String(all[2]), /no item came for/);
      gate.open();
      assert.equal(await executor.submit(arithmetic.square, 5), 25);
    },
  },
  {
    id: "cf-stream-lost",
    title:
      "of a lost worker what has arrived is handed out, then WorkerLostError; it is not run again",
    applies: withLinks(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const [log, gate] = [context.log(), context.gate()];
      const task = streams.exitAt.with({ retries: 3 });
      const stream = executor.stream(task, log.path, 5, gate.path, 3);
      const left = Promise.withResolvers<unknown>();
      stream.future.onProgress(left.resolve);
      assert.equal((await stream.next()).value, 0);
      await left.promise;
      gate.open();
      await context.until(() => stream.future.done());
      const rest = await readAll(stream);
      assert.deepEqual(rest.slice(0, 4), [1, 2, 3, 4]);
      assert.ok(rest[4] instanceof WorkerLostError);
      assert.equal(rest[4].exitCode, context.exitCode(3));
      assert.deepEqual(log.lines(), ["run"]);
      assert.equal(await executor.submit(arithmetic.square, 5), 25);
    },
  },
  {
    id: "cf-stream-exit",
    title:
      "of a task that exits all items are handed out that it has made, and then WorkerLostError",
    applies: withLinks(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const to of [1, 5, 100]) {
        const stream = executor.stream(streams.exitAtOnce.with({ buffer: 200 }), to, 3);
        const all = await readAll(stream);
        assert.deepEqual(all.slice(0, to), [...Array(to).keys()]);
        assert.ok(all[to] instanceof WorkerLostError, String(all[to]));
      }
      assert.equal(await executor.submit(arithmetic.square, 5), 25);
    },
  },
  {
    id: "cf-stream-retry",
    title: "a stream that is lost before its first item is run again, where its task may be",
    applies: withLinks(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const stream = executor.stream(streams.exitOnce.with({ retries: 1 }), log.path, 3);
      assert.deepEqual(await readAll(stream), ["in the second run", { returned: undefined }]);
      assert.deepEqual(log.lines(), ["run", "run"]);
    },
  },
  {
    id: "cf-stream-shutdown",
    title: "a shutdown waits for a stream that is read; afterwards none begins",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const stream = executor.stream(streams.count, 500);
      const unstarted = executor.stream(streams.count, 500);
      await stream.next();
      const closed = executor.shutdown();
      assert.equal((await readAll(stream)).length, 500);
      await closed;
      assert.throws(() => executor.stream(streams.count, 1), ShutdownError);
      await assert.rejects(unstarted.next(), ShutdownError);
    },
  },
  {
    id: "cf-stream-terminate",
    title: "terminateWorkers() ends a stream, read or not",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const log = context.log();
      const read = executor.stream(streams.endless, log.path);
      const unread = executor.stream(streams.endless, log.path).start();
      await read.next();
      await unread.next();
      await executor.terminateWorkers();
      for (const stream of [read, unread])
        assert.ok((await readAll(stream)).at(-2) instanceof CancelledError);
    },
  },
  {
    id: "cf-stream-full-queue",
    title: "a stream takes a place in the queue when it is started, and can be started later",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 0 });
      const stream = executor.stream(streams.count, 3);
      const { gate, futures } = await occupy(context, executor);
      await assert.rejects(stream.next(), QueueFullError);
      gate.open();
      await Promise.all(futures);
      assert.equal((await readAll(stream)).length, 4);
    },
  },
  {
    id: "cf-stream-behind",
    title: "nothing waits in a worker's window behind a stream",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const log = context.log();
      // So short that many would be sent at once.
      for await (const _ of executor.map(arithmetic.square, Array(500).keys()));
      await using stream = executor.stream(streams.logged, log.path, 1000).start();
      await stream.next();
      const results = await Array.fromAsync(executor.map(arithmetic.square, Array(500).keys()));
      assert.equal(results.length, 500);
    },
  },
  {
    id: "cf-stream-races",
    title:
      "a stream that is left while its last item is on its way is finished or cancelled, and free",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 600_000 });
      for (let round = 0; round < ROUNDS_OF_RACES; round++) {
        const to = 1 + (round % 4);
        const stream = executor.stream(streams.countAtOnce, to);
        for (let n = 0; n < to; n++) assert.equal((await stream.next()).value, n);
        const [last] = await Promise.all(
          round % 2 === 0 ? [stream.next(), stream.return()] : [stream.return(), stream.next()],
        );
        assert.ok(last.done);
        assert.ok(stream.future.done());
      }
      assert.equal(await executor.submit(arithmetic.square, 5), 25);
      const { running, queued, finished, cancelled } = executor.stats();
      assert.deepEqual([running, queued, finished + cancelled], [0, 0, ROUNDS_OF_RACES + 1]);
    },
  },
  {
    id: "cf-stream-unobserved",
    title: "a failure that a reader has seen, or has left unread, is not reported; another is",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const read = executor.stream(streams.failAfter, 1, "read");
      await readAll(read);
      const left = executor.stream(streams.failAfter, 1, "left");
      await left.next();
      await left.return();
      const unread = executor.stream(streams.failAfter, 1, "unread").start();
      await unread.next();
      await executor.shutdown();
      assert.deepEqual(
        context.reports.map(({ error, about }) => [(error as Error).message, about.kind]),
        [["unread", "unobserved"]],
      );
    },
  },
];
