// Cases of what map() tells of each element, and of all together: entries and progress.
import assert from "node:assert/strict";
import {
  CancelledError,
  type MapEntry,
  type MapProgress,
  TimeoutError,
  WorkerLostError,
} from "../../../mod.ts";
import { everywhere, withLinks, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { occupy } from "../occupy.ts";
import { arithmetic, deaths, failures, gates, streams } from "../tasks.ts";
import { readAll } from "./streams.ts";

/** Pairs for `squareOrThrowAt`: of the numbers from 0 on, so many, one fails. */
const pairs = (length: number, bad: number) =>
  Array.from({ length }, (_, n): [bad: number, n: number] => [bad, n]);

/** The outcome of an element that succeeded. */
const fulfilled = <T>(value: T): PromiseFulfilledResult<T> => ({ status: "fulfilled", value });

/** Cases of entries and progress. */
export const mapEntriesCases: readonly ConformanceCase[] = [
  {
    id: "cf-map-entries-ordered",
    title: "map({ entries: true }) hands out index, item and outcome, in the order of the source",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results = executor.map(arithmetic.square, [5, 6, 7], { entries: true });
      const entries: MapEntry<number, number>[] = await Array.fromAsync(results);
      assert.deepEqual(entries, [
        { index: 0, item: 5, outcome: fulfilled(25) },
        { index: 1, item: 6, outcome: fulfilled(36) },
        { index: 2, item: 7, outcome: fulfilled(49) },
      ]);
      assert.deepEqual(await results.next(), { done: true, value: undefined });
    },
  },
  {
    id: "cf-map-entries-unordered",
    title: "entries tell apart what comes as it comes",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const closed = [context.gate(), context.gate()];
      const items = closed.map(({ path }, n) => ({ gate: path, n: n + 1 }));
      const results = executor.map(gates.doubleAt, items, {
        entries: true,
        ordered: false,
        chunkSize: 1,
      });
      closed[1]?.open();
      const second = { index: 1, item: items[1], outcome: fulfilled(4) };
      assert.deepEqual(await results.next(), { done: false, value: second });
      closed[0]?.open();
      const first = { index: 0, item: items[0], outcome: fulfilled(2) };
      assert.deepEqual(await results.next(), { done: false, value: first });
      assert.equal((await results.next()).done, true);
    },
  },
  {
    id: "cf-map-entries-failed",
    title: "with entries a failure is a value, and the loop goes on",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results = executor.starmap(arithmetic.squareOrThrowAt, pairs(5, 2), { entries: true });
      const seen: string[] = [];
      for await (const { index, outcome } of results) {
        if (outcome.status === "fulfilled") seen.push(`${index}: ${outcome.value}`);
        else {
          assert.ok(outcome.reason instanceof RangeError, String(outcome.reason));
          seen.push(`${index}: ${outcome.reason.message}`);
        }
      }
      assert.deepEqual(seen, ["0: 0", "1: 1", "2: bad element 2", "3: 9", "4: 16"]);
    },
  },
  {
    id: "cf-map-entries-item",
    title: "the item of an entry is the very one of the source; of starmap() it is the list",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const items = [
        { self: 1, fn: "a" },
        { self: 2, fn: "b" },
      ] as const;
      const results = executor.map(arithmetic.describeOptions, items, { entries: true });
      for await (const { index, item } of results) assert.equal(item, items[index]);
      const lists: [number, number][] = [
        [1, 2],
        [3, 4],
      ];
      const sums = executor.starmap(arithmetic.add, lists, { entries: true, ordered: false });
      for await (const { index, item, outcome } of sums) {
        assert.equal(item, lists[index]);
        assert.deepEqual(outcome, fulfilled(item[0] + item[1]));
      }
    },
  },
  {
    id: "cf-map-entries-undefined",
    title: "what is thrown or returned may be undefined: the outcome's status says which it was",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const options = { entries: true } as const;
      const thrown = await Array.fromAsync(executor.map(failures.throwValue, [undefined], options));
      assert.deepEqual(thrown, [
        { index: 0, item: undefined, outcome: { status: "rejected", reason: undefined } },
      ]);
      const returned = await Array.fromAsync(
        executor.starmap(arithmetic.returnNothing, [[]], options),
      );
      assert.deepEqual(returned, [{ index: 0, item: [], outcome: fulfilled(undefined) }]);
    },
  },
  {
    id: "cf-map-entries-lazy",
    title: "entries of a lazy map come from no more elements than bufferSize ahead",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      let pulled = 0;
      function* source(): Generator<number> {
        for (;;) yield pulled++;
      }
      const options = { entries: true, bufferSize: 3 } as const;
      const results = executor.map(arithmetic.square, source(), options);
      for (let read = 0; read < 10; read++) {
        const { value } = await results.next();
        assert.deepEqual(value, { index: read, item: read, outcome: fulfilled(read * read) });
        assert.ok(pulled <= read + 1 + 3, `${pulled} pulled, ${read + 1} read`);
      }
      await results.return();
    },
  },
  {
    id: "cf-map-entries-many",
    title: "entries of ten thousand elements are each its own, in any order",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const items = Array.from({ length: 10_000 }, (_, n) => n);
      const seen = new Set<number>();
      const options = { entries: true, ordered: false } as const;
      for await (const { index, item, outcome } of executor.map(
        arithmetic.square,
        items,
        options,
      )) {
        assert.equal(item, index);
        assert.ok(outcome.status === "fulfilled" && outcome.value === item * item);
        seen.add(index);
      }
      assert.equal(seen.size, items.length);
    },
  },
  {
    id: "cf-map-entries-cancelled",
    title: "an element that was cancelled is rejected in its entry",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const results = executor.map(arithmetic.square, [1, 2], { entries: true });
      const closing = executor.shutdown({ cancelFutures: true });
      gate.open();
      for (const index of [0, 1]) {
        const { value } = await results.next();
        assert.ok(value?.outcome.status === "rejected");
        assert.ok(value.outcome.reason instanceof CancelledError);
        assert.deepEqual([value.index, value.item], [index, index + 1]);
      }
      assert.deepEqual(results.progress, { done: 2, failed: 2, total: 2 });
      await closing;
    },
  },
  {
    id: "cf-map-entries-lost",
    title: "an element that was lost with its worker is rejected in its entry, and no other",
    applies: withWorkers,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.map(deaths.exit, [3], { entries: true });
      const { value } = await results.next();
      assert.ok(value?.outcome.status === "rejected");
      assert.ok(value.outcome.reason instanceof WorkerLostError, String(value.outcome.reason));
      assert.deepEqual(await Array.fromAsync(executor.map(arithmetic.square, [2])), [4]);
    },
  },
  {
    id: "cf-map-entries-end",
    title: "what ends the whole iteration is thrown behind the entries there are",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const options = { entries: true } as const;
      function* source(): Generator<number> {
        yield 1;
        throw new Error("source broke");
      }
      const broken = executor.map(arithmetic.square, source(), options);
      assert.deepEqual((await broken.next()).value, { index: 0, item: 1, outcome: fulfilled(1) });
      await assert.rejects(broken.next(), /source broke/);
      assert.equal((await broken.next()).done, true);

      const gate = context.gate();
      const items = [{ gate: gate.path, n: 1 }];
      const late = executor.map(gates.doubleAt, items, { entries: true, timeout: 1 });
      await assert.rejects(late.next(), TimeoutError);
      gate.open();
    },
  },
  {
    id: "cf-map-entries-looked-at",
    title: "a failure that an entry has told is looked at; one that nobody has read is reported",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const options = { entries: true } as const;
      const read = executor.map(failures.throwRangeError.with({ name: "read" }), ["a"], options);
      assert.equal((await read.next()).value?.outcome.status, "rejected");
      const half = executor.map(
        failures.throwRangeError.with({ name: "half" }),
        ["a", "b"],
        options,
      );
      await half.next();
      await executor.shutdown();
      const told = context.reports.filter(({ about }) => about.kind === "unobserved");
      assert.deepEqual(
        told.map(({ error, about }) => [about.task, (error as Error).message]),
        [["half", "b"]],
      );
    },
  },
  {
    id: "cf-map-entries-option",
    title: "entries is true or false; without them the results themselves come",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const entries of [1, "yes", null, {}]) {
        const map = () => executor.map(arithmetic.square, [1], { entries: entries as true });
        assert.throws(map, TypeError, String(entries));
      }
      const results = executor.map(arithmetic.square, [1, 2], { entries: false });
      const squares: number[] = await Array.fromAsync(results);
      assert.deepEqual(squares, [1, 4]);
    },
  },
  {
    id: "cf-map-progress-counts",
    title: "progress tells what is done, what of it failed, and how many there are",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const results = executor.starmap(arithmetic.squareOrThrowAt, pairs(4, 1));
      const before: MapProgress = results.progress;
      assert.deepEqual(before, { done: 0, failed: 0, total: 4 });
      gate.open();
      assert.equal((await results.next()).value, 0);
      await assert.rejects(results.next(), /bad element 1/);
      assert.equal((await results.next()).value, 4);
      assert.equal((await results.next()).value, 9);
      assert.deepEqual(results.progress, { done: 4, failed: 1, total: 4 });
      assert.deepEqual(before, { done: 0, failed: 0, total: 4 }, "a record is of one moment");
    },
  },
  {
    id: "cf-map-progress-unread",
    title: "progress goes on although nobody reads",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results = executor.map(arithmetic.square, [1, 2, 3]);
      await context.until(() => results.progress.done === 3);
      assert.deepEqual(results.progress, { done: 3, failed: 0, total: 3 });
      assert.deepEqual(await Array.fromAsync(results), [1, 4, 9]);
      assert.deepEqual(results.progress, { done: 3, failed: 0, total: 3 });
    },
  },
  {
    id: "cf-map-progress-lazy",
    title: "the total is unknown until a lazy source has said that it has ended",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const results = executor.map(arithmetic.square, [1, 2, 3], { bufferSize: 1 });
      const totals: (number | undefined)[] = [];
      for await (const _ of results) totals.push(results.progress.total);
      assert.equal(totals[0], undefined);
      assert.deepEqual(results.progress, { done: 3, failed: 0, total: 3 });
    },
  },
  {
    id: "cf-map-progress-async-source",
    title: "the total is unknown while an async source may have more",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const gate = context.gate();
      async function* source(): AsyncGenerator<number> {
        yield 1;
        await context.until(() => gate.isOpen);
      }
      const results = executor.map(arithmetic.square, source());
      await context.until(() => results.progress.done === 1);
      assert.equal(results.progress.total, undefined);
      gate.open();
      await context.until(() => results.progress.total === 1);
      assert.deepEqual(await Array.fromAsync(results), [1]);
    },
  },
  {
    id: "cf-map-progress-left",
    title: "of a source that was left or that broke nobody knows the total",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      function* endless(): Generator<number> {
        for (let n = 0; ; n++) yield n;
      }
      const left = executor.map(arithmetic.square, endless(), { bufferSize: 2 });
      for await (const _ of left) break;
      assert.equal(left.progress.total, undefined);
      function* breaks(): Generator<number> {
        yield 1;
        throw new Error("source broke");
      }
      const broken = executor.map(arithmetic.square, breaks());
      await assert.rejects(Array.fromAsync(broken), /source broke/);
      assert.deepEqual(broken.progress, { done: 1, failed: 0, total: undefined });
    },
  },
  {
    id: "cf-map-progress-cancelled",
    title: "what was cancelled is done, and has no result",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const { gate } = await occupy(context, executor);
      const results = executor.map(arithmetic.square, [1, 2, 3]);
      await results.return();
      assert.deepEqual(results.progress, { done: 3, failed: 3, total: 3 });
      gate.open();
    },
  },
  {
    id: "cf-map-progress-empty",
    title: "a map of nothing is done from the start",
    applies: everywhere,
    async run(context) {
      const results = context.create({ maxWorkers: 1 }).map(arithmetic.square, []);
      assert.deepEqual(results.progress, { done: 0, failed: 0, total: 0 });
      assert.equal((await results.next()).done, true);
    },
  },
  {
    id: "cf-map-progress-flat",
    title: "the progress of flatMap() counts its sources",
    applies: withLinks(),
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const results = executor.flatMap(streams.failOn, [1, -2, 3], { bufferSize: 1 });
      assert.deepEqual(results.progress, { done: 0, failed: 0, total: undefined });
      await readAll(results);
      assert.deepEqual(results.progress, { done: 3, failed: 1, total: 3 });
      const left = executor.flatMap(streams.count, [3, 3], { bufferSize: 1 });
      for await (const _ of left) break;
      const { done, failed } = left.progress;
      assert.deepEqual([done, failed], [1, 1]);
    },
  },
];
