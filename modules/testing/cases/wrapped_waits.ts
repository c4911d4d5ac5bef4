// Cases of calls that wait for others which a wrapper of their own task holds back: limit(), singleFlight(), memoize().
import assert from "node:assert/strict";
import {
  asCompleted,
  DeadlockError,
  EventLoopExecutor,
  type Executor,
  limit,
  memoize,
  singleFlight,
  type Task,
  TaskGroup,
  task,
  wait,
  type Yields,
} from "../../../mod.ts";
import { everywhere, inProcessOnly } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { groups } from "../tasks.ts";
import { withStorage } from "./async_context.ts";

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Longer than a deadlock is looked at twice. */
const twiceLookedAt = () => new Promise<void>((resolve) => setTimeout(resolve, 100));

/** A task of one argument, which it may give back. */
type Same<T> = Task<[value: T], T>;

/** Ways to wait for calls of a task. Each gives what they return. */
const WAYS = {
  async await<T>(pool: Executor, same: Same<T>, values: T[]) {
    const sums: T[] = [];
    for (const future of values.map((value) => pool.submit(same, value)))
      sums.push((await future) as T);
    return sums;
  },
  async "result() with a timeout"<T>(pool: Executor, same: Same<T>, values: T[]) {
    const futures = values.map((value) => pool.submit(same, value));
    const results: T[] = [];
    for (const future of futures) results.push((await future.result({ timeout: 60_000 })) as T);
    return results;
  },
  async "wait()"<T>(pool: Executor, same: Same<T>, values: T[]) {
    const { done } = await wait(values.map((value) => pool.submit(same, value)));
    return (await Promise.all(done)) as T[];
  },
  async "wait() for one after the other"<T>(pool: Executor, same: Same<T>, values: T[]) {
    let open = new Set(values.map((value) => pool.submit(same, value)));
    const results: T[] = [];
    for (const returnWhen of ["FIRST_COMPLETED", "FIRST_EXCEPTION"] as const) {
      const { done, notDone } = await wait(open, { returnWhen });
      open = notDone;
      for (const future of done) results.push((await future) as T);
    }
    return results;
  },
  async "asCompleted()"<T>(pool: Executor, same: Same<T>, values: T[]) {
    const results: T[] = [];
    for await (const future of asCompleted(values.map((value) => pool.submit(same, value))))
      results.push((await future) as T);
    return results;
  },
  async "map()"<T>(pool: Executor, same: Same<T>, values: T[]) {
    return (await Array.fromAsync(pool.map(same, values))) as T[];
  },
  async "map() in any order"<T>(pool: Executor, same: Same<T>, values: T[]) {
    const results = pool.map(same, values, { ordered: false, bufferSize: 1 });
    return (await Array.fromAsync(results)) as T[];
  },
  async "starmap() by another task"<T>(pool: Executor, same: Same<T>, values: T[]) {
    const ask = task(import.meta.url, async function ask(value: T) {
      return (await pool.submit(same, value)) as T;
    });
    return (await Array.fromAsync(
      pool.starmap(
        ask,
        values.map((value): [T] => [value]),
      ),
    )) as T[];
  },
  async "join()"<T>(pool: Executor, same: Same<T>, values: T[]) {
    await using group = new TaskGroup(pool);
    for (const value of values) group.submit(same, value);
    return (await group.join()) as T[];
  },
  async "join() of a group that runs one at a time"<T>(pool: Executor, same: Same<T>, values: T[]) {
    await using group = new TaskGroup(pool, { maxRunning: 1 });
    for (const value of values) group.submit(same, value);
    return (await group.join()) as T[];
  },
  async "any()"<T>(pool: Executor, same: Same<T>, values: T[]) {
    const results: T[] = [];
    for (const value of values) {
      await using group = new TaskGroup(pool);
      group.submit(same, value);
      results.push((await group.any()) as T);
    }
    return results;
  },
};

/** Ways to read from calls of a task that makes so many items. */
const READS: Readonly<
  Record<
    string,
    (pool: Executor, count: Task<[to: number], number, Yields<number>>) => Promise<number[]>
  >
> = {
  async "stream()"(pool, count) {
    return await Array.fromAsync(pool.stream(count, 2));
  },
  async "the future of a stream"(pool, count) {
    const stream = pool.stream(count, 2);
    assert.equal(await stream.future, 2);
    return await Array.fromAsync(stream);
  },
  async "flatMap()"(pool, count) {
    return await Array.fromAsync(pool.flatMap(count, [2]));
  },
  async "flatMap() in any order"(pool, count) {
    return await Array.fromAsync(pool.flatMap(count, [2], { ordered: false }));
  },
};

const LIMITED: Readonly<Record<string, (pool: Executor, way: LimitedTasks) => Promise<number[]>>> =
  {
    ...Object.fromEntries(
      Object.entries(WAYS).map(([way, ask]) => [
        way,
        (pool: Executor, { visit }: LimitedTasks) => ask(pool, visit, [1, 2]),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(READS).map(([way, read]) => [
        way,
        (pool: Executor, { count }: LimitedTasks) => read(pool, count),
      ]),
    ),
  };

interface LimitedTasks {
  readonly visit: Same<number>;
  readonly count: Task<[to: number], number, Yields<number>>;
}

/** Cases of waits for what is held back. */
export const wrappedWaitsCases: readonly ConformanceCase[] = [
  ...Object.entries(LIMITED).map(
    ([way, ask], index): ConformanceCase => ({
      id: `cf-wrap-limit-way-${index + 1}`,
      title: `a call that has the last place of a limit() may wait for others of it by ${way}`,
      applies: withStorage(inProcessOnly),
      async run(context) {
        const executor = context.keep(new EventLoopExecutor({ onError: context.onError }));
        let [inside, most] = [0, 0];
        const step = async () => {
          most = Math.max(most, ++inside);
          await turn();
          inside--;
        };
        const tasks: LimitedTasks = {
          visit: limit(
            task(import.meta.url, async function visit(n: number): Promise<number> {
              await step();
              if (n > 0) return n;
              const asked = await ask(executor, tasks);
              await step();
              return asked.reduce((sum, each) => sum + each, 0);
            }),
            1,
          ),
          count: task(import.meta.url, async function* count(to: number) {
            for (let n = 1; n <= to; n++) {
              await executor.submit(tasks.visit, n);
              yield n;
            }
            return to;
          }),
        };
        const sums = await Promise.all([0, 0, 1].map((n) => executor.submit(tasks.visit, n)));
        assert.deepEqual(sums, [3, 3, 1]);
        assert.equal(most, 1);
      },
    }),
  ),
  {
    id: "cf-wrap-limit-way-works",
    title:
      "to a call that waits for whichever is done first no place of its limit() is lent while one of these is at work",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const executor = context.keep(new EventLoopExecutor({ onError: context.onError }));
      const gate = Promise.withResolvers<void>();
      const works = async () => await gate.promise;
      const begun: string[] = [];
      const one: Task<[way: string], void> = limit(
        task(import.meta.url, async function visit(way: string): Promise<void> {
          begun.push(way);
          if (way === "inner") return;
          const futures = [executor.submit(works), executor.submit(one, "inner")];
          if (way === "wait") await wait(futures, { returnWhen: "FIRST_COMPLETED" });
          else for await (const _ of asCompleted(futures)) break;
        }),
        1,
      );
      const visits = ["wait", "asCompleted"].map((way) => executor.submit(one, way));
      for (let turns = 0; turns < 5; turns++) await turn();
      assert.deepEqual(begun, ["wait"]);
      gate.resolve();
      await Promise.all(visits);
    },
  },
  ...Object.entries(WAYS).map(
    ([way, ask], index): ConformanceCase => ({
      id: `cf-wrap-flight-way-${index + 1}`,
      title: `a call of singleFlight() or memoize() that waits for one of its own key by ${way}, which waits for it, is told of the deadlock`,
      applies: withStorage(inProcessOnly),
      async run(context) {
        const [executor, other] = [4, 1].map((maxWorkers) =>
          context.keep(new EventLoopExecutor({ maxWorkers, onError: context.onError })),
        ) as [EventLoopExecutor, EventLoopExecutor];
        for (const wrap of [
          singleFlight,
          memoize,
          (task: Same<string>) => limit(singleFlight(task), 1),
        ]) {
          for (const pool of [executor, other]) {
            const errors: unknown[] = [];
            const shared: Same<string> = wrap(
              task(import.meta.url, async function once(key: string): Promise<string> {
                if (key !== "own" || errors.length > 0) return key;
                await turn();
                errors.push(await ask(pool, shared, [key]).catch((error: unknown) => error));
                return "went on";
              }),
            );
            const herd = [1, 2, 3].map(() => executor.submit(shared, "own"));
            const outcomes = new Set(await Promise.all(herd));
            assert.ok(outcomes.has("went on"));
            const [error] = errors;
            const told = error instanceof AggregateError ? error.errors[0] : error;
            assert.ok(told instanceof DeadlockError, String(told));
            assert.match(told.message, /task "once" \(call \d+\), which is the same/);
            assert.equal(told.cycle.length, 2);
            // The key is free again, and others of the task are none of this.
            assert.ok(["own", "went on"].includes(await executor.submit(shared, "own")));
            assert.equal(await executor.submit(shared, "other"), "other");
          }
        }
      },
    }),
  ),
  {
    id: "cf-wrap-flight-no-deadlock",
    title:
      "a call of singleFlight() that submits one of its own key, and does not wait for it, is in no deadlock",
    applies: withStorage(inProcessOnly),
    async run(context) {
      const executor = context.keep(new EventLoopExecutor({ onError: context.onError }));
      const gate = Promise.withResolvers<void>();
      const heard: number[] = [];
      const shared: Task<[], number> = singleFlight(
        task(import.meta.url, async function once(): Promise<number> {
          void executor.submit(shared).then((value) => heard.push(value));
          await gate.promise;
          return 7;
        }),
      );
      const first = executor.submit(shared);
      await twiceLookedAt();
      gate.resolve();
      assert.equal(await first, 7);
      await context.until(() => heard.length === 1);
      assert.deepEqual(heard, [7]);
    },
  },
  {
    id: "cf-wrap-flight-recursion",
    title: "a task of singleFlight(task) that waits for itself is told of it, wherever it runs",
    applies: withStorage(everywhere),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(groups.askOneself), "DeadlockError");
    },
  },
];
