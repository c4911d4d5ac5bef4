// WaitInPlace: the host looks for outcomes that are due within microseconds, instead of going to sleep until a message
// tells of them. That is what a program gets that awaits each short task before it submits the next (decision 26), and a call
// that asks its host for something again and again (decision 64).

import type { Attention } from "../handle/replies.ts";
import type { WorkerHandle } from "../handle/worker_handle.ts";
import { Patience } from "../time/patience.ts";
import type { Ledger } from "./ledger.ts";

/** So long at most, in milliseconds. */
const WAIT_MS = 0.06;
/** In so many turns of the microtasks what calls have said has been answered, and the program has said what follows. */
const ANSWERING_TURNS = 12;

/** Waits for the workers of one executor. */
export class WaitInPlace implements Attention {
  readonly #workers: ReadonlySet<WorkerHandle>;
  readonly #ledger: Ledger;
  readonly #patience = new Patience(false);
  /** What calls say is another matter than when they end. */
  readonly #patienceWithCalls = new Patience(true);
  /** How often a call has said something. */
  #heard = 0;
  #isListening = false;
  /** How many calls were unsettled, and how often one had said something, when a wait began. */
  #unsettledBefore = 0;
  #heardBefore = 0;

  constructor(workers: ReadonlySet<WorkerHandle>, ledger: Ledger) {
    this.#workers = workers;
    this.#ledger = ledger;
  }

  /** The event loop has turned. */
  onTurn(): void {
    this.#patience.onTurn();
    this.#patienceWithCalls.onTurn();
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
    if (!this.#patience.mayWait()) return false;
    for (const worker of this.#workers) worker.attend();
    return true;
  }

  /** Waits if that is worth while. */
  end(): void {
    if (this.#isDue()) this.#wait(this.#patience);
    if (!this.#isListening) this.#leave();
  }

  // As Attention.

  heard(): void {
    this.#heard++;
  }

  answering(): void {
    const patience = this.#patienceWithCalls;
    if (this.#isListening || !patience.hasTime || !patience.mayWait()) return;
    this.#isListening = true;
    for (const worker of this.#workers) worker.attend();
    void this.#listen();
  }

  /** Listens as long as calls go on saying something: each time once that is answered, and the program has gone on. */
  async #listen(): Promise<void> {
    const patience = this.#patienceWithCalls;
    do {
      for (let turn = 0; turn < ANSWERING_TURNS; turn++) await undefined;
    } while (patience.hasTime && this.#wait(patience));
    this.#isListening = false;
    this.#leave();
  }

  /** Whether all that runs is due within microseconds, and this turn of the event loop has time for it. */
  #isDue(): boolean {
    for (const worker of this.#workers) if (worker.busy && !worker.isDueAtOnce) return false;
    return this.#patience.hasTime;
  }

  /** Waits until a call has ended, or says something; false where that was in vain. */
  #wait(patience: Patience): boolean {
    this.#unsettledBefore = this.#ledger.unsettled;
    this.#heardBefore = this.#heard;
    return patience.wait(WAIT_MS, this.#look);
  }

  /** Made once: each trip of a short task waits. */
  readonly #look = (): boolean | undefined => {
    let isOnItsWay = false;
    for (const worker of this.#workers) if (worker.look()) isOnItsWay = true;
    if (this.#ledger.unsettled < this.#unsettledBefore || this.#heard !== this.#heardBefore)
      return true;
    return isOnItsWay ? false : undefined;
  };

  #leave(): void {
    for (const worker of this.#workers) worker.leave();
  }
}
