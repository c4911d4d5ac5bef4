// bind: functions that submit themselves, one for each task: for who would rather call than submit.

import { typeName } from "../checks.ts";
import type { Executor } from "../executor.ts";
import type { Future } from "../future.ts";
import { isTask, type Task, type Yields } from "../task.ts";

/**
 * The tasks of `T` as functions. Those that are generators are not among them: `pool.stream(jobs.rows)` has what they yield.
 */
export type Bound<T> = {
  readonly [K in keyof T as K extends "$"
    ? never
    : // biome-ignore lint/suspicious/noExplicitAny: whatever the arguments and the items are
      T[K] extends Task<any[], unknown, Yields<any>>
      ? never
      : T[K] extends object
        ? K
        : never]: T[K] extends Task<infer A, infer R>
    ? (...args: A) => Future<Awaited<R>>
    : Bound<T[K]>;
};

/**
 * Makes a function of each task, which submits it to `pool` and returns the `Future`. For people who come from comlink.
 *
 * Tasks within tasks are functions within functions: `api.Images.resize(bytes)`. Options belong to tasks:
 * `bind(pool, { resize: jobs.resize.with({ timeout: 1_000 }) })`.
 *
 * @example Calls instead of submits
 * ```ts
 * import assert from "node:assert/strict";
 * import { bind, defineTasks, EventLoopExecutor } from "@concurrent/futures";
 *
 * const tasks = defineTasks(import.meta.url, { add: (a: number, b: number) => a + b });
 * await using pool = new EventLoopExecutor();
 * const api = bind(pool, tasks);
 * assert.equal(await api.add(20, 22), 42);
 * ```
 *
 * @param pool Runs them. It is not shut down by what is returned.
 * @param tasks What `importTasks` or `defineTasks` has made, or any record of tasks.
 * @throws {TypeError} For what is no executor, and no record of tasks.
 */
export function bind<T extends object>(pool: Pick<Executor, "submit">, tasks: T): Bound<T> {
  if (typeof (pool as Partial<Executor> | undefined)?.submit !== "function")
    throw new TypeError(`Cannot bind tasks: expected an executor, got ${typeName(pool)}`);
  if (typeof tasks !== "object" || tasks === null || isTask(tasks))
    throw new TypeError(`Cannot bind tasks: expected a record of tasks, got ${typeName(tasks)}`);
  return boundWithin(pool, tasks, Object.create(null)) as Bound<T>;
}

/** What is found in `tasks` is bound when it is asked for, and stays the same: there may be tasks of any name. */
function boundWithin(pool: Pick<Executor, "submit">, tasks: object, target: object): object {
  const known = new Map<string, unknown>();
  return new Proxy(target, {
    get(own, key, receiver) {
      // `then` would make a thenable of it.
      if (typeof key === "symbol" || key in own || key === "then" || key === "$")
        return Reflect.get(own, key, receiver);
      if (!known.has(key)) known.set(key, boundTo(pool, (tasks as Record<string, unknown>)[key]));
      return known.get(key);
    },
  });
}

function boundTo(pool: Pick<Executor, "submit">, found: unknown): unknown {
  if (typeof found !== "object" || found === null) return undefined;
  if (!isTask(found)) return boundWithin(pool, found, Object.create(null));
  const task = found as unknown as Task;
  return boundWithin(pool, task, (...args: unknown[]) => pool.submit(task, ...args));
}
