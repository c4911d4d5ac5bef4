// TaskClock: the time limit of the task that runs, by a clock that does not blame a task for its host.

import { MAX_TIMER } from "../time/milliseconds.ts";

/** A clock that is later than this, in milliseconds, belongs to a host that was stopped, or did not come to its clocks. */
const LATE_MS = 50;

/** Times one task after another. */
export class TaskClock {
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;

  /** Starts anew: calls `onOver` after so many milliseconds, unless it is stopped before. `Infinity` is never. */
  start(timeout: number, onOver: () => void): void {
    this.stop();
    if (timeout === Number.POSITIVE_INFINITY) return;
    const limit = Math.min(timeout, MAX_TIMER);
    const due = performance.now() + limit;
    this.#timer = setTimeout(() => {
      // The outcome may be here already, waiting for its turn: a host that was busy must not blame the task. And one that
      // was stopped may have had its threads stopped with it: what the clock is late, the task is given.
      const late = performance.now() - due;
      const grace = late > LATE_MS ? Math.min(late, limit) : 0;
      this.#timer = setTimeout(onOver, grace);
    }, limit);
  }

  stop(): void {
    // Asked for each outcome; nearly always there is nothing to stop.
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
