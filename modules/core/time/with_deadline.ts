// Waiting with a limit: the one home of "give up after so many milliseconds or when a signal aborts".
//
// A file of its own: what runs in workers does not need it, and so imports no package.

import { abortable } from "deno-std/async/abortable.js";
import { assertDuration, MAX_TIMER } from "./milliseconds.ts";

/**
 * Waits until `watch` calls what it was given, but not longer than `timeout` milliseconds, nor past the abort of `signal`.
 *
 * What is waited for may outlive any number of waits: each has a promise of its own, and a wait that is over leaves nothing
 * behind, neither there (`watch` returns how to stop) nor on the signal.
 *
 * `timeoutError` makes the rejection of a wait whose time ran out. A signal rejects with its own reason.
 */
export async function withDeadline(
  watch: (onDone: () => void) => () => void,
  limits: { timeout?: number; signal?: AbortSignal },
  timeoutError: () => Error,
): Promise<void> {
  const { timeout, signal } = limits;
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (signal !== undefined && !(signal instanceof AbortSignal))
    throw new TypeError("Cannot use signal: expected an AbortSignal");
  signal?.throwIfAborted();
  const expiry = new AbortController();
  const timer =
    timeout === undefined || timeout === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => expiry.abort(timeoutError()), Math.min(timeout, MAX_TIMER));
  // Linked by hand: `AbortSignal.any` leaves something on a signal that lives longer, on two runtimes.
  const onAbort = () => expiry.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = watch(resolve);
  try {
    await abortable(promise, expiry.signal);
  } finally {
    stop();
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  }
}
