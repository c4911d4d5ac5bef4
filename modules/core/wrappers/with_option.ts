// timeout and retry: options of tasks as wrappers, that compose with the others and decorate methods.

import { assertDuration } from "../checks.ts";
import { readOptions } from "../options.ts";
import { RETRY_OPTIONS, type RetryOptions, readRetries } from "../retry.ts";
import type { Task } from "../task.ts";
import type { AnyFunction } from "../task_source.ts";
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

/** So often a task is run again, unless said otherwise. */
const DEFAULT_RETRIES = 3;

/**
 * Makes of a task one that is run again where it has failed: by an error of its own, by its timeout, or with its worker.
 *
 * It is `task.with({ retries })` as a wrapper: the call is one, its future is running all the while, and between the tries it
 * holds no worker. Use it for tasks that may run twice. Within `memoize` and `singleFlight` all who wait for a call have what comes
 * of its last try.
 *
 * @param options As those of the option `retries`. Here `limit` is 3 and `on` is "error" by default.
 *
 * @example The third time
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, retry, task } from "@concurrent/futures";
 *
 * let tries = 0;
 * const flaky = task(import.meta.url, function flaky() {
 *   if (++tries < 3) throw new Error("not yet");
 *   return tries;
 * });
 *
 * await using executor = new EventLoopExecutor();
 * assert.equal(await executor.submit(retry(flaky, { limit: 2, delay: 1 })), 3);
 * ```
 *
 * @throws {TypeError} For what is no task, and for an option of the wrong type or that there is not.
 * @throws {RangeError} For an option out of its range, and together with `transfer`: what was moved cannot be sent again.
 */
export function retry<A extends unknown[], R, I>(
  task: Task<A, R, I>,
  options?: Partial<RetryOptions>,
): Task<A, R, I>;
/** The same as a decorator, above `@threaded(…)`: `@retry({ limit: 2 })`. */
export function retry(options?: Partial<RetryOptions>): StaticMethodDecorator;
/** The same with the default options: `@retry`. */
export function retry<F extends AnyFunction>(
  method: F,
  context: ClassMethodDecoratorContext & { readonly static: true },
): F;
export function retry(...given: unknown[]): unknown {
  return wrapper("retry", given, (option) => {
    const options = readOptions(
      option as Partial<RetryOptions> | undefined,
      RETRY_OPTIONS,
      "retry task",
    );
    const retries = readRetries({ limit: DEFAULT_RETRIES, on: "error", ...options });
    return (task) => task.with({ retries });
  });
}
