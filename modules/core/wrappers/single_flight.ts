// singleFlight: has calls that are the same and come while one of them runs wait for that one.

import { assertFunction } from "../checks.ts";
import { readOptions } from "../options.ts";
import type { Task } from "../task.ts";
import type { AnyFunction } from "../task_source.ts";
import { type StaticMethodDecorator, wrapper } from "./decorate.ts";
import { Flights } from "./flights.ts";
import { type KeyFunction, keyOf } from "./key_of.ts";
import { wrap } from "./layer_stack.ts";
import type { Layer, PassingCall } from "./passing_call.ts";

/** Which calls `singleFlight` takes for the same. */
export interface SingleFlightOptions<A extends unknown[] = never[]> {
  /**
   * Tells which calls are the same, from the arguments: those of one key, as a `Map` has it. Default: the arguments
   * themselves, which have to be primitive values.
   */
  key?: (...args: A) => unknown;
}

const OPTIONS = ["key"] as const;

/**
 * Makes of a task one of which calls that are the same run one at a time: those that come while it runs have its outcome, a
 * failure too, and hold no worker. Nothing is kept: the next call runs anew.
 *
 * A call that waits is pending, and tells the progress of the one that runs. It can be cancelled by itself. If the one that
 * runs is cancelled, the next one runs in its place. All who call get the same object, or error. Whichever executors
 * they were submitted to, they share one run, on the executor of the call that runs. For tasks with one result: a stream is
 * refused.
 *
 * The key function runs within `submit`, in the caller's context. If it throws, that call fails with what it threw.
 *
 * A call that waits for one of its own key would wait for itself: that one fails with `DeadlockError`. It is known of calls on
 * this event loop, where the platform keeps async contexts; in a page it does not, and they wait for ever. A worker shares by
 * itself what is submitted in it: of a call that comes back to its key by way of another worker nothing is known.
 *
 * @example A herd
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, singleFlight, task } from "@concurrent/futures";
 *
 * let calls = 0;
 * const load = task(import.meta.url, async function load(user: { id: number }) { calls++; return user.id; });
 * const loadOnce = singleFlight(load, { key: (user) => user.id });
 *
 * await using executor = new EventLoopExecutor();
 * const herd = Array.from({ length: 100 }, () => executor.submit(loadOnce, { id: 7 }));
 * assert.equal((await Promise.all(herd)).length, 100);
 * assert.equal(calls, 1);
 * ```
 *
 * @throws {TypeError} For what is no task, and for an option of the wrong type or that there is not.
 */
export function singleFlight<A extends unknown[], R>(
  task: Task<A, R>,
  options?: SingleFlightOptions<A>,
): Task<A, R>;
/** The same as a decorator, above `@threaded(…)`: `@singleFlight({ key: (user) => user.id })`. */
export function singleFlight(options?: SingleFlightOptions): StaticMethodDecorator;
/** The same with the default options: `@singleFlight`. */
export function singleFlight<F extends AnyFunction>(
  method: F,
  context: ClassMethodDecoratorContext & { readonly static: true },
): F;
export function singleFlight(...given: unknown[]): unknown {
  return wrapper("singleFlight", given, (option) => {
    const read = readOptions(option as SingleFlightOptions | undefined, OPTIONS, "share calls");
    if (read.key !== undefined) assertFunction(read.key, "key");
    return (task) => wrap(task, new SharedCalls(read.key));
  });
}

/** The calls under way of one task. */
class SharedCalls implements Layer {
  readonly takesStreams = false;
  readonly #key: KeyFunction<never[]> | undefined;
  readonly #flights = new Flights();

  constructor(key: KeyFunction<never[]> | undefined) {
    this.#key = key;
  }

  enter(call: PassingCall): void {
    const key = keyOf(call, "share calls of", this.#key);
    if (!call.isDone) this.#flights.join(key, call);
  }
}
