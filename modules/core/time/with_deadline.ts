// Waiting with a limit: the one home of "give up after so many milliseconds or when a signal aborts".
//
// A file of its own: what runs in workers does not need it, and so imports no package.

import { abortable } from "deno-std/async/abortable.js";
import { assertDuration, MAX_TIMER } from "./milliseconds.ts";

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
