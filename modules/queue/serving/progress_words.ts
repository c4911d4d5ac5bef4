// ProgressWords: what is told of a call while it runs.

import type { JobProgress } from "../job.ts";

/** The reports of one call, not too many of them, and the last one always. */
export class ProgressWords {
  readonly #interval: number;
  readonly #send: (word: Omit<JobProgress, "v" | "at">) => Promise<void>;
  #next: Omit<JobProgress, "v" | "at"> | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #sent: Promise<void> = Promise.resolve();
  #last = Number.NEGATIVE_INFINITY;

  constructor(interval: number, send: (word: Omit<JobProgress, "v" | "at">) => Promise<void>) {
    this.#interval = interval;
    this.#send = send;
  }

  /** Now or a little later, if nothing newer comes. */
  say(word: Omit<JobProgress, "v" | "at">): void {
    if (this.#interval === 0) {
      this.tell(word);
      return;
    }
    this.#next = word;
    if (this.#timer !== undefined) return;
    const wait = this.#last + this.#interval - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  tell(word: Omit<JobProgress, "v" | "at">): void {
    // A job that is gone has no progress.
    const sent = this.#send(word).catch(() => {});
    this.#sent = this.#sent.then(() => sent);
  }

  /** Resolves when all is told. */
  async end(): Promise<void> {
    this.#flush();
    await this.#sent;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#next === undefined) return;
    this.#last = performance.now();
    this.tell(this.#next);
    this.#next = undefined;
  }
}
