// Keeps the program alive while there is work, and only then: the exit rule, the same on every runtime.
//
// Invariant 9: an idle executor holds nothing that keeps a program alive. Backends unref what they start; this is the
// only thing that holds.

import { MAX_DELAY } from "./timer.ts";

/** A timer as Deno, Bun and Node have it. In a page it is a number, and holds nothing. */
interface Refable {
  ref(): void;
  unref(): void;
}

/** Holds the program from `hold()` to `release()`. Every method is idempotent. */
export class KeepAlive {
  #timer: ReturnType<typeof setInterval> | undefined = undefined;
  #holds = false;

  /** Keeps the program alive. */
  hold(): void {
    if (this.#holds) return;
    this.#holds = true;
    if (this.#timer === undefined) this.#timer = setInterval(doNothing, MAX_DELAY);
    else if (isRefable(this.#timer)) this.#timer.ref();
  }

  /** Lets the program end. The timer stays: who waits for each task before the next comes by here for every one. */
  release(): void {
    if (!this.#holds) return;
    this.#holds = false;
    if (isRefable(this.#timer)) this.#timer.unref();
    else this.close();
  }

  /** Lets the program end, for good. */
  close(): void {
    this.#holds = false;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Not a closure: an executor that is dropped without a shutdown must not be kept by its timer. */
function doNothing(): void {}

function isRefable(timer: unknown): timer is Refable {
  return typeof timer === "object" && timer !== null && "unref" in timer && "ref" in timer;
}
