// EventClock: the clock of events and snapshots — milliseconds since the Unix epoch, never going back.

/** Events of calls that settle together share a reading: to read the clock costs as much as the event. */
const SHARED = 16;

/** One executor's clock. */
export class EventClock {
  #isHeld = false;
  #left = 0;
  #time = 0;

  /** Until `release`, a reading may serve some events that come at once. */
  hold(): void {
    this.#isHeld = true;
    this.#left = 0;
  }

  /** From now on each reading is a new one. */
  release(): void {
    this.#isHeld = false;
  }

  /** Reads the clock. */
  now(): number {
    if (this.#isHeld && this.#left-- > 0) return this.#time;
    this.#left = SHARED - 1;
    this.#time = performance.timeOrigin + performance.now();
    return this.#time;
  }
}
