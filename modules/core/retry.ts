// Retrying: whether a call whose worker was lost runs again, and the pause before it does.

import type { Call } from "./handle/window.ts";
import type { RetryOptions } from "./task.ts";
import { assertDuration, MAX_TIMER, unrefTimer } from "./time/milliseconds.ts";
import type { Work } from "./work/work.ts";

/** Each pause is so many times the one before, unless said otherwise. */
const DEFAULT_FACTOR = 2;

/** Throws for what `retries` cannot be. */
export function assertRetries(retries: unknown): asserts retries is number | RetryOptions {
  if (typeof retries !== "object" || retries === null) return assertLimit(retries, "retries");
  const { limit, delay, factor, maxDelay } = retries as Partial<RetryOptions>;
  assertLimit(limit, "retries.limit");
  assertDuration(delay, "retries.delay");
  if (maxDelay !== undefined) assertDuration(maxDelay, "retries.maxDelay");
  if (factor === undefined) return;
  if (typeof factor !== "number")
    throw new TypeError(`Cannot use retries.factor: expected a number, got ${typeof factor}`);
  if (!(factor >= 1 && Number.isFinite(factor)))
    throw new RangeError(`Cannot use retries.factor: expected a number from 1, got ${factor}`);
}

/** How often a call may be run again. */
export function retryLimit(retries: number | RetryOptions = 0): number {
  return typeof retries === "number" ? retries : retries.limit;
}

/**
 * Milliseconds before a call is run again whose worker was lost; undefined when it may not.
 *
 * @param losses How often that has happened to it before.
 */
export function retryPause(
  retries: number | RetryOptions | undefined,
  losses: number,
): number | undefined {
  if (losses >= retryLimit(retries)) return undefined;
  if (typeof retries !== "object") return 0;
  const { delay, factor = DEFAULT_FACTOR, maxDelay = Number.POSITIVE_INFINITY } = retries;
  return Math.min(delay * factor ** losses, maxDelay);
}

/** Calls that pause before they run again: in no window, and not in the queue, where they would hold up others. */
export class PausingCalls {
  readonly #calls = new Map<Call, ReturnType<typeof setTimeout>>();

  /** How many there are. */
  get size(): number {
    return this.#calls.size;
  }

  /** Has `wake` called with the call after `pause` milliseconds, unless it is taken out before. */
  add(call: Call, pause: number, wake: (call: Call) => void): void {
    const timer = setTimeout(
      () => {
        this.#calls.delete(call);
        wake(call);
      },
      Math.min(pause, MAX_TIMER),
    );
    // What keeps the program alive is that the call is not settled, not this clock.
    unrefTimer(timer);
    this.#calls.set(call, timer);
  }

  /** Takes calls out: those of one work, or all. */
  take(of?: Work): Call[] {
    const taken = [...this.#calls.keys()].filter(({ work }) => of === undefined || work === of);
    for (const call of taken) {
      clearTimeout(this.#calls.get(call));
      this.#calls.delete(call);
    }
    return taken;
  }
}

function assertLimit(limit: unknown, name: string): asserts limit is number {
  if (typeof limit !== "number")
    throw new TypeError(`Cannot use ${name}: expected a whole number from 0, got ${typeof limit}`);
  if (!(Number.isInteger(limit) && limit >= 0))
    throw new RangeError(`Cannot use ${name}: expected a whole number from 0, got ${limit}`);
}
