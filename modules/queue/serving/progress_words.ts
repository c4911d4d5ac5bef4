// ProgressWords: what is told of a call while it runs.

import type { Job } from "bullmq";
import type { Future } from "../../core/future.ts";
import type { Progress } from "../../core/worker_identity.ts";
import { type JobProgress, WIRE_VERSION } from "../job.ts";

type Word = Omit<JobProgress, "v" | "at">;

/** How words are told, of all calls. */
export interface Telling {
  /** Milliseconds between two of them. */
  readonly interval: number;
  /** Encodes what a task tells beside its fraction. */
  readonly encode: (detail: unknown) => string;
}

/** Of which call they are told. */
export interface ToldCall {
  readonly job: Pick<Job<unknown>, "updateProgress">;
  /** Its place in the job. */
  readonly at: number;
  readonly telling: Telling;
}

/** The reports of one call, not too many of them, and the last one always. */
export class ProgressWords {
  readonly #call: ToldCall;
  readonly #future: Future<unknown>;
  #watch: Disposable | undefined = undefined;
  #next: Progress | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #sent: Promise<void> | undefined = undefined;
  /** Beats that were heard. */
  #age = 0;

  constructor(future: Future<unknown>, call: ToldCall) {
    this.#future = future;
    this.#call = call;
    if (call.telling.interval === 0) this.#listen();
  }

  /**
   * To be called once in each interval, by one clock for all calls. To listen costs more than many a short call does, and so does a
   * timer of its own: it begins with the second beat, when a whole interval is over.
   */
  beat(): void {
    if (++this.#age === 2 && this.#watch === undefined) this.#listen();
  }

  tell(word: Word): void {
    // A job that is gone has no progress.
    const { job, at } = this.#call;
    const sent = job
      .updateProgress({ v: WIRE_VERSION, at, ...word } satisfies JobProgress)
      .catch(() => {});
    this.#sent = this.#sent?.then(() => sent) ?? sent;
  }

  /** The call has ended: resolves when all is told; undefined where nothing is left to be. */
  end(): Promise<void> | undefined {
    clearTimeout(this.#timer);
    if (this.#watch === undefined) this.#next = this.#future.snapshot().progress;
    this.#watch?.[Symbol.dispose]();
    this.#flush();
    return this.#sent;
  }

  /** Hears what was last, too. */
  #listen(): void {
    this.#watch = this.#future.onProgress((progress) => {
      this.#next = progress;
      // Within the interval: what is newest at its end is told then.
      if (this.#timer === undefined) this.#flush();
    });
  }

  #flush(): void {
    this.#timer = undefined;
    if (this.#next === undefined) return;
    const { fraction, detail } = this.#next;
    const { interval, encode } = this.#call.telling;
    this.#next = undefined;
    this.tell({ fraction, ...(detail === undefined ? {} : { detail: encode(detail) }) });
    if (interval > 0 && !this.#future.done())
      this.#timer = setTimeout(() => this.#flush(), interval);
  }
}
