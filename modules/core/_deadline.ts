// Waiting with a limit: the one home of "give up after so many milliseconds or when a signal aborts".

import { abortable } from "deno-std/async/abortable.js";

/**
 * Waits for `start()`, but not longer than `timeout` milliseconds, nor past the abort of `signal`.
 *
 * `timeoutError` makes the rejection of a wait whose time ran out. A signal rejects with its own reason.
 */
export async function withDeadline<T>(
  start: () => Promise<T>,
  limits: { timeout?: number; signal?: AbortSignal },
  timeoutError: () => Error,
): Promise<T> {
  const { timeout, signal } = limits;
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (timeout === undefined && signal === undefined) return await start();
  const expiry = new AbortController();
  const timer =
    timeout === undefined || timeout === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => expiry.abort(timeoutError()), Math.min(timeout, MAX_TIMER));
  try {
    return await abortable(
      start(),
      signal === undefined ? expiry.signal : AbortSignal.any([expiry.signal, signal]),
    );
  } finally {
    clearTimeout(timer);
  }
}

/** The longest delay timers take: 2^31 − 1 ms, about 25 days; a longer one would fire at once. */
export const MAX_TIMER: number = 2 ** 31 - 1;

/** Throws unless `value` is a number of milliseconds: not negative, not NaN; Infinity means no limit. */
export function assertDuration(value: unknown, name: string): asserts value is number {
  if (typeof value !== "number") {
    throw new TypeError(
      `Cannot use ${name}: expected milliseconds as a number, got ${typeof value}`,
    );
  }
  if (!(value >= 0))
    throw new RangeError(`Cannot use ${name}: expected milliseconds from 0, got ${value}`);
}

/** Lets the program end although `timer` is set. Deno, Bun and Node return an object; in a page nothing is held. */
export function unrefTimer(timer: unknown): void {
  if (
    typeof timer === "object" &&
    timer !== null &&
    "unref" in timer &&
    typeof timer.unref === "function"
  )
    timer.unref();
}
