// PausingCalls: the pause between the loss of a worker and the next try of what it ran.

import { Timer } from "../time/timer.ts";
import type { Call, Work } from "../work/work.ts";

/** Calls that pause before they run again: in no window, and not in the queue, where they would hold up others. */
export class PausingCalls {
  readonly #calls = new Map<Call, Timer>();

  /** How many there are. */
  get size(): number {
    return this.#calls.size;
  }

  /** Has `wake` called with the call after `pause` milliseconds, unless it is taken out before. */
  add(call: Call, pause: number, wake: (call: Call) => void): void {
    const timer = new Timer();
    timer.set(pause, () => {
      this.#calls.delete(call);
      wake(call);
    });
    this.#calls.set(call, timer);
  }

  /** Takes calls out: those of one work, or all. */
  take(of?: Work): Call[] {
    const taken = [...this.#calls.keys()].filter(({ work }) => of === undefined || work === of);
    for (const call of taken) {
      this.#calls.get(call)?.clear();
      this.#calls.delete(call);
    }
    return taken;
  }
}
