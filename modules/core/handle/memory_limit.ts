// MemoryLimit: looks how much memory a worker has, while it works.

import { unrefTimer } from "../time/milliseconds.ts";

/** Milliseconds between two looks: a task that takes a gigabyte a second has gained ten megabytes. */
const LOOK_MS = 10;
/** Beyond so many times the limit a worker is ended at once; up to there it may finish what it runs. */
const HARD_FACTOR = 1.1;

/** The clock of one worker's memory. */
export class MemoryLimit {
  readonly #limit: number;
  readonly #measure: () => number | undefined;
  readonly #onExceeded: (bytes: number) => void;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #isOver = false;

  /**
   * @param limit Bytes.
   * @param measure What the worker has now, where that is known.
   * @param onExceeded Told when a worker must not go on.
   */
  constructor(
    limit: number,
    measure: () => number | undefined,
    onExceeded: (bytes: number) => void,
  ) {
    this.#limit = limit;
    this.#measure = measure;
    this.#onExceeded = onExceeded;
  }

  /** Whether the worker had too much when last looked at: it shall finish what it has, and be given no more. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Looks again and again from now on: the worker runs something. */
  watch(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (!this.#look()) this.watch();
    }, LOOK_MS);
    unrefTimer(this.#timer);
  }

  /** Looks once more, now that the worker has finished what it had; then no further. */
  rest(): void {
    this.stop();
    this.#look();
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Tells whether the worker had so much that it was ended. */
  #look(): boolean {
    const bytes = this.#measure();
    if (bytes === undefined) return false;
    this.#isOver = bytes > this.#limit;
    const mustEnd = bytes > this.#limit * HARD_FACTOR;
    if (mustEnd) this.#onExceeded(bytes);
    return mustEnd;
  }
}
