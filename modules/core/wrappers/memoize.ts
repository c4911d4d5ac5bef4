// memoize: keeps the results of a task, and gives them to calls that are the same, without a worker.

import { assertCount, assertDuration, assertFunction } from "../checks.ts";
import { readOptions } from "../options.ts";
import type { Task } from "../task.ts";
import type { AnyFunction } from "../task_source.ts";
import { type StaticMethodDecorator, wrapper } from "./decorate.ts";
import { Flights } from "./flights.ts";
import { type KeyFunction, keyOf } from "./key_of.ts";
import { wrap } from "./layer_stack.ts";
import type { Layer, PassingCall } from "./passing_call.ts";

/** Python's `lru_cache` keeps as many. */
const DEFAULT_MAX_SIZE = 128;

/** Which results `memoize` keeps. */
export interface MemoizeOptions<A extends unknown[] = never[]> {
  /**
   * Tells which calls are the same, from the arguments: those of one key, as a `Map` has it. Default: the arguments
   * themselves, which have to be primitive values.
   */
  key?: (...args: A) => unknown;
  /** Milliseconds that a result is kept, from when it came. Default: no limit. */
  maxAge?: number;
  /** So many results are kept; those go first that nobody has asked for the longest. Default: 128. */
  maxSize?: number;
}

const OPTIONS = ["key", "maxAge", "maxSize"] as const;

/**
 * Makes of a task one whose results are kept: a call that is the same as one before has its result at once, and no worker.
 *
 * A failure is not kept, nor is a call that was cancelled. Calls that are the same and come while the first one runs wait for
 * that, as with {@linkcode singleFlight}. All who call get the same object; who changes it changes it for all. Results are
 * kept by the task that is returned, whichever executors run it, and by those that its `with()` returns. For tasks with one
 * result: a stream is refused.
 *
 * The key function runs within `submit`, in the caller's context. If it throws, that call fails with what it threw. A call that
 * waits for one of its own key is told so, as far as {@linkcode singleFlight} can.
 *
 * @example Twice the same
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, memoize, task } from "@concurrent/futures";
 *
 * let calls = 0;
 * const square = task(import.meta.url, function square(n: number) { calls++; return n * n; });
 * const known = memoize(square, { maxAge: 60_000, maxSize: 1_000 });
 *
 * await using executor = new EventLoopExecutor();
 * assert.equal(await executor.submit(known, 4), 16);
 * assert(executor.submit(known, 4).done());
 * assert.equal(calls, 1);
 * ```
 *
 * @throws {TypeError} For what is no task, and for an option of the wrong type or that there is not.
 * @throws {RangeError} For an option out of its range.
 */
export function memoize<A extends unknown[], R>(
  task: Task<A, R>,
  options?: MemoizeOptions<A>,
): Task<A, R>;
/** The same as a decorator, above `@threaded(…)`: `@memoize({ maxAge: 60_000 })`. */
export function memoize(options?: MemoizeOptions): StaticMethodDecorator;
/** The same with the default options: `@memoize`. */
export function memoize<F extends AnyFunction>(
  method: F,
  context: ClassMethodDecoratorContext & { readonly static: true },
): F;
export function memoize(...given: unknown[]): unknown {
  return wrapper("memoize", given, (option) => {
    const read = readOptions(option as MemoizeOptions | undefined, OPTIONS, "memoize task");
    const { key, maxAge = Number.POSITIVE_INFINITY, maxSize = DEFAULT_MAX_SIZE } = read;
    if (key !== undefined) assertFunction(key, "key");
    assertDuration(maxAge, "maxAge");
    assertCount(maxSize, "maxSize", 0);
    return (task) => wrap(task, new Memo({ key, maxAge, maxSize }));
  });
}

interface MemoLimits {
  readonly key: KeyFunction<never[]> | undefined;
  readonly maxAge: number;
  readonly maxSize: number;
}

interface Kept {
  readonly value: unknown;
  /** When it came, by the clock that never goes back. */
  readonly at: number;
}

/** The results of one task. */
class Memo implements Layer {
  readonly takesStreams = false;
  readonly #limits: MemoLimits;
  /** What was asked for longest ago comes first. */
  readonly #kept = new Map<unknown, Kept>();
  readonly #flights = new Flights((key, value) => this.#keep(key, value));

  constructor(limits: MemoLimits) {
    this.#limits = limits;
  }

  enter(call: PassingCall): void {
    const key = keyOf(call, "memoize", this.#limits.key);
    // The function is a user's: it may have cancelled the call.
    if (call.isDone) return;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      if (this.#isFresh(kept)) {
        this.#kept.set(key, kept);
        call.settle({ outcome: "finished", value: kept.value });
        return;
      }
    }
    this.#flights.join(key, call);
  }

  #keep(key: unknown, value: unknown): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, at: performance.now() });
    // Whatever nobody has asked for in so long stands in front, and is too old.
    for (const [other, kept] of this.#kept) {
      if (this.#kept.size <= this.#limits.maxSize && this.#isFresh(kept)) return;
      this.#kept.delete(other);
    }
  }

  #isFresh({ at }: Kept): boolean {
    const { maxAge } = this.#limits;
    return maxAge === Number.POSITIVE_INFINITY || performance.now() - at < maxAge;
  }
}
