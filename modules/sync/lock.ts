// Lock: one at a time.

import { Permits } from "./arbiter/permits.ts";
import { DeskSeat } from "./desk_seat.ts";
import {
  acquire,
  given,
  Handle,
  type NameOptions,
  readMaking,
  tryAcquire,
  type WaitLimits,
} from "./handle.ts";
import type { Lease } from "./lease.ts";

/**
 * Lets one at a time into what it protects, whatever executors they run on: threads, processes, this event loop.
 *
 * First come, first served. A call that ends gives back what it holds; of one whose worker died the next holder is told
 * (`lease.abandoned`). A wait that would never end, because those who wait hold what each other waits for, fails with
 * `DeadlockError`; so does acquiring what the same call holds: a lock is not re-entrant.
 *
 * An *abandoned* thread, which Deno could not stop, may still run inside when the next one has got the lock: what it says is
 * heard no more, but only processes give strict exclusion then.
 *
 * @example One at a time
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import { Lock } from "@concurrent/futures/sync";
 *
 * let balance = 0;
 * async function deposit(lock: Lock, amount: number): Promise<void> {
 *   using _ = await lock.acquire();
 *   const before = balance;
 *   await Promise.resolve();
 *   balance = before + amount;
 * }
 *
 * await using executor = new EventLoopExecutor();
 * const lock = new Lock({ name: "balance" });
 * await Promise.all([1, 2, 3].map((amount) => executor.submit(deposit, lock, amount)));
 * assert.equal(balance, 6);
 * ```
 */
export class Lock extends Handle {
  /**
   * Makes a lock that nobody holds.
   *
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   */
  constructor(options?: NameOptions) {
    super(
      given(options) ??
        new DeskSeat(new Permits("lock", readMaking(options, "lock", ["name"]).name, 1)),
    );
  }

  /**
   * Waits for its turn, and takes the lock.
   *
   * @throws {TimeoutError} After `timeout` milliseconds.
   * @throws {DeadlockError} When the wait would never end.
   * @throws {InvalidStateError} When the call that this handle was given to has ended.
   */
  acquire(options?: WaitLimits): Promise<Lease> {
    return acquire(this, false, options);
  }

  /** Takes the lock if nobody holds or waits for it; else resolves with undefined. */
  tryAcquire(): Promise<Lease | undefined> {
    return tryAcquire(this, false);
  }
}
