// Changes: what one reader of the live feed has yet to be told, in bounded memory.

import type { Job, JobListener } from "./job_board.ts";

/** A reader that missed more than this many departures is told everything anew. */
const FORGOTTEN_LIMIT = 1000;

/** What one message says. */
export interface Batch {
  jobs: Job[];
  /** Ids of jobs the reader may drop. */
  forgotten: string[];
}

/**
 * Collects changes until the reader takes them.
 *
 * A job that changes ten times in between is there once. Jobs hold their own state, so what is taken is always the latest.
 */
export class Changes implements JobListener {
  readonly #changed = new Map<string, Job>();
  readonly #forgotten = new Set<string>();
  #missed = false;
  #ended = false;
  #wake: () => void = () => {};

  /** Whether the reader is so far behind that only a new start helps. */
  get missed(): boolean {
    return this.#missed;
  }

  get empty(): boolean {
    return this.#changed.size === 0 && this.#forgotten.size === 0 && !this.#missed;
  }

  changed(job: Job): void {
    this.#changed.set(job.id, job);
    this.#wake();
  }

  forgotten(id: string): void {
    // Also lets the job go: what the board forgot, a slow reader must not keep.
    this.#changed.delete(id);
    this.#forgotten.add(id);
    if (this.#forgotten.size > FORGOTTEN_LIMIT) {
      this.#missed = true;
      this.#forgotten.clear();
    }
    this.#wake();
  }

  /** Takes the oldest changes, at most `limit` jobs. */
  take(limit: number): Batch {
    const jobs = [...this.#changed.values()].slice(0, limit);
    for (const job of jobs) this.#changed.delete(job.id);
    const forgotten = [...this.#forgotten];
    this.#forgotten.clear();
    return { jobs, forgotten };
  }

  /** Starts anew, for a reader that is about to be told everything. */
  clear(): void {
    this.#changed.clear();
    this.#forgotten.clear();
    this.#missed = false;
  }

  /** Ends the wait, now and for ever. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Waits for a change, at most `ms`; false once it ended. */
  async wait(ms: number): Promise<boolean> {
    if (!this.#ended && this.empty) await this.#sleep(ms);
    return !this.#ended;
  }

  /** Waits, whatever changes meanwhile; false once it ended. */
  async pause(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    for (let left = ms; left > 0 && !this.#ended; left = until - performance.now()) {
      await this.#sleep(left);
    }
    return !this.#ended;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
