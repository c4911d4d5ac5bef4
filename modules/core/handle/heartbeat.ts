// Heartbeat: notices that a worker does not answer.
//
// Silence is counted in beats of this clock and not in time: a host that was itself asleep or busy (a laptop's lid, a
// stopped process) counts one beat for all of it, and blames no worker.

import { MAX_TIMER, unrefTimer } from "../time/milliseconds.ts";

/** Beats in the time a worker may be silent. Silence is noticed after one more at most: 1.5 times the limit. */
const BEATS = 2;

/** The clock of one worker: asks it now and then, and tells when it has not been heard of for too long. */
export class Heartbeat {
  readonly #pause: number;
  readonly #ask: () => void;
  readonly #onSilence: () => void;
  #silentBeats = 0;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  /**
   * @param limit Milliseconds a worker may be silent.
   * @param ask Sends what the worker answers. Once for each silence: in a worker that is stopped, questions pile up.
   * @param onSilence Told at each beat from then on, for the worker may have reasons.
   */
  constructor(limit: number, ask: () => void, onSilence: () => void) {
    this.#pause = Math.min(limit / BEATS, MAX_TIMER);
    this.#ask = ask;
    this.#onSilence = onSilence;
  }

  start(): void {
    // Not an interval: two beats must never follow each other without a turn of the event loop between them.
    this.#timer = setTimeout(() => this.#beat(), this.#pause);
    unrefTimer(this.#timer);
  }

  /** The worker has said something. */
  heard(): void {
    this.#silentBeats = 0;
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #beat(): void {
    this.start();
    this.#silentBeats++;
    if (this.#silentBeats === 1) this.#ask();
    else if (this.#silentBeats > BEATS) this.#onSilence();
  }
}
