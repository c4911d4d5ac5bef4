// Condition: waits for what only the holder of a lock can see.

import { assertCount } from "../core/checks.ts";
import { InvalidStateError } from "../core/errors.ts";
import type { Permits } from "./arbiter/permits.ts";
import { ConditionDesk } from "./arbiter/signals.ts";
import { NO_LIMITS } from "./arbiter/wait.ts";
import { DeskSeat } from "./desk_seat.ts";
import {
  given,
  Handle,
  type NameOptions,
  ownSeatOf,
  readLimits,
  readMaking,
  seatOf,
  type WaitLimits,
} from "./handle.ts";
import { Lease, noteEnd, seatOfLease } from "./lease.ts";
import { Lock } from "./lock.ts";

/**
 * Has holders of a lock wait for what others change under it.
 *
 * @example Wait for what another call does
 * ```ts
 * import assert from "node:assert/strict";
 * import { Condition, Lock } from "@concurrent/futures/sync";
 *
 * const lock = new Lock();
 * const changed = new Condition(lock);
 * const items: string[] = [];
 *
 * async function take(): Promise<string | undefined> {
 *   let lease = await lock.acquire();
 *   while (items.length === 0) lease = await changed.wait(lease);
 *   using _ = lease;
 *   return items.shift();
 * }
 *
 * const taken = take();
 * using lease = await lock.acquire();
 * items.push("one");
 * await changed.notify();
 * lease.release();
 * assert.equal(await taken, "one");
 * ```
 */
export class Condition extends Handle {
  /**
   * Makes a condition of a lock.
   *
   * @throws {TypeError} When `lock` is no lock of this program; for an option of the wrong type, or that there is not.
   */
  constructor(lock: Lock, options?: NameOptions) {
    super(given(lock) ?? seatFor(lock, options));
  }

  /**
   * Gives a lease back, waits until it is told, and acquires the lock again.
   *
   * Look at what was waited for once more afterwards: others may have been before.
   *
   * @param lease Of the condition's lock. It is held no more, whatever comes of the wait.
   * @returns A new lease.
   * @throws {TimeoutError} After `timeout` milliseconds; the lock is not held then.
   * @throws {DeadlockError} When the lock could never be had again.
   * @throws {InvalidStateError} When the lease is not held.
   * @throws {TypeError} For what is no lease, or one of another lock, which is given back; for a wrong option.
   * @throws {RangeError} For a `timeout` out of its range.
   */
  async wait(lease: Lease, options?: WaitLimits): Promise<Lease> {
    const limits = readLimits(options, "wait for condition");
    const seat = seatOfLease(lease);
    if (seat === undefined)
      throw new TypeError("Cannot wait for condition: expected a lease of its lock");
    if (!lease.held)
      throw new InvalidStateError("Cannot wait for condition: the lease is not held any more");
    const here = seatOf(this);
    noteEnd(lease);
    try {
      return new Lease(seat, await here.ask(["wait", seat.id, lease.token], limits));
    } catch (error) {
      // It may have failed before the lease was given back. A second time nothing happens: no other lease has its token.
      seat.tell(["release", lease.token]);
      throw error;
    }
  }

  /**
   * Has the first `n` that wait go on, one after another, as they get the lock.
   *
   * @returns How many there were.
   */
  async notify(n = 1): Promise<number> {
    assertCount(n, "n", 0);
    return (await seatOf(this).ask(["notify", n], NO_LIMITS)) as number;
  }

  /** The same for all that wait. */
  notifyAll(): Promise<number> {
    return this.notify(Number.POSITIVE_INFINITY);
  }
}

function seatFor(lock: Lock, options: NameOptions | undefined): DeskSeat {
  const seat = lock instanceof Lock ? ownSeatOf(lock) : undefined;
  if (!(seat instanceof DeskSeat))
    throw new TypeError("Cannot create condition: expected a lock of this program");
  const { name } = readMaking(options, "condition", ["name"]);
  return new DeskSeat(new ConditionDesk(name, seat.desk as Permits, () => seat.id));
}
