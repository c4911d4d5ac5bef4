// acquireSync: takes a lock without an await, on a thread that may sleep.

import { assertDuration, typeName } from "../core/checks.ts";
import { UnsupportedRuntimeError } from "../core/errors.ts";
import { readOptions } from "../core/options.ts";
import { CallSeat } from "./call_seat.ts";
import { Cell } from "./cell.ts";
import { findDesk } from "./desks.ts";
import { seatOf } from "./handle.ts";
import { Lease } from "./lease.ts";
import { Lock } from "./lock.ts";

/**
 * Waits for a lock without giving the event loop a turn: for tasks that compute in a loop and never await.
 *
 * Only on a thread, which may sleep. Otherwise as {@linkcode Lock.acquire}.
 *
 * @param options `timeout` in milliseconds. Default: no limit.
 * @throws {UnsupportedRuntimeError} Where there is nothing to sleep on: in the program itself, on an event loop, in a
 * process, in a page that is not cross-origin isolated.
 * @throws {TimeoutError} After `timeout` milliseconds.
 * @throws {DeadlockError} When the wait would never end.
 * @throws {TypeError} For what is no lock.
 *
 * @example Not here
 * ```ts
 * import assert from "node:assert/strict";
 * import { acquireSync, Lock } from "@concurrent/futures/sync";
 *
 * assert.throws(() => acquireSync(new Lock()), { name: "UnsupportedRuntimeError" });
 * ```
 */
export function acquireSync(lock: Lock, options?: { timeout?: number }): Lease {
  if (!(lock instanceof Lock))
    throw new TypeError(`Cannot acquire synchronously: expected a lock, got ${typeName(lock)}`);
  const { timeout } = readOptions(options, ["timeout"], "acquire synchronously");
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  const seat = seatOf(lock);
  // Whoever has the desk itself would sleep in its own way.
  if (
    !(seat instanceof CallSeat) ||
    seat.place.words === undefined ||
    findDesk(seat.id) !== undefined
  ) {
    const what = `Cannot acquire lock "${lock.name}" synchronously: only a thread can sleep`;
    throw new UnsupportedRuntimeError(`${what}; use await lock.acquire()`);
  }
  const { session, place } = seat;
  const taken = session.take(place);
  if (taken !== undefined) return new Lease(seat, taken);
  const cell = new Cell();
  const limit = timeout === Number.POSITIVE_INFINITY ? undefined : timeout;
  const link = session.beside(place, ["acquireSync", cell.buffer], limit);
  try {
    const granted = cell.sleep();
    session.granted(place, granted);
    return new Lease(seat, granted);
  } finally {
    link?.close();
  }
}
