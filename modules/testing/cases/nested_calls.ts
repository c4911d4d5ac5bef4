// Cases of nested calls: calls that wait for calls of their own executor, of which every slot is held by such. Decision 47.
import assert from "node:assert/strict";
import {
  asCompleted,
  DeadlockError,
  EventLoopExecutor,
  type Future,
  limit,
  type Task,
  TaskGroup,
  task,
  wait,
} from "../../../mod.ts";
import { Barrier } from "../../sync/mod.ts";
import { everywhere, inProcessOnly } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { groups } from "../tasks.ts";
import { withStorage } from "./async_context.ts";

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Ways to wait for two calls of one's own executor. Each gives their sum, 3. */
const WAYS: Readonly<Record<string, (pool: EventLoopExecutor) => Promise<number>>> = {
  async "await, later"(pool) {
    const [one, two] = [pool.submit(later, 1), pool.submit(later, 2)];
    await turn();
    await turn();
    return (await one) + (await two);
  },
  async "result()"(pool) {
    const two = pool.submit(later, 2);
    return (await pool.submit(later, 1).result({ timeout: 60_000 })) + (await two.result());
  },
  async "wait()"(pool) {
    const { done } = await wait([pool.submit(later, 1), pool.submit(later, 2)]);
    return await sumOf(done);
  },
  async "asCompleted()"(pool) {
    let sum = 0;
    for await (const done of asCompleted([1, 2].map((n) => pool.submit(later, n))))
      sum += await done;
    return sum;
  },
  async "map()"(pool) {
    let sum = 0;
    for await (const n of pool.map(later, [1, 2])) sum += n;
    return sum;
  },
  async "map() that is read later"(pool) {
    const results = pool.map(later, [1, 2], { ordered: false });
    await turn();
    await turn();
    let sum = 0;
    for await (const n of results) sum += n;
    return sum;
  },
  async "stream()"(pool) {
    let sum = 0;
    for await (const n of pool.stream(count, 2)) sum += n;
    return sum;
  },
  async "flatMap()"(pool) {
    let sum = 0;
    for await (const n of pool.flatMap(count, [1, 1])) sum += n;
    return sum + 1;
  },
  async "join()"(pool) {
    await using group = new TaskGroup(pool);
    for (const n of [1, 2]) group.submit(later, n);
    const [one, two] = (await group.join()) as number[];
    return (one as number) + (two as number);
  },
  async "join() of a group that runs one at a time"(pool) {
    await using group = new TaskGroup(pool, { maxRunning: 1 });
    for (const n of [1, 2]) group.submit(later, n);
    const [one, two] = (await group.join()) as number[];
    return (one as number) + (two as number);
  },
  async "any()"(pool) {
    await using group = new TaskGroup(pool);
    group.submit(later, 3);
    return (await group.any()) as number;
  },
  async "a function of a group"(pool) {
    await using group = new TaskGroup(pool);
    group.run(async () => {
      await turn();
      return await pool.submit(later, 3);
    });
    const [sum] = (await group.join()) as number[];
    return sum as number;
  },
};

async function later(n: number): Promise<number> {
  await turn();
  return n;
}

function* count(to: number): Generator<number> {
  for (let n = 1; n <= to; n++) yield n;
}

async function sumOf(futures: Iterable<Future<number>>): Promise<number> {
  let sum = 0;
  for (const future of futures) sum += await future;
  return sum;
}

/** Within a function: a promise would wait for a future that it is resolved with. */
type Given = Promise<() => Future<unknown>>;

async function awaitIt(given: { promise: Given }): Promise<unknown> {
  return await (await given.promise)();
}

async function awaitAll(given: { promise: Given }): Promise<unknown> {
  return (await Promise.all([(await given.promise)()]))[0];
}

async function askResult(given: { promise: Given }): Promise<unknown> {
  return await (await given.promise)().result();
}

/** Cases of nested calls. */
export const nestedCallsCases: readonly ConformanceCase[] = [
  {
    id: "cf-sync-nested-submit",
    title: "calls that hold all slots, and wait for calls of their own executor, are lent one",
    applies: inProcessOnly,
    async run(context) {
      for (const maxWorkers of [1, 2, 3]) {
        const executor = context.keep(
          new EventLoopExecutor({ maxWorkers, onError: context.onError }),
        );
        const outer = async (depth: number): Promise<number> =>
          depth === 0 ? 1 : (await executor.submit(outer, depth - 1)) + 1;
        const sums = await Promise.all([5, 5, 5, 5].map((depth) => executor.submit(outer, depth)));
        assert.deepEqual(sums, [6, 6, 6, 6]);
        const both = async () =>
          await Promise.all([executor.submit(outer, 1), executor.submit(outer, 2)]);
        assert.deepEqual(await Promise.all([executor.submit(both), executor.submit(both)]), [
          [2, 3],
          [2, 3],
        ]);
        await context.until(() => executor.stats().workers <= maxWorkers);
      }
    },
  },
  {
    id: "cf-sync-nested-limit",
    title: "to a call that goes on while what it has submitted waits nothing is lent",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.keep(
        new EventLoopExecutor({ maxWorkers: 1, onError: context.onError }),
      );
      let [inside, most] = [0, 0];
      const left: Future<unknown>[] = [];
      const work = async (depth: number): Promise<void> => {
        if (depth > 0) left.push(executor.submit(work, depth - 1));
        most = Math.max(most, ++inside);
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
        inside--;
      };
      await executor.submit(work, 4);
      for (const future of left) await future;
      assert.equal(most, 1);
    },
  },
  {
    id: "cf-sync-nested-later",
    title: "to calls that submit after an await, and wait for that, a slot is lent too",
    applies: withStorage(inProcessOnly),
    async run(context) {
      for (const maxWorkers of [1, 2, 3]) {
        const executor = context.keep(
          new EventLoopExecutor({ maxWorkers, onError: context.onError }),
        );
        const outer = async (depth: number): Promise<number> => {
          await turn();
          return depth === 0 ? 1 : (await executor.submit(outer, depth - 1)) + 1;
        };
        const sums = await Promise.all([5, 5, 5, 5].map((depth) => executor.submit(outer, depth)));
        assert.deepEqual(sums, [6, 6, 6, 6]);
        await context.until(() => executor.stats().workers <= maxWorkers);
      }
    },
  },
  {
    id: "cf-sync-nested-barrier",
    title: "a call that meets one of its own at a barrier is lent a slot for that, and no deadlock",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const executor = context.keep(
        new EventLoopExecutor({ maxWorkers: 1, onError: context.onError }),
      );
      const arrive = async (barrier: Barrier) => await barrier.wait();
      const meet = async (barrier: Barrier, isFirst: boolean) => {
        const waits = isFirst ? [barrier.wait()] : [];
        waits.push(executor.submit(arrive, barrier).result());
        if (!isFirst) waits.push(barrier.wait());
        return (await Promise.all(waits)).toSorted();
      };
      for (const isFirst of [true, false])
        assert.deepEqual(await executor.submit(meet, new Barrier(2), isFirst), [0, 1]);
    },
  },
  {
    id: "cf-sync-awaits-each-other",
    title:
      "of calls that were given each other's futures one is told of the deadlock, by their names",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const create = (maxWorkers: number) =>
        context.keep(new EventLoopExecutor({ maxWorkers, onError: context.onError }));
      const [one, few, two] = [create(1), create(3), create(3)];
      for (const size of [1, 2, 3]) {
        for (const executors of [[one], [few], [few, two]]) {
          for (const wait of [awaitIt, awaitAll, askResult]) {
            const given = Array.from({ length: size }, () =>
              Promise.withResolvers<() => Future<unknown>>(),
            );
            const futures = given.map(({ promise }, n) => {
              const executor = executors[n % executors.length] as EventLoopExecutor;
              return executor.submit(wait, { promise });
            });
            for (const [n, { resolve }] of given.entries())
              resolve(() => futures[(n + 1) % size] as Future<unknown>);
            const errors = await Promise.all(futures.map((future) => future.exception()));
            assert.equal(new Set(errors).size, 1, "one is told, the others fail with it");
            const [error] = errors;
            assert.ok(error instanceof DeadlockError);
            assert.equal(error.cycle.length, size);
            assert.match(error.message, new RegExp(`task "${wait.name}" \\(call \\d+ on Event`));
          }
        }
      }
    },
  },
  {
    id: "cf-sync-listens-to-other",
    title: "a call that only listens to the future of one that waits for it is in no deadlock",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const executor = context.keep(
        new EventLoopExecutor({ maxWorkers: 2, onError: context.onError }),
      );
      const gate = Promise.withResolvers<void>();
      const given = Promise.withResolvers<() => Future<number>>();
      const listener = executor.submit(async () => {
        const heard = (await given.promise)().then((n) => n + 1);
        await gate.promise;
        return { heard };
      });
      const waits = executor.submit(async () => {
        await turn();
        await listener;
        return 1;
      });
      given.resolve(() => waits);
      // Longer than a deadlock is looked at twice.
      await new Promise((resolve) => setTimeout(resolve, 100));
      gate.resolve();
      assert.equal(await (await listener).heard, 2);
    },
  },
  {
    id: "cf-sync-nested-key",
    title:
      "calls that fill their key, and wait for others of it, are lent a place, and no more run than their key may have",
    applies: withStorage(inProcessOnly),
    async run(context) {
      for (const [maxWorkers, maxRunning] of [
        [1, 1],
        [4, 1],
        [4, 2],
      ] as const) {
        const executor = context.keep(
          new EventLoopExecutor({
            maxWorkers,
            perKey: { maxRunning, key: () => "key" },
            onError: context.onError,
          }),
        );
        let [inside, most] = [0, 0];
        const work = async (depth: number): Promise<number> => {
          most = Math.max(most, ++inside);
          await turn();
          inside--;
          if (depth === 0) return 1;
          const sum = (await executor.submit(work, depth - 1)) + 1;
          most = Math.max(most, ++inside);
          await turn();
          inside--;
          return sum;
        };
        const sums = await Promise.all([3, 0, 3, 3].map((depth) => executor.submit(work, depth)));
        assert.deepEqual(sums, [4, 1, 4, 4]);
        assert.ok(most <= maxRunning, `${most} at once`);
      }
    },
  },
  {
    id: "cf-sync-nested-wrapped",
    title:
      "calls that fill a limit(), and wait for others that it holds, let one through, and no more than it lets go on",
    applies: withStorage(inProcessOnly),
    async run(context) {
      for (const [maxWorkers, most] of [
        [1, 1],
        [4, 1],
        [4, 2],
      ] as const) {
        const executor = context.keep(
          new EventLoopExecutor({ maxWorkers, onError: context.onError }),
        );
        let [inside, highest] = [0, 0];
        const step = async () => {
          highest = Math.max(highest, ++inside);
          await turn();
          inside--;
        };
        const one: Task<[depth: number], number> = limit(
          task(import.meta.url, async function walk(depth: number): Promise<number> {
            await step();
            if (depth === 0) return 1;
            // By way of another, and of two: each has to wait for the other's end.
            const between = executor.submit(async () => await executor.submit(one, depth - 1));
            const [sum] = await Promise.all([between, executor.submit(one, 0)]);
            await step();
            return sum + 1;
          }),
          most,
        );
        const sums = await Promise.all([3, 0, 3, 3].map((depth) => executor.submit(one, depth)));
        assert.deepEqual(sums, [4, 1, 4, 4]);
        assert.ok(highest <= most, `${highest} at once`);
      }
    },
  },
  {
    id: "cf-sync-nested-wrapped-works",
    title: "to a limit() whose calls wait for anything else nothing is lent",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const executor = context.keep(new EventLoopExecutor({ onError: context.onError }));
      const gate = Promise.withResolvers<void>();
      let begun = 0;
      const one = limit(
        task(import.meta.url, async function visit() {
          begun++;
          await executor.submit(async () => await gate.promise);
        }),
        1,
      );
      const visits = [1, 2, 3].map(() => executor.submit(one));
      await context.until(() => executor.stats().running === 2);
      for (let turns = 0; turns < 5; turns++) await turn();
      assert.equal(begun, 1);
      gate.resolve();
      await Promise.all(visits);
    },
  },
  {
    id: "cf-wrap-limit-recursion",
    title: "a task of limit(task, 1) that waits for itself ends, wherever it runs",
    applies: withStorage(everywhere),
    async run(context) {
      assert.equal(await context.create({ maxWorkers: 1 }).submit(groups.countDown, 4), 4);
    },
  },
  ...Object.entries(WAYS).map(
    ([way, sum], index): ConformanceCase => ({
      id: `cf-sync-nested-way-${index + 1}`,
      title: `a call that holds the only slot may wait for its own executor by ${way}`,
      applies: withStorage(inProcessOnly),
      async run(context) {
        const executor = context.keep(
          new EventLoopExecutor({ maxWorkers: 1, onError: context.onError }),
        );
        const calls = [1, 2].map(() =>
          executor.submit(async () => {
            await turn();
            return await sum(executor);
          }),
        );
        assert.deepEqual(await Promise.all(calls), [3, 3]);
        await context.until(() => executor.stats().workers <= 1);
      },
    }),
  ),
];
