// Waiting with a limit: the one home of "give up after so many milliseconds or when a signal aborts".
//
// A file of its own: what runs in workers does not need it, and so imports no package.

// For the compiler of whoever takes a checkout for a package: their settings do not name our types.
/// <reference path="../../../types/std_async.d.ts" />

import { abortable } from "deno-std/async/abortable.js";
import { Timer } from "./timer.ts";
import { whenAborted } from "./when_aborted.ts";

/**
 * Waits until `watch` calls what it was given, but not longer than `timeout` milliseconds, nor past the abort of `signal`.
 *
 * What is waited for may outlive any number of waits: each has a promise of its own, and a wait that is over leaves nothing
 * behind, neither there (`watch` returns how to stop) nor on the signal.
 *
 * @param limits Checked before. The signal is a user's: it is followed by the platform's own methods, as `abortable` would not.
 * @param timeoutError Makes the rejection of a wait whose time ran out. A signal rejects with its own reason.
 */
export async function withDeadline(
  watch: (onDone: () => void) => () => void,
  limits: { timeout?: number; signal?: AbortSignal },
  timeoutError: () => Error,
): Promise<void> {
  const { timeout = Number.POSITIVE_INFINITY, signal } = limits;
  const expiry = new AbortController();
  // Linked by hand: `AbortSignal.any` leaves something on a signal that lives longer, on two runtimes.
  const stopListening = signal && whenAborted(signal, (reason: unknown) => expiry.abort(reason));
  expiry.signal.throwIfAborted();
  const timer = new Timer({ holds: true });
  timer.set(timeout, () => expiry.abort(timeoutError()));
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = watch(resolve);
  try {
    await abortable(promise, expiry.signal);
  } finally {
    stop();
    timer.clear();
    stopListening?.();
  }
}
