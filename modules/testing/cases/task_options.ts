// Cases of task.with(): name, timeout, signal, priority, transfer; and of taskContext().
import assert from "node:assert/strict";
import {
  CancelledError,
  type Future,
  move,
  TimeoutError,
  taskContext,
  wait,
} from "../../../mod.ts";
import {
  everywhere,
  withCloning,
  withOwnWaiting,
  withOwnWorkers,
  withRealWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, gates, places } from "../tasks.ts";

/** Cases of task.with() and taskContext(). */
export const taskOptionsCases: readonly ConformanceCase[] = [
  {
    id: "cf-with-immutable",
    title: "with() returns another task and leaves the first as it is",
    applies: everywhere,
    run() {
      const named = arithmetic.square.with({ name: "first" });
      const both = named.with({ priority: 2 });
      assert.deepEqual(
        [arithmetic.square.name, named.name, both.name],
        ["square", "first", "first"],
      );
      assert.equal(both.options.priority, 2);
      assert.equal(named.options.priority, undefined);
      return Promise.resolve();
    },
  },
  {
    id: "cf-with-name",
    title: "with({ name }) is what observers and lost-worker errors call the task",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const names: string[] = [];
      using _ = executor.observe((event) => {
        if (event.type === "submitted") names.push(event.task);
      });
      await executor.submit(arithmetic.square.with({ name: "my square" }), 2);
      await executor.submit(arithmetic.square, 2);
      assert.deepEqual(names, ["my square", "square"]);
    },
  },
  {
    id: "cf-with-timeout",
    title: "with({ timeout }) rejects with TimeoutError and aborts the task's signal",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(contexts.logAbort.with({ timeout: 10 }), log.path);
      const next = executor.submit(arithmetic.square, 3);
      await assert.rejects(
        future.result(),
        (error) => error instanceof TimeoutError && error.name === "TimeoutError",
      );
      assert.equal(future.state, "finished");
      await context.until(() => log.lines().length === 2);
      assert.deepEqual(log.lines(), ["started", "aborted TimeoutError"]);
      assert.equal(await next, 9);
      assert.equal(executor.stats().lost, 0, "a task that heeds its signal costs no worker");
    },
  },
  {
    id: "cf-with-timeout-from-start",
    title: "with({ timeout }) counts from the start of the task, not from submit()",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const submitted = performance.now();
      const future = executor.submit(arithmetic.squareLater.with({ timeout: 5_000 }), 3);
      const hasty = executor.submit(contexts.logAbort.with({ timeout: 15 }), context.log().path);
      await context.until(() => performance.now() - submitted > 40);
      assert.equal(hasty.done(), false, "its clock has not begun");
      gate.open();
      assert.equal(await future, 9);
      await assert.rejects(hasty.result(), TimeoutError);
    },
  },
  {
    id: "cf-with-signal-queued",
    title: "with({ signal }) that aborts drops a queued task, with the reason as cause",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const controller = new AbortController();
      const future = executor.submit(
        gates.logLine.with({ signal: controller.signal }),
        log.path,
        "ran",
      );
      controller.abort("enough");
      assert.equal(future.cancelled(), true);
      await assert.rejects(
        future.result(),
        (error) => error instanceof CancelledError && error.cause === "enough",
      );
      gate.open();
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-with-signal-running",
    title: "with({ signal }) that aborts interrupts a running task",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const controller = new AbortController();
      const future = executor.submit(
        contexts.logAbort.with({ signal: controller.signal }),
        log.path,
      );
      await context.until(() => log.lines().length === 1);
      controller.abort("enough");
      assert.equal(future.state, "cancelled");
      await assert.rejects(future.result(), (error) => (error as Error).cause === "enough");
      await context.until(() => log.lines().length === 2);
      assert.deepEqual(log.lines(), ["started", "aborted CancelledError"]);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-with-signal-born",
    title: "with({ signal }) that is aborted already gives a future born cancelled",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(
        gates.logLine.with({ signal: AbortSignal.abort("before") }),
        log.path,
        "ran",
      );
      assert.equal(future.state, "cancelled");
      await assert.rejects(future.result(), (error) => (error as Error).cause === "before");
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
      assert.equal(executor.stats().queued, 0);
    },
  },
  {
    id: "cf-with-signal-done",
    title: "a task's signal that aborts after the task is done changes nothing",
    applies: everywhere,
    async run(context) {
      const controller = new AbortController();
      const future = context
        .create()
        .submit(arithmetic.square.with({ signal: controller.signal }), 3);
      assert.equal(await future, 9);
      controller.abort();
      assert.equal(future.state, "finished");
      assert.equal(await future, 9);
    },
  },
  {
    id: "cf-with-signal-released",
    title: "a task that is done leaves no listener on a signal that lives on",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { signal } = new AbortController();
      const listeners = new Set<unknown>();
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
        listeners.add(args[1]);
        addEventListener.apply(signal, args);
      };
      signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
        listeners.delete(args[1]);
        removeEventListener.apply(signal, args);
      };
      assert.equal(await executor.submit(arithmetic.square.with({ signal }), 3), 9);
      executor.submit(arithmetic.square.with({ signal }), 3).cancel();
      assert.deepEqual(
        await Array.fromAsync(executor.map(arithmetic.square, [1], { signal })),
        [1],
      );
      assert.equal(listeners.size, 0);
    },
  },
  {
    id: "cf-with-priority",
    title: "with({ priority }) runs higher first, equal ones in the order of submission",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const priorities = [0, 5, -1, 5, undefined, 10];
      const futures = priorities.map((priority, index) =>
        executor.submit(
          priority === undefined ? gates.logLine : gates.logLine.with({ priority }),
          log.path,
          `${index}`,
        ),
      );
      gate.open();
      await Promise.all(futures);
      assert.deepEqual(log.lines(), ["5", "1", "3", "0", "4", "2"]);
    },
  },
  {
    id: "cf-fifo",
    title: "tasks of equal priority start in the order of submission",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const lines = Array.from({ length: 100 }, (_, n) => `${n}`);
      await Promise.all(lines.map((line) => executor.submit(gates.logLine, log.path, line)));
      assert.deepEqual(log.lines(), lines);
    },
  },
  {
    id: "cf-bytes",
    title:
      "buffers and views of every size arrive as they were, many at once too, each the receiver's own",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const filled = (length: number) => {
        const bytes = new Uint8Array(length).fill(length % 255);
        bytes.set([1, 2, 3].slice(0, length));
        bytes.set([4, 5, 6].slice(0, length), Math.max(0, length - 3));
        return bytes;
      };
      const whole = filled(1 << 20);
      const values = [
        ...[0, 1, 5_000, 20_000, 1 << 20, (1 << 24) + 8].map(filled),
        Float64Array.of(1.5, Number.NaN, -0),
        new Int16Array(50_000).fill(-3),
        BigInt64Array.of(-1n),
        filled(100_000).buffer,
        new DataView(filled(9).buffer, 1, 3),
        whole.subarray(10, 400_000),
      ];
      const futures = values.map((value) => executor.submit(arithmetic.identity, value));
      for (const [index, future] of futures.entries()) {
        const [sent, received] = [values[index], await future];
        assert.deepStrictEqual(received, sent);
        assert.notEqual(received, sent);
      }
      assert.equal(whole.length, 1 << 20, "what is copied stays with its sender");
    },
  },
  {
    id: "cf-with-transfer",
    title: "with({ transfer }) moves what a list or a function names",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const byFunction = arithmetic.lengthOf.with({
        transfer: (bytes) => [bytes as unknown as ArrayBuffer],
      });
      const moved = new ArrayBuffer(64);
      assert.equal(await executor.submit(byFunction, moved), 64);
      const listed = new ArrayBuffer(32);
      const byList = arithmetic.lengthOf.with({ transfer: [listed] });
      assert.equal(await executor.submit(byList, listed), 32);
      // Processes share no memory: there "moved" means that the sender's buffer is given up all the same.
      assert.deepEqual([moved.byteLength, listed.byteLength], [0, 0]);
      // Small or large, it may take another way.
      for (const length of [16, 100_000, 20_000_000]) {
        const buffer = new ArrayBuffer(length);
        assert.equal(await executor.submit(arithmetic.lengthOf, buffer), length);
        assert.equal(buffer.byteLength, length);
        assert.equal(await executor.submit(byFunction, buffer), length);
        assert.equal(buffer.byteLength, 0);
      }
    },
  },
  {
    id: "cf-with-transfer-twice",
    title: "a buffer that was moved before rejects only the future it is given to",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const task = arithmetic.lengthOf.with({ transfer: (bytes) => [bytes as ArrayBuffer] });
      const buffer = new ArrayBuffer(8);
      const first = executor.submit(task, buffer);
      const second = executor.submit(task, buffer);
      assert.equal(await first, 8);
      await assert.rejects(second.result());
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-with-transfer-cancels",
    title: "a transfer function that cancels its own task is told the truth, and harms no other",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(arithmetic.square, 1);
      let answer: boolean | undefined;
      const task = gates.logLine.with({
        transfer: () => {
          answer ??= future.cancel();
          return [];
        },
      });
      const future: Future<unknown> = executor.submit(task, log.path, "ran");
      const behind = [2, 3].map((n) => executor.submit(arithmetic.square, n));
      assert.deepEqual(await Promise.all(behind), [4, 9]);
      await wait([future]);
      assert.equal(future.cancelled(), answer);
      assert.deepEqual(log.lines(), answer ? [] : ["ran"]);
      assert.equal(executor.stats().running, 0);
    },
  },
  {
    id: "cf-with-transfer-throws",
    title: "a transfer function that throws fails that task only",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const task = arithmetic.square.with({
        transfer: () => {
          throw new RangeError("no list");
        },
      });
      await assert.rejects(async () => await executor.submit(task, 2), /no list/);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
    },
  },
  {
    id: "cf-move",
    title: "move() moves a result's buffer instead of copying it: it is gone for the worker",
    applies: withRealWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const length of [10, 100_000, 20_000_000]) {
        const bytes = await executor.submit(arithmetic.makeBytes, length);
        assert.deepEqual([bytes.length, bytes.at(-1)], [length, 7]);
        assert.equal(await executor.submit(arithmetic.lengthOfMade), 0);
      }
    },
  },
  {
    id: "cf-move-refused",
    title:
      "a result that cannot be moved fails its task only; move() refuses what has nothing to move",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await executor.submit(arithmetic.makeBytes, 8);
      await assert.rejects(executor.submit(arithmetic.moveMadeAgain).result());
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.throws(() => move({}), /list what of the Object is to be moved/);
      assert.throws(() => move(5 as never), TypeError);
      assert.throws(() => move({}, "all" as never), TypeError);
      const value = { bytes: new Uint8Array(4) };
      assert.equal(move(value, [value.bytes.buffer]), value);
    },
  },
  {
    id: "cf-with-validation",
    title: "with() refuses options of the wrong type or out of their range",
    applies: everywhere,
    run() {
      const wrong: [object, "TypeError" | "RangeError"][] = [
        [{ timeout: -1 }, "RangeError"],
        [{ timeout: "soon" }, "TypeError"],
        [{ retries: -1 }, "RangeError"],
        [{ retries: "3" }, "TypeError"],
        [{ retries: null }, "TypeError"],
        [{ retries: {} }, "TypeError"],
        [{ retries: { delay: 1 } }, "TypeError"],
        [{ retries: { limit: 1.5, delay: 0 } }, "TypeError"],
        [{ retries: { limit: 1, delay: -1 } }, "RangeError"],
        [{ retries: { limit: 1, delay: 1, factor: 0.5 } }, "RangeError"],
        [{ retries: { limit: 1, delay: 1, factor: "2" } }, "TypeError"],
        [{ retries: { limit: 1, delay: 1, maxDelay: Number.NaN } }, "RangeError"],
        [{ priority: Number.NaN }, "RangeError"],
        [{ priority: "high" }, "TypeError"],
        [{ signal: {} }, "TypeError"],
        [{ transfer: 5 }, "TypeError"],
        [{ name: 5 }, "TypeError"],
      ];
      for (const [options, name] of wrong) {
        assert.throws(
          () => arithmetic.square.with(options),
          { name, message: new RegExp(Object.keys(options)[0] as string) },
          JSON.stringify(options),
        );
      }
      return Promise.resolve();
    },
  },
  {
    id: "cf-context",
    title: "taskContext() gives id, worker, signal and progress, and throws outside a task",
    applies: withOwnWorkers(),
    async run(context) {
      assert.throws(() => taskContext(), /no task is running/);
      const executor = context.create({ maxWorkers: 1 });
      const ids: number[] = [];
      using _ = executor.observe((event) => {
        if (event.type === "submitted") ids.push(event.id);
      });
      const first = await executor.submit(contexts.readContext);
      const second = await executor.submit(contexts.readContext);
      assert.deepEqual([first.id, second.id], ids.map(String));
      assert.deepEqual([first.aborted, first.sameAfterAwait], [false, true]);
    },
  },
  {
    id: "cf-context-interleaved",
    title: "tasks that take turns on one thread keep their own contexts",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 4 });
      const gate = context.gate();
      const running = Array.from({ length: 4 }, () =>
        executor.submit(places.whereAmIAt, gate.path),
      );
      await context.until(() => running.every((future) => future.running()));
      gate.open();
      const found = await Promise.all(running);
      assert.equal(new Set(found.map(({ workerName }) => workerName)).size, 4);
    },
  },
  {
    id: "cf-context-progress",
    title: "progress() moves fractions into 0 to 1 and refuses what is no number",
    applies: everywhere,
    async run(context) {
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(contexts.progressThenWaitAt, [-5, 0.5, 7], gate.path);
      const seen: number[] = [];
      future.onProgress(({ fraction }) => seen.push(fraction));
      gate.open();
      await future;
      assert.deepEqual(seen, [0, 0.5, 1]);
      const bad = executor.submit(contexts.progressThenWaitAt, [Number.NaN], gate.path);
      await assert.rejects(bad.result(), TypeError);
    },
  },
];
