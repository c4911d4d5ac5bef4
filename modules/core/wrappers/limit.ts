// limit: lets so many calls of a task run at once, on whatever executors. The others wait here: they hold no worker, and nobody
// else's place in a queue.

import { assertLimit } from "../checks.ts";
import type { Task } from "../task.ts";
import { type StaticMethodDecorator, wrapper } from "./decorate.ts";
import { wrap } from "./layer_stack.ts";
import type { Layer, PassingCall } from "./passing_call.ts";

/**
 * Makes of a task one of which at most `most` calls run at once, on whatever executors they were submitted to.
 *
 * The others are pending, hold no worker, and let calls of other tasks pass: first in, first out, higher `priority` first. They
 * count for their executor's `maxQueue`. A call that is interrupted makes room at once, while its worker may take the executor's
 * `interruptGrace` to end it. Streams are limited, too. A task must not wait for a call of itself that has to wait here.
 *
 * @example Two at a time, whatever the pool
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, limit, task } from "@concurrent/futures";
 *
 * let [running, most] = [0, 0];
 * const visit = task(import.meta.url, async function visit() {
 *   most = Math.max(most, ++running);
 *   await new Promise((resolve) => setTimeout(resolve));
 *   running--;
 * });
 *
 * await using executor = new EventLoopExecutor({ maxWorkers: 10 });
 * const two = limit(visit, 2);
 * await Promise.all(Array.from({ length: 10 }, () => executor.submit(two)));
 * assert.equal(most, 2);
 * ```
 *
 * @throws {TypeError} For what is no task, and when `most` is not a whole number.
 * @throws {RangeError} When it is below 1, or no limit.
 */
export function limit<A extends unknown[], R, I>(task: Task<A, R, I>, most: number): Task<A, R, I>;
/** The same as a decorator, above `@threaded(…)`: `@limit(2)`. */
export function limit(most: number): StaticMethodDecorator;
export function limit(...given: unknown[]): unknown {
  return wrapper("limit", given, (most) => {
    assertLimit(most, "limit", 1);
    return (task) => wrap(task, new Turnstile(most));
  });
}

/** Lets calls through. */
class Turnstile implements Layer {
  readonly takesStreams = true;
  readonly #most: number;
  #inside = 0;
  /** By their priority; of each in the order in which they came. */
  readonly #waiting = new Map<number, Set<PassingCall>>();
  #isLetting = false;

  constructor(most: number) {
    this.#most = most;
  }

  enter(call: PassingCall): void {
    const line = this.#waiting.get(call.priority) ?? new Set();
    this.#waiting.set(call.priority, line.add(call));
    call.onceDone(() => this.#forget(call));
    this.#letThrough();
  }

  /** A loop, never re-entered: what is let through may be done at once, and make room. */
  #letThrough(): void {
    if (this.#isLetting) return;
    this.#isLetting = true;
    while (this.#inside < this.#most) {
      const call = this.#first();
      if (call === undefined) break;
      this.#forget(call);
      this.#inside++;
      call.onceDone(() => {
        this.#inside--;
        this.#letThrough();
      });
      call.goOn();
    }
    this.#isLetting = false;
  }

  #first(): PassingCall | undefined {
    if (this.#waiting.size === 0) return undefined;
    const line = this.#waiting.get(Math.max(...this.#waiting.keys()));
    for (const call of line ?? []) return call;
    return undefined;
  }

  #forget(call: PassingCall): void {
    const line = this.#waiting.get(call.priority);
    if (line?.delete(call) === true && line.size === 0) this.#waiting.delete(call.priority);
  }
}
