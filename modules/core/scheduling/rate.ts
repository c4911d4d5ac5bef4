// Rate: how many calls begin in a time — the generic cell rate algorithm (GCRA, ITU-T I.371): one number, and no window that
// is counted anew. Calls are due one interval after the other; so many as make up a burst may come before they are due.

import type { Rhythm } from "../limits.ts";
import { Timer } from "../time/timer.ts";

/** Sums of intervals are not exact: what is due within so many milliseconds is due. */
const EXACT_MS = 1e-6;

/** The pace of one executor. */
export class Rate {
  readonly #interval: number;
  /** So long before it is due a call may begin. */
  readonly #early: number;
  /** When the next call is due, if they come evenly. */
  #due = Number.NEGATIVE_INFINITY;
  readonly #timer = new Timer();

  constructor({ interval, burst }: Rhythm) {
    this.#interval = interval;
    this.#early = (burst - 1) * interval;
  }

  /** Milliseconds until a call may begin; none where one may now. */
  wait(now: number): number {
    const wait = this.#due - this.#early - now;
    return wait <= EXACT_MS ? 0 : wait;
  }

  /** A call begins. */
  spend(now: number): void {
    this.#due = Math.max(this.#due, now) + this.#interval;
  }

  /** Whether a call may begin now; else `again` is called when one may. */
  allows(again: () => void): boolean {
    const wait = this.wait(performance.now());
    if (wait === 0) return true;
    if (!this.#timer.isSet) this.#timer.set(wait, again);
    return false;
  }

  stop(): void {
    this.#timer.clear();
  }
}
