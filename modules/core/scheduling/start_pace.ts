// StartPace: how fast workers may be started — later after one that did not start, later and alone while they are hard to
// get, and a moment later after a start that held the host up.

import { Timer } from "../time/timer.ts";

/** After so many workers in a row that ended before they were ready, the executor is broken. */
const MAX_FAILURES = 5;
/** The pause after the first of them, in milliseconds; it doubles up to the second figure. */
const BACKOFF = 50;
const MAX_BACKOFF = 5000;
/**
 * After a start that held the host up for so long, in milliseconds, as Deno's threads do, the next one waits, for a share
 * of it: of many workers the first shall not wait for its call until the last is there.
 */
const LONG_START_MS = 5;
const PAUSE_SHARE = 1 / 2;
/** Where one is ready already, what has come meanwhile gets its turn, in milliseconds: many shall be there soon. */
const TURN_MS = 1;

/** The pace of one executor's starts. */
export class StartPace {
  readonly #onResume: () => void;
  #failures = 0;
  /** How many calls had succeeded at the last of them. */
  #succeeded = 0;
  #isStrained = false;
  readonly #timer = new Timer();
  /** When the pause is over, on the monotonic clock. */
  #due = 0;

  /** @param onResume Called when a pause is over. */
  constructor(onResume: () => void) {
    this.#onResume = onResume;
  }

  /** Whether none is started now. */
  get isPausing(): boolean {
    return this.#timer.isSet;
  }

  /**
   * How many may be started now, beside those that are starting. After a failure it is one at a time, until as many are
   * there as may be: there may be room for few.
   */
  limit(starting: number): number {
    return this.#isStrained ? 1 - starting : Number.POSITIVE_INFINITY;
  }

  /** As many workers as may be are there, and ready. */
  allReady(): void {
    this.#isStrained = false;
  }

  /**
   * A start has taken the host so many milliseconds.
   *
   * @param isFirst Whether no worker is ready yet.
   */
  started(took: number, isFirst: boolean): void {
    if (took > LONG_START_MS) this.#pause(isFirst ? took * PAUSE_SHARE : TURN_MS);
  }

  /** A worker was not started, or of no use, while others are starting: the last of them counts for all. */
  strain(): void {
    this.#isStrained = true;
  }

  /** A worker was ended in its start by a signal that was none of its own: it counts for nothing, but comes with a pause. */
  interrupted(): void {
    this.#pause(BACKOFF);
  }

  /**
   * The same of the last one; false if it was one too many in a row. Only work done shows that workers are well: one may die
   * again and again right after its "ready".
   *
   * @param succeeded How many calls have succeeded so far.
   */
  fail(succeeded: number): boolean {
    if (succeeded > this.#succeeded) this.#failures = 0;
    this.#succeeded = succeeded;
    this.#isStrained = true;
    this.#pause(Math.min(BACKOFF * 2 ** this.#failures++, MAX_BACKOFF));
    return this.#failures < MAX_FAILURES;
  }

  stop(): void {
    this.#timer.clear();
  }

  /** The longer of two pauses counts. */
  #pause(ms: number): void {
    const due = performance.now() + ms;
    if (this.isPausing && due <= this.#due) return;
    this.#due = due;
    this.#timer.set(ms, this.#onResume);
  }
}
