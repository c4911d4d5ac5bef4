// Keeps the program alive while there is work, and only then: the exit rule, the same on every runtime.
//
// Invariant 9: an idle executor holds nothing that keeps a program alive. Backends unref what they start; this is the
// only thing that holds.

import { MAX_TIMER } from "./_deadline.ts";

/** Holds the program from `hold()` to `release()`. Both are idempotent. */
export class KeepAlive {
  #timer: ReturnType<typeof setInterval> | undefined = undefined;

  /** Keeps the program alive. */
  hold(): void {
    this.#timer ??= setInterval(() => {}, MAX_TIMER);
  }

  /** Lets the program end. */
  release(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
