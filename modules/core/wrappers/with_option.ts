// timeout: an option of tasks as a wrapper, that composes with the others and decorates methods.

import { assertDuration } from "../checks.ts";
import type { Task } from "../task.ts";
import { type StaticMethodDecorator, wrapper } from "./decorate.ts";

/**
 * Makes of a task one that may run for so many milliseconds, counted from its start: `task.with({ timeout })` as a wrapper.
 *
 * @example As the others compose
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, limit, task, timeout } from "@concurrent/futures";
 *
 * const never = task(import.meta.url, function never() { return new Promise(() => {}); });
 *
 * await using executor = new EventLoopExecutor({ interruptGrace: 0 });
 * const error = await executor.submit(limit(timeout(never, 10), 1)).exception();
 * assert.equal((error as Error).name, "TimeoutError");
 * ```
 *
 * @throws {TypeError} For what is no task, and when `ms` is not a number.
 * @throws {RangeError} When it is below 0.
 */
export function timeout<A extends unknown[], R, I>(task: Task<A, R, I>, ms: number): Task<A, R, I>;
/** The same as a decorator, above `@threaded(…)`: `@timeout(1_000)`. */
export function timeout(ms: number): StaticMethodDecorator;
export function timeout(...given: unknown[]): unknown {
  return wrapper("timeout", given, (ms) => {
    assertDuration(ms, "timeout");
    return (task) => task.with({ timeout: ms });
  });
}
