// WaitInPlace: the host looks for outcomes that are due within microseconds, instead of going to sleep until a message
// tells of them. That is what a program gets that awaits each short task before it submits the next (decision 26).

import type { WorkerHandle } from "../handle/worker_handle.ts";
import type { Ledger } from "./ledger.ts";

/** So long at most, in milliseconds, … */
const WAIT_MS = 0.06;
/** … and not after so many in one turn of the event loop: timers and requests must get theirs. */
const WAIT_PER_TURN_MS = 2;
/** After a wait in vain so many flushes do without, then twice as many, and so on. */
const MAX_IMPATIENCE = 32;

/** Waits for the workers of one executor. */
export class WaitInPlace {
  readonly #workers: ReadonlySet<WorkerHandle>;
  readonly #ledger: Ledger;
  /** When the first wait began in this turn of the event loop, as far as messages tell of turns. */
  #turnSince = 0;
  /** How many flushes go without a wait, and how many will after the next one in vain. */
  #impatience = 0;
  #nextImpatience = 1;

  constructor(workers: ReadonlySet<WorkerHandle>, ledger: Ledger) {
    this.#workers = workers;
    this.#ledger = ledger;
  }

  /** The event loop has turned. */
  onTurn(): void {
    this.#turnSince = 0;
  }

  /**
   * Attends to the workers if it may come to a wait: before anything is sent, or an outcome could be here first, and its
   * worker would think that nobody waits.
   *
   * @returns Whether `end` has to be called once all is sent.
   */
  begin(): boolean {
    const unsettled = this.#ledger.unsettled;
    if (unsettled === 0 || unsettled > this.#workers.size) return false;
    if (this.#impatience > 0) {
      this.#impatience--;
      return false;
    }
    for (const worker of this.#workers) worker.attend();
    return true;
  }

  /** Waits if that is worth while. */
  end(): void {
    if (this.#isDue()) this.#wait();
    for (const worker of this.#workers) worker.leave();
  }

  /** Whether all that runs is due within microseconds, and this turn of the event loop has time for it. */
  #isDue(): boolean {
    for (const worker of this.#workers) if (worker.busy && !worker.isDueAtOnce) return false;
    return this.#turnSince === 0 || performance.now() - this.#turnSince <= WAIT_PER_TURN_MS;
  }

  #wait(): void {
    const since = performance.now();
    if (this.#turnSince === 0) this.#turnSince = since;
    const before = this.#ledger.unsettled;
    let isInVain = false;
    do {
      for (const worker of this.#workers) {
        if (worker.look()) isInVain = true;
      }
    } while (!isInVain && this.#ledger.unsettled === before && performance.now() - since < WAIT_MS);
    if (this.#ledger.unsettled < before) {
      this.#nextImpatience = 1;
    } else {
      this.#impatience = this.#nextImpatience;
      this.#nextImpatience = Math.min(MAX_IMPATIENCE, 2 * this.#nextImpatience);
    }
  }
}
