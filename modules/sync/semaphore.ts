// Semaphore: so many at a time.

import { assertCount } from "../core/checks.ts";
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
 * Lets so many at a time into what it protects, whatever executors they run on.
 *
 * Otherwise as {@linkcode Lock}. A call may hold several; it is in a deadlock only when nobody who holds one can go on.
 *
 * @example Two at a time
 * ```ts
 * import assert from "node:assert/strict";
 * import { Semaphore } from "@concurrent/futures/sync";
 *
 * const connections = new Semaphore(2);
 * using first = await connections.acquire();
 * using second = await connections.acquire();
 * assert.equal(await connections.tryAcquire(), undefined);
 * first.release();
 * assert.ok(await connections.tryAcquire());
 * ```
 */
export class Semaphore extends Handle {
  /**
   * Makes a semaphore.
   *
   * @param permits How many may hold one at once. Default: 1.
   * @throws {TypeError} When that is no whole number; for an option of the wrong type, or that there is not.
   * @throws {RangeError} When it is below 1.
   */
  constructor(permits = 1, options?: NameOptions) {
    super(given(permits) ?? seatFor(permits, options));
  }

  /** Waits for its turn, and takes one: see {@linkcode Lock.acquire}. */
  acquire(options?: WaitLimits): Promise<Lease> {
    return acquire(this, false, options);
  }

  /** Takes one if one is left and nobody waits; else resolves with undefined. */
  tryAcquire(): Promise<Lease | undefined> {
    return tryAcquire(this, false);
  }
}

function seatFor(permits: number, options: NameOptions | undefined): DeskSeat {
  assertCount(permits, "permits", 1);
  const { name } = readMaking(options, "semaphore", ["name"]);
  return new DeskSeat(new Permits("semaphore", name, permits));
}
