// Cases of the limits of a map(): its signal, its task's signal, its timeout. What waits is cancelled, what runs is
// interrupted, and nothing is left on the signal.
import assert from "node:assert/strict";
import { CancelledError, type Executor, type MapResults, TimeoutError } from "../../../mod.ts";
import { everywhere, withOwnWaiting, withRealWorkers } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, contexts, gates } from "../tasks.ts";

/** Maps a task that heeds its signal, with a signal in some place. */
const WAYS: readonly (readonly [
  way: string,
  map: (executor: Executor, log: string, signal: AbortSignal) => MapResults<never>,
])[] = [
  [
    "map({ signal })",
    (executor, log, signal) => executor.map(contexts.logAbort, Array(5).fill(log), { signal }),
  ],
  [
    "starmap({ signal, ordered: false })",
    (executor, log, signal) =>
      executor.starmap(contexts.logAbort, Array(5).fill([log]), { signal, ordered: false }),
  ],
  [
    "map of task.with({ signal })",
    (executor, log, signal) =>
      executor.map(contexts.logAbort.with({ signal }), Array(5).fill(log), { bufferSize: 3 }),
  ],
  [
    "starmap of task.with({ signal }), in chunks",
    (executor, log, signal) =>
      executor.starmap(contexts.logAbort.with({ signal }), Array(5).fill([log]), { chunkSize: 3 }),
  ],
];

/** Counts the listeners that are on a signal. */
function counted(): { controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const [add, remove] = [signal.addEventListener, signal.removeEventListener];
  signal.addEventListener = (...args: unknown[]) => {
    count++;
    Reflect.apply(add, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    count--;
    Reflect.apply(remove, signal, args);
  };
  return { controller, listeners: () => count };
}

async function settle(results: MapResults<unknown>): Promise<unknown> {
  return await Array.fromAsync(results).catch((error: unknown) => error);
}

/** Waits until so many elements have begun. */
const begun = (context: CaseContext, log: { lines(): string[] }, count: number) =>
  context.until(() => log.lines().length >= count);

/** Cases of a map()'s limits. */
export const mapLimitsCases: readonly ConformanceCase[] = [
  {
    id: "cf-map-interrupts",
    title: "an abort interrupts the elements of a map that run, wherever the signal was given",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2, interruptGrace: 60_000 });
      for (const [way, map] of WAYS) {
        const log = context.log();
        const controller = new AbortController();
        const results = map(executor, log.path, controller.signal);
        const read = settle(results);
        await begun(context, log, 2);
        controller.abort("enough");
        // Cancelled at once, whatever the tasks do about it.
        assert.equal(executor.stats().queued + executor.stats().running, 0, way);
        const error = await read;
        assert.ok(error instanceof CancelledError && error.cause === "enough", `${way}: ${error}`);
        await context.until(() => log.lines().length === 4);
        const told = log.lines().toSorted();
        assert.deepEqual(told.slice(2), ["started", "started"], way);
        assert.ok(
          told.slice(0, 2).every((line) => line === "aborted CancelledError"),
          told.join(),
        );
        assert.equal((await results.next()).done, true);
        assert.equal(await executor.submit(arithmetic.square, 3), 9);
        assert.equal(executor.stats().lost, 0);
      }
    },
  },
  {
    id: "cf-map-timeout-interrupts",
    title: "map({ timeout }) interrupts the elements that run",
    applies: withOwnWaiting(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1, interruptGrace: 60_000 });
      await executor.submit(arithmetic.square, 1);
      // Until the machine was quick enough for the first to begin in time.
      for (let timeout = 50; ; timeout *= 2) {
        const log = context.log();
        const error = await settle(
          executor.map(contexts.logAbort, [log.path, log.path], { timeout }),
        );
        assert.ok(error instanceof TimeoutError, String(error));
        assert.match(error.message, /2 \(of 2\) elements unfinished/);
        assert.equal(await executor.submit(arithmetic.square, 3), 9);
        if (log.lines().length === 0) continue;
        assert.deepEqual(log.lines(), ["started", "aborted TimeoutError"]);
        assert.equal(executor.stats().lost, 0);
        return;
      }
    },
  },
  {
    id: "cf-map-interrupts-busy",
    title: "an abort ends the worker of an element that does not heed it",
    applies: withRealWorkers,
    async run(context) {
      const log = context.log();
      const gate = context.gate();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 10 });
      const controller = new AbortController();
      const items = Array.from({ length: 20 }, (): [string, string] => [gate.path, log.path]);
      const results = executor.starmap(gates.spinAt, items, {
        signal: controller.signal,
        chunkSize: 5,
      });
      await begun(context, log, 1);
      controller.abort();
      assert.ok((await settle(results)) instanceof CancelledError);
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.deepEqual(log.lines(), ["spinning"]);
      assert.equal(executor.stats().cancelled, 20);
      gate.open();
    },
  },
  {
    id: "cf-map-interrupts-results",
    title: "results that are there are handed out before the error of an abort",
    applies: everywhere,
    async run(context) {
      const [gate, opened] = [context.gate(), context.gate()];
      opened.open();
      const executor = context.create({ maxWorkers: 1 });
      const controller = new AbortController();
      const items = [1, 2, 3, 4].map((n) => ({ gate: (n === 3 ? gate : opened).path, n }));
      const results = executor.map(gates.doubleAt, items, { signal: controller.signal });
      await context.until(() => executor.stats().finished === 2);
      controller.abort("late");
      const read: unknown[] = [];
      await assert.rejects(
        async () => {
          for await (const value of results) read.push(value);
        },
        (error) => error instanceof CancelledError && error.cause === "late",
      );
      assert.deepEqual(read, [2, 4]);
      gate.open();
    },
  },
  {
    id: "cf-map-interrupts-left",
    title: "an abort interrupts what still runs of a map whose loop was left",
    applies: everywhere,
    async run(context) {
      const log = context.log();
      const executor = context.create({ maxWorkers: 1, interruptGrace: 60_000 });
      const { controller, listeners } = counted();
      const results = executor.map(contexts.logAbort, [log.path, log.path], {
        signal: controller.signal,
      });
      await begun(context, log, 1);
      await results.return();
      assert.equal(executor.stats().running, 1, "left alone until then");
      controller.abort();
      assert.equal(executor.stats().running, 0);
      await context.until(() => log.lines().length === 2);
      await executor.shutdown();
      assert.deepEqual(log.lines(), ["started", "aborted CancelledError"]);
      assert.equal(listeners(), 0);
    },
  },
  {
    id: "cf-map-signal-listeners",
    title: "a map leaves nothing on a signal that lives longer, however it ends",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const { controller, listeners } = counted();
      const { signal } = controller;
      const squares = arithmetic.square.with({ signal });
      await settle(executor.map(arithmetic.square, [1, 2], { signal }));
      assert.equal(listeners(), 0, "read to its end");
      await settle(executor.map(squares, [1, 2], { signal, timeout: 60_000 }));
      assert.equal(listeners(), 0, "with its task's");
      await settle(executor.map(squares, [], { signal }));
      assert.equal(listeners(), 0, "of nothing");
      for await (const _ of executor.map(squares, [1, 2, 3], { signal })) break;
      await context.until(() => executor.stats().running === 0);
      assert.equal(listeners(), 0, "left");
      await settle(executor.starmap(arithmetic.squareOrThrowAt.with({ signal }), [[1, 1]]));
      assert.equal(listeners(), 0, "failed");
      const late = async function* () {
        yield 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
      };
      await settle(executor.map(squares, late(), { signal }));
      assert.equal(listeners(), 0, "whose source ends after the last result");
      const log = context.log();
      await settle(executor.map(contexts.logAbort.with({ signal }), [log.path], { timeout: 1 }));
      assert.equal(listeners(), 0, "out of time");
      assert.throws(() => executor.map(squares, 7 as never, { signal }), TypeError);
      assert.equal(listeners(), 0, "refused");
      const results = executor.map(contexts.logAbort, [log.path], { signal, timeout: 60_000 });
      controller.abort();
      await settle(results);
      assert.ok(
        listeners() <= 1,
        "aborted: the platform itself takes away what is to be called once",
      );
      await settle(executor.map(arithmetic.square, [1], { signal }));
      assert.ok(listeners() <= 1, "aborted before");
    },
  },
  {
    id: "cf-map-signal-from-source",
    title: "a source may abort its own map",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const controller = new AbortController();
      let cleanedUp = false;
      const source = function* () {
        try {
          yield 1;
          controller.abort("from inside");
          yield 2;
        } finally {
          cleanedUp = true;
        }
      };
      const error = await settle(
        executor.map(arithmetic.square, source(), { signal: controller.signal }),
      );
      assert.ok(error instanceof CancelledError && error.cause === "from inside", String(error));
      assert.equal(cleanedUp, true);
      await executor.shutdown();
      assert.equal(executor.stats().cancelled, 1);
    },
  },
];
