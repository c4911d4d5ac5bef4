// Cases of what map() promises beyond Python: laziness, order, leaving early, signals, chunks.
import assert from "node:assert/strict";
import { CancelledError, QueueFullError, ShutdownError, TimeoutError } from "../../../mod.ts";
import { everywhere, withOwnWaiting, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, contexts, failures, gates, missing } from "../tasks.ts";

/** Cases of what map() promises beyond Python. */
export const mapContractCases: readonly ConformanceCase[] = [
  {
    id: "cf-map-lazy",
    title: "map() with bufferSize pulls no more than that many elements ahead of its reader",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      let pulled = 0;
      function* source(): Generator<number> {
        for (;;) yield pulled++;
      }
      const iterator = executor
        .map(arithmetic.square, source(), { bufferSize: 3 })
        [Symbol.asyncIterator]();
      for (let read = 0; read < 10; read++) {
        assert.deepEqual(await iterator.next(), { done: false, value: read * read });
        assert.ok(pulled <= read + 1 + 3, `${pulled} pulled, ${read + 1} read`);
      }
      await iterator.return?.();
    },
  },
  {
    id: "cf-map-eager",
    title: "map() without bufferSize takes its whole source during the call",
    applies: everywhere,
    run(context) {
      let pulled = 0;
      function* source(): Generator<number> {
        while (pulled < 20) yield pulled++;
      }
      context.create({ maxWorkers: 1 }).map(arithmetic.square, source());
      assert.equal(pulled, 20);
      return Promise.resolve();
    },
  },
  {
    id: "cf-map-async-source",
    title: "map() takes an async source as it yields, although nobody iterates",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 2 });
      const gate = context.gate();
      async function* source(): AsyncGenerator<{ log: string; n: number }> {
        yield { log: log.path, n: 0 };
        await context.until(() => gate.isOpen);
        yield { log: log.path, n: 1 };
      }
      const results = executor.map(gates.logElement, source());
      await context.until(() => log.lines().length === 1);
      gate.open();
      await context.until(() => log.lines().length === 2);
      assert.deepEqual(await Array.fromAsync(results), [0, 1]);
    },
  },
  {
    id: "cf-map-source-throws",
    title: "map() throws the source's own error after the elements before it",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      async function* source(): AsyncGenerator<number> {
        yield 1;
        yield 2;
        throw new RangeError("source broke");
      }
      for (const options of [{}, { bufferSize: 1 }]) {
        const iterator = executor.map(arithmetic.square, source(), options)[Symbol.asyncIterator]();
        assert.deepEqual(await iterator.next(), { done: false, value: 1 });
        assert.deepEqual(await iterator.next(), { done: false, value: 4 });
        await assert.rejects(iterator.next(), /source broke/);
        assert.equal((await iterator.next()).done, true);
      }
    },
  },
  {
    id: "cf-map-unordered",
    title: "map({ ordered: false }) gives results as they come",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const closed = [context.gate(), context.gate()];
      const items = closed.map(({ path }, n) => ({ gate: path, n: n + 1 }));
      const iterator = executor
        .map(gates.doubleAt, items, { ordered: false, chunkSize: 1 })
        [Symbol.asyncIterator]();
      closed[1]?.open();
      assert.deepEqual(await iterator.next(), { done: false, value: 4 });
      closed[0]?.open();
      assert.deepEqual(await iterator.next(), { done: false, value: 2 });
      assert.equal((await iterator.next()).done, true);
    },
  },
  {
    id: "cf-map-ordered",
    title: "map() holds a result back until those before it were given",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const closed = [context.gate(), context.gate()];
      const items = closed.map(({ path }, n) => ({ gate: path, n: n + 1 }));
      const iterator = executor
        .map(gates.doubleAt, items, { chunkSize: 1 })
        [Symbol.asyncIterator]();
      closed[1]?.open();
      let first: unknown;
      const next = iterator.next().then((result) => {
        first = result.value;
      });
      await context.until(() => executor.stats().busy === 1);
      assert.equal(first, undefined);
      closed[0]?.open();
      await next;
      assert.equal(first, 2);
      assert.deepEqual(await iterator.next(), { done: false, value: 4 });
    },
  },
  {
    id: "cf-map-early-leave",
    title: "leaving a map() loop early cancels the rest and closes the source",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      let closed = false;
      function* source(): Generator<{ log: string; n: number }> {
        try {
          for (let n = 0; ; n++) yield { log: log.path, n };
        } finally {
          closed = true;
        }
      }
      const options = { bufferSize: 5, chunkSize: 1 };
      for await (const value of executor.map(gates.logElement, source(), options)) {
        if (value === 2) break;
      }
      assert.equal(closed, true);
      await executor.shutdown();
      const { queued, running } = executor.stats();
      assert.deepEqual({ queued, running }, { queued: 0, running: 0 });
      // Read 0 to 2; besides these at most the five in the buffer may have started.
      assert.ok(log.lines().length <= 8, `${log.lines().length} elements started`);
    },
  },
  {
    id: "cf-map-early-leave-queued",
    title: "leaving a map() loop early means that no waiting element ever starts",
    applies: withOwnWaiting(),
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      const results = executor.starmap(
        gates.logAndWaitAt,
        Array.from({ length: 10 }, (_, n): [string, string, string] => [
          log.path,
          String(n),
          gate.path,
        ]),
        { chunkSize: 1 },
      );
      await context.until(() => log.lines().includes("0"));
      await results[Symbol.asyncIterator]().return?.();
      gate.open();
      assert.equal(await executor.submit(arithmetic.square, 3), 9, "the place is free again");
      await executor.shutdown();
      assert.deepEqual(
        log.lines().filter((line) => !line.startsWith("0")),
        [],
      );
    },
  },
  {
    id: "cf-map-dispose",
    title: "map() results end with `await using`",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      {
        await using results = executor.map(arithmetic.square, [1, 2, 3]);
        assert.equal(executor.stats().queued > 0, true);
        void results;
      }
      assert.equal(executor.stats().queued, 0);
      gate.open();
    },
  },
  {
    id: "cf-map-timeout-from-call",
    title: "map({ timeout }) counts from the call, for all elements together",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const started = performance.now();
      const iterator = executor
        .map(arithmetic.square, [1, 2], { timeout: 20 })
        [Symbol.asyncIterator]();
      await context.until(() => performance.now() - started > 40);
      await assert.rejects(iterator.next(), TimeoutError);
      assert.equal((await iterator.next()).done, true);
      assert.equal(executor.stats().queued, 0, "the rest is cancelled");
      gate.open();
    },
  },
  {
    id: "cf-map-signal",
    title: "map({ signal }) ends the iteration with CancelledError and cancels the rest",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const controller = new AbortController();
      const iterator = executor
        .map(arithmetic.square, [1, 2, 3], { signal: controller.signal })
        [Symbol.asyncIterator]();
      const next = iterator.next();
      controller.abort("enough");
      await assert.rejects(
        next,
        (error) => error instanceof CancelledError && error.cause === "enough",
      );
      assert.equal((await iterator.next()).done, true);
      assert.equal(executor.stats().queued, 0);
      gate.open();
    },
  },
  {
    id: "cf-map-signal-aborted",
    title: "map() with a signal that is aborted already starts nothing",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create();
      const results = executor.map(gates.logElement, [{ log: log.path, n: 1 }], {
        signal: AbortSignal.abort("before"),
      });
      await assert.rejects(Array.fromAsync(results), CancelledError);
      await executor.shutdown();
      assert.deepEqual(log.lines(), []);
    },
  },
  {
    id: "cf-map-chunk-sizes",
    title: "map() gives the same results for every chunkSize",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const items = Array.from({ length: 50 }, (_, n) => n);
      const expected = items.map((n) => n * n);
      for (const chunkSize of [1, 2, 7, 50, 1000, "auto"] as const) {
        for (const bufferSize of [undefined, 10]) {
          const options = bufferSize === undefined ? { chunkSize } : { chunkSize, bufferSize };
          const results = executor.map(arithmetic.square, items, options);
          assert.deepEqual(await Array.fromAsync(results), expected, JSON.stringify(options));
        }
      }
    },
  },
  {
    id: "cf-map-options",
    title: "map() itself refuses options out of their range",
    applies: everywhere,
    run(context) {
      const executor = context.create();
      for (const chunkSize of [0, -1]) {
        assert.throws(() => executor.map(arithmetic.square, [1], { chunkSize }), RangeError);
      }
      for (const chunkSize of [1.5, "foo", Number.NaN] as number[]) {
        assert.throws(() => executor.map(arithmetic.square, [1], { chunkSize }), TypeError);
      }
      assert.throws(() => executor.map(arithmetic.square, [1], { timeout: -1 }), RangeError);
      return Promise.resolve();
    },
  },
  {
    id: "cf-map-refused",
    title: "map() on a closed executor throws ShutdownError at the call",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      await executor.shutdown();
      assert.throws(() => executor.map(arithmetic.square, [1]), ShutdownError);
      assert.throws(() => executor.starmap(arithmetic.add, [[1, 2]]), ShutdownError);
    },
  },
  {
    id: "cf-map-maxqueue",
    title: "map() waits for room in a full queue by itself",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 2 });
      const items = Array.from({ length: 20 }, (_, n) => n);
      const results = executor.map(arithmetic.square, items, { chunkSize: 1 });
      assert.deepEqual(
        await Array.fromAsync(results),
        items.map((n) => n * n),
      );
      const { gate } = await occupy(context, executor);
      executor.submit(arithmetic.square, 1);
      executor.submit(arithmetic.square, 1);
      assert.throws(() => executor.submit(arithmetic.square, 1), QueueFullError);
      const waiting = executor.map(arithmetic.square, items);
      gate.open();
      assert.equal((await Array.fromAsync(waiting)).length, 20);
    },
  },
  {
    id: "cf-map-left-while-full",
    title: "a map() that is left while it waits for room takes nothing more from its source",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1, maxQueue: 1 });
      const { gate } = await occupy(context, executor);
      let pulled = 0;
      function* source(): Generator<number> {
        for (;;) yield pulled++;
      }
      const results = executor.map(arithmetic.square, source());
      await context.until(() => executor.stats().queued > 0);
      const before = pulled;
      await results[Symbol.asyncIterator]().return?.();
      gate.open();
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(pulled, before);
    },
  },
  {
    id: "cf-map-failures",
    title: "map() fails each element by itself when the module is missing",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.map(missing.never as never, [1, 2]);
      const iterator = results[Symbol.asyncIterator]();
      await assert.rejects(iterator.next());
      await assert.rejects(iterator.next());
      assert.equal((await iterator.next()).done, true);
      assert.deepEqual(await Array.fromAsync(executor.map(arithmetic.square, [3])), [9]);
    },
  },
  {
    id: "cf-map-uncloneable",
    title: "map() rejects only the element that cannot be cloned",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const chunkSize of [1, 3, "auto"] as const) {
        const items: unknown[] = [1, () => {}, 3, 4];
        const iterator = executor
          .map(arithmetic.identity, items, { chunkSize })
          [Symbol.asyncIterator]();
        const seen: unknown[] = [];
        for (let index = 0; index < items.length; index++) {
          seen.push(
            await iterator.next().then(
              ({ value }) => value,
              (error) => error.name,
            ),
          );
        }
        assert.deepEqual(seen, [1, "DataCloneError", 3, 4], `chunkSize ${chunkSize}`);
      }
    },
  },
  {
    id: "cf-map-task-options",
    title: "map() honours the task's own options for each element",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 5_000 });
      const results = executor.map(contexts.logAbort.with({ timeout: 10 }), [log.path]);
      await assert.rejects(Array.fromAsync(results), TimeoutError);
      await context.until(() => log.lines().includes("aborted TimeoutError"));
      const named = executor.map(failures.throwRangeError.with({ name: "named" }), ["x"]);
      await assert.rejects(Array.fromAsync(named), RangeError);
    },
  },
];
