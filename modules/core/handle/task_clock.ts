// TaskClock: the time limit of the task that runs, by a clock that does not blame a task for its host.

import { Timer } from "../time/timer.ts";

/** A clock that is later than this, in milliseconds, belongs to a host that was stopped, or did not come to its clocks. */
const LATE_MS = 50;

/** Times one task after another. */
export class TaskClock {
  readonly #timer = new Timer({ holds: true });

  /** Starts anew: calls `onOver` after so many milliseconds, unless it is stopped before. `Infinity` is never. */
  start(timeout: number, onOver: () => void): void {
    const due = performance.now() + timeout;
    this.#timer.set(timeout, () => {
      // The outcome may be here already, waiting for its turn: a host that was busy must not blame the task. And one that
      // was stopped may have had its threads stopped with it: what the clock is late, the task is given.
      const late = performance.now() - due;
      this.#timer.set(late > LATE_MS ? Math.min(late, timeout) : 0, onOver);
    });
  }

  stop(): void {
    this.#timer.clear();
  }
}
