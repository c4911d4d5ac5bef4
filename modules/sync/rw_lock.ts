// RWLock: many readers, or one writer.

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
 * Lets many readers in at once, or one writer, whatever executors they run on.
 *
 * First come, first served: a reader that comes after a writer waits behind it. Otherwise as {@linkcode Lock}; a reader
 * cannot become a writer, and is told so by `DeadlockError`.
 *
 * @example Readers together, a writer alone
 * ```ts
 * import assert from "node:assert/strict";
 * import { RWLock } from "@concurrent/futures/sync";
 *
 * const index = new RWLock({ name: "index" });
 * using one = await index.acquireRead();
 * using other = await index.acquireRead();
 * assert.equal(await index.tryAcquireWrite(), undefined);
 * one.release();
 * other.release();
 * using writer = await index.acquireWrite();
 * assert.equal(writer.token, 3);
 * ```
 */
export class RWLock extends Handle {
  /**
   * Makes a lock that nobody holds.
   *
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   */
  constructor(options?: NameOptions) {
    super(given(options) ?? seatFor(options));
  }

  /** Waits for its turn, and reads beside others: see {@linkcode Lock.acquire}. */
  acquireRead(options?: WaitLimits): Promise<Lease> {
    return acquire(this, false, options);
  }

  /** Waits for its turn, and writes alone. */
  acquireWrite(options?: WaitLimits): Promise<Lease> {
    return acquire(this, true, options);
  }

  /** Reads if nobody writes or waits; else resolves with undefined. */
  tryAcquireRead(): Promise<Lease | undefined> {
    return tryAcquire(this, false);
  }

  /** Writes if nobody is inside or waits; else resolves with undefined. */
  tryAcquireWrite(): Promise<Lease | undefined> {
    return tryAcquire(this, true);
  }
}

function seatFor(options: NameOptions | undefined): DeskSeat {
  const { name } = readMaking(options, "RWLock", ["name"]);
  return new DeskSeat(new Permits("RWLock", name, Number.POSITIVE_INFINITY));
}
