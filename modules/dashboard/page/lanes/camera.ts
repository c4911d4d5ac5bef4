// Camera: which span of time the lanes show, and whether it goes along with the clock.

/** From a millisecond, where single short tasks are seen, to a day. */
const SHORTEST = 1;
const LONGEST = 24 * 60 * 60 * 1000;

/** What a new page shows: enough to see a job of some seconds whole. */
const AT_FIRST = 20_000;

/** Room to the right of the clock, so that the newest bars are seen to grow. */
const AHEAD = 0.03;

export class Camera {
  #span = AT_FIRST;
  /** The right edge while it stands still; while it follows, the clock is the edge. */
  #until: number | undefined;

  get following(): boolean {
    return this.#until === undefined;
  }

  get span(): number {
    return this.#span;
  }

  /** The span of time that is seen at a time of the clock. */
  window(now: number): { from: number; to: number } {
    const to = this.#until ?? now + this.#span * AHEAD;
    return { from: to - this.#span, to };
  }

  /** Goes along with the clock. */
  follow(): void {
    this.#until = undefined;
  }

  /** Stands still where it is. */
  pause(now: number): void {
    this.#until = this.window(now).to;
  }

  /** Moves by a part of what is seen; a camera that is moved stands still. */
  pan(part: number, now: number): void {
    this.#until = this.window(now).to + part * this.#span;
  }

  /** Shows `factor` times as much, and keeps the time at `part` of the width where it is. */
  zoom(factor: number, part: number, now: number): void {
    const { from } = this.window(now);
    const fixed = from + part * this.#span;
    this.#span = Math.min(LONGEST, Math.max(SHORTEST, this.#span * factor));
    if (this.#until !== undefined) this.#until = fixed + (1 - part) * this.#span;
  }

  /** Shows a whole span of time, with a little room around it. */
  fit(from: number, to: number): void {
    const room = Math.max(SHORTEST, (to - from) * 0.04);
    this.#span = Math.min(LONGEST, Math.max(SHORTEST, to - from + 2 * room));
    this.#until = to + room;
  }
}
