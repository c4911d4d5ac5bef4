// Lease: what is held of a lock or a semaphore, until it is given back.

import type { Granted } from "./arbiter/permits.ts";
import type { Seat } from "./place.ts";

/** Where a lease was acquired; undefined for what is none. */
export let seatOfLease: (lease: unknown) => Seat | undefined;
/** Notes of a lease that it was given back by another way. */
export let noteEnd: (lease: Lease) => void;

/**
 * Stands for what is held of a lock, until `release()` or the end of the block that has it by `using`.
 *
 * It belongs to the call that has acquired it, and ends with that at the latest.
 */
export class Lease implements Disposable {
  readonly #seat: Seat;
  #isHeld = true;
  /**
   * Grows with each lease of the same lock. What a holder writes elsewhere can carry it, and be refused there if something
   * with a greater one has been written since: a holder may have been thought dead.
   */
  readonly token: number;
  /** Whether the holder before died, so that what the lock protects may be in disorder. Only the next one is told. */
  readonly abandoned: boolean;

  /** Is for this package only. */
  constructor(seat: unknown, granted: unknown) {
    const { token, abandoned } = granted as Granted;
    this.#seat = seat as Seat;
    this.token = token;
    this.abandoned = abandoned;
  }

  /** Whether it has not been given back. The end of its call gives it back, too, and is not noted here. */
  get held(): boolean {
    return this.#isHeld;
  }

  /**
   * Gives it back. A second time nothing happens.
   *
   * @returns Whether it was held until now.
   */
  release(): boolean {
    if (!this.#isHeld) return false;
    this.#isHeld = false;
    this.#seat.tell(["release", this.token]);
    return true;
  }

  /** Gives it back. */
  [Symbol.dispose](): void {
    this.release();
  }

  static {
    seatOfLease = (lease) =>
      typeof lease === "object" && lease !== null && #seat in lease ? lease.#seat : undefined;
    noteEnd = (lease) => {
      lease.#isHeld = false;
    };
  }
}
