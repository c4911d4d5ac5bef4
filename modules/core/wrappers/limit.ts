// limit: lets so many calls of a task run at once, on whatever executors. The others wait here: they hold no worker, and nobody
// else's place in a queue.

import { placeOf } from "../by_priority.ts";
import { type AwaitedCall, type Gate, holdCall, isStuck, releaseCall } from "../call_waits.ts";
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
 * `interruptGrace` to end it. Streams are limited, too.
 *
 * A task may wait for calls of itself: while all that run wait for such as have to wait here, one more is let through, and still
 * no more than `most` go on at a time. That is known of calls on this event loop, whichever way of this library they wait by,
 * where the platform keeps async contexts; in a page it does not, and such a task waits for ever. A worker counts by itself what
 * is submitted in it.
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
class Turnstile implements Layer, Gate {
  readonly takesStreams = true;
  readonly #most: number;
  readonly #inside = new Set<PassingCall>();
  /** Highest priority first. */
  readonly #lines: Line[] = [];
  #isLetting = false;

  constructor(most: number) {
    this.#most = most;
  }

  enter(call: PassingCall): void {
    this.#lineOf(call.priority).calls.add(call);
    if (call.of !== undefined) holdCall(call.of, this);
    call.onceDone(() => this.#forget(call));
    this.look();
  }

  *inside(): Iterable<AwaitedCall | undefined> {
    for (const call of this.#inside) yield call.of;
  }

  /** A loop, never re-entered: what is let through may be done at once, and make room. */
  look(): void {
    if (this.#isLetting) return;
    this.#isLetting = true;
    for (let call = this.#first(); call !== undefined; call = this.#first()) {
      if (this.#inside.size >= this.#most && !isStuck(this)) break;
      this.#forget(call);
      this.#enter(call);
    }
    this.#isLetting = false;
  }

  #enter(call: PassingCall): void {
    this.#inside.add(call);
    call.onceDone(() => {
      this.#inside.delete(call);
      this.look();
    });
    call.goOn();
  }

  #first(): PassingCall | undefined {
    for (const call of this.#lines[0]?.calls ?? []) return call;
    return undefined;
  }

  #lineOf(priority: number): Line {
    const at = placeOf(this.#lines, priority);
    const found = this.#lines[at];
    if (found?.priority === priority) return found;
    const line: Line = { priority, calls: new Set() };
    this.#lines.splice(at, 0, line);
    return line;
  }

  #forget(call: PassingCall): void {
    const at = placeOf(this.#lines, call.priority);
    const calls = this.#lines[at]?.calls;
    if (calls?.delete(call) !== true) return;
    if (call.of !== undefined) releaseCall(call.of);
    if (calls.size > 0) return;
    // Nearly always the first, which an array lets go of without moving the others.
    if (at === 0) this.#lines.shift();
    else this.#lines.splice(at, 1);
  }
}

/** The calls of equal priority, in the order in which they came. */
interface Line {
  readonly priority: number;
  readonly calls: Set<PassingCall>;
}
