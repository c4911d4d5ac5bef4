// Timer: a call after some milliseconds. The one home of what every clock of the core has in common: it can be stopped,
// it takes any number of milliseconds, and it holds no program unless it is told to.

/** The longest delay timers take: 2^31 − 1 ms, about 25 days; a longer one would fire at once. */
export const MAX_DELAY: number = 2 ** 31 - 1;

/** Calls once after some milliseconds, unless it is cleared or disposed of before. Can be set again and again. */
export class Timer implements Disposable {
  readonly #holds: boolean;
  #set: ReturnType<typeof setTimeout> | undefined = undefined;

  /** @param holds Whether the program goes on for it. Nearly always something else decides that (the exit rule). */
  constructor({ holds = false }: { holds?: boolean } = {}) {
    this.#holds = holds;
  }

  /** Whether a call is to come. */
  get isSet(): boolean {
    return this.#set !== undefined;
  }

  /** Calls `act` after so many milliseconds, in the place of what it was set for. `Infinity` is never. */
  set(ms: number, act: () => void): void {
    this.clear();
    if (ms === Number.POSITIVE_INFINITY) return;
    const call = () => {
      this.#set = undefined;
      act();
    };
    this.#set = setTimeout(call, Math.min(ms, MAX_DELAY));
    // In a page it is a number, and holds nothing.
    if (!this.#holds) (this.#set as { unref?(): void }).unref?.();
  }

  /** Calls nothing any more. */
  clear(): void {
    if (this.#set === undefined) return;
    clearTimeout(this.#set);
    this.#set = undefined;
  }

  /** The same. */
  [Symbol.dispose](): void {
    this.clear();
  }
}
