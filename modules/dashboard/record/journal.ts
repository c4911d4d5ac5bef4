// Journal: what changed lately, in order, in bounded memory. Readers have a place in it, and nothing of their own.
//
// A reader that comes back gives the number of the last change it knows, and is told what came after. One whose place
// has been overwritten, because it was slow or away for long, begins anew. So no reader can make the server grow.

import type { Bar, Sample, WorkerView } from "../contract.ts";
import type { Job } from "./job.ts";

/** Changes that are kept: a reader that is told 20 times a second can miss so many, in a burst, and still follow. */
const CAPACITY = 1 << 15;

export type Change =
  | { readonly what: "job"; readonly job: Job }
  | { readonly what: "bar"; readonly bar: Bar }
  | { readonly what: "worker"; readonly worker: WorkerView }
  | { readonly what: "sample"; readonly sample: Sample }
  | { readonly what: "forgotten"; readonly jobs: number }
  /** Lists were behind what was told of so many jobs, and are not any more. */
  | { readonly what: "listed"; readonly jobs: number }
  /** There is one of each of these: whoever tells of the change looks at how it is now. */
  | { readonly what: "comparison" | "trial" | "storage" };

export class Journal {
  readonly #ring: Change[] = [];
  readonly #waiting = new Set<() => void>();
  /** The number of the last change; 0 before the first. */
  #last = 0;

  get last(): number {
    return this.#last;
  }

  /** Writes a change down and tells its number. */
  add(change: Change): number {
    this.#last++;
    this.#ring[this.#last % CAPACITY] = change;
    if (this.#waiting.size > 0) {
      const woken = [...this.#waiting];
      this.#waiting.clear();
      for (const wake of woken) wake();
    }
    return this.#last;
  }

  /** Writes down that a job changed. What was written of it before is out of date. */
  changed(job: Job): void {
    job.change = this.add({ what: "job", job });
  }

  /** Gives what came after the change `known`, or undefined where that is no longer known. A job is there once. */
  since(known: number): Change[] | undefined {
    if (known > this.#last || known < this.#last - CAPACITY) return undefined;
    const changes: Change[] = [];
    for (let number = known + 1; number <= this.#last; number++) {
      const change = this.#ring[number % CAPACITY] as Change;
      if (change.what !== "job" || change.job.change === number) changes.push(change);
    }
    return changes;
  }

  /** Calls `wake` once, at the next change. */
  onChange(wake: () => void): Disposable {
    this.#waiting.add(wake);
    return { [Symbol.dispose]: () => void this.#waiting.delete(wake) };
  }
}
