// Patience: whether it is worth while to wait in place, which takes a processor and holds an event loop up (decision 26).

/** Not after so many milliseconds of waits in one turn of the event loop: timers and requests must get theirs. */
const WAIT_PER_TURN_MS = 2;
/** What comes after so many times as long as was to be waited for it is late. */
const LATE = 2;
/** After a wait in vain one goes without, then twice as many, and so on, up to so many. */
const MAX_IMPATIENCE = 32;

/** What one side knows of its waits in place. */
export class Patience {
  /** When the first wait began in this turn of the event loop, as far as messages tell of turns. */
  #turnSince = 0;
  /** How many go without a wait, and how many will after the next one in vain. */
  #impatience = 0;
  #nextImpatience = 1;
  readonly #mindsLate: boolean;

  /**
   * @param mindsLate Whether what comes late was awaited in vain: it came to one whose processor was taken away, and others
   * need that more. To ask costs a look at the clock.
   */
  constructor(mindsLate: boolean) {
    this.#mindsLate = mindsLate;
  }

  /** The event loop has turned. */
  onTurn(): void {
    this.#turnSince = 0;
  }

  /** Whether one may wait now. Each time that is asked counts. */
  mayWait(): boolean {
    if (this.#impatience === 0) return true;
    this.#impatience--;
    return false;
  }

  /** Whether this turn of the event loop has time for another wait. */
  get hasTime(): boolean {
    return this.#turnSince === 0 || performance.now() - this.#turnSince <= WAIT_PER_TURN_MS;
  }

  /**
   * Waits, and judges by what came of it whether that is worth while.
   *
   * @param ms So long at most, in milliseconds.
   * @param look Looks once; undefined while nothing is there, and false where what is awaited will not come so.
   * @returns Whether it came, and not late where that counts.
   */
  wait(ms: number, look: () => boolean | undefined): boolean {
    const since = performance.now();
    if (this.#turnSince === 0) this.#turnSince = since;
    let found = look();
    while (found === undefined && performance.now() - since < ms) found = look();
    const isWorthWhile =
      found === true && !(this.#mindsLate && performance.now() - since > LATE * ms);
    if (isWorthWhile) {
      this.#nextImpatience = Math.max(1, this.#nextImpatience / 2);
    } else {
      this.#impatience = this.#nextImpatience;
      this.#nextImpatience = Math.min(MAX_IMPATIENCE, 2 * this.#nextImpatience);
    }
    return isWorthWhile;
  }
}
