// RunningJobs: the jobs that an agent runs, and what each has come to so far.

import type { Job } from "bullmq";
import type { Future } from "../../core/future.ts";
import type { JobData, JobResult, WireOutcome } from "../job.ts";
import type { ProgressWords } from "./progress_words.ts";

/** In the place of an outcome: the pool broke, and the call has none. */
export class Unmade {
  readonly cause: unknown;
  readonly hasBegun: boolean;

  constructor(cause: unknown, hasBegun: boolean) {
    this.cause = cause;
    this.hasBegun = hasBegun;
  }
}

/** In the place of arguments that cannot be read: what comes of their call. */
export class Spoilt {
  readonly outcome: WireOutcome;

  constructor(outcome: WireOutcome) {
    this.outcome = outcome;
  }
}

/** What a call has come to. */
export type End = WireOutcome | Unmade;

/** A job that runs here. */
export class RunningJob {
  readonly queue: string;
  readonly job: Job<unknown>;
  readonly data: JobData;
  /** How often it was lost with its agent before. */
  readonly lostWith: number;
  readonly startedAt: number;
  /** For each call what it is given. */
  readonly calls: readonly (unknown[] | Spoilt)[];
  readonly futures: Future<unknown>[] = [];
  /** What is told of each of these. */
  readonly words: ProgressWords[] = [];
  /** Ends the chunk of a map, where it is one. */
  abort: AbortController | undefined = undefined;
  /** It is given up, and nobody waits for what comes of it. */
  isAborted = false;
  /** Its result; where its agent ends before it, that it is lost. */
  readonly result: PromiseWithResolvers<JobResult> = Promise.withResolvers();
  /** What its calls have come to, and how many have not ended. */
  readonly #ends: End[] = [];
  #left: number;

  constructor(
    queue: string,
    job: Job<unknown>,
    data: JobData,
    lostWith: number,
    startedAt: number,
    calls: readonly (unknown[] | Spoilt)[],
  ) {
    this.queue = queue;
    this.job = job;
    this.data = data;
    this.lostWith = lostWith;
    this.startedAt = startedAt;
    this.calls = calls;
    this.#left = calls.length;
  }

  /** A call has ended: answers how all have, once it was the last. */
  ended(at: number, end: End): End[] | undefined {
    this.#ends[at] = end;
    return --this.#left === 0 ? this.#ends : undefined;
  }

  /** Gives it up. */
  giveUp(reason: string): void {
    if (this.isAborted) return;
    this.isAborted = true;
    this.abort?.abort(reason);
    for (const future of this.futures) future.cancel({ interrupt: true, reason });
  }
}

/**
 * As many as an agent takes at once, and seldom looked for. A list and no map: V8 replaces a map's table again and again while
 * entries come and go, and what a table that was replaced still points to lives on until all of the memory is looked through. An
 * agent spent more time on that than on a short job itself.
 */
export class RunningJobs {
  readonly all: RunningJob[] = [];

  get size(): number {
    return this.all.length;
  }

  find(queue: string, id: string): RunningJob | undefined {
    return this.all.find((running) => running.job.id === id && running.queue === queue);
  }

  add(running: RunningJob): void {
    this.all.push(running);
  }

  remove(running: RunningJob): void {
    const last = this.all.pop();
    if (last !== undefined && last !== running) this.all[this.all.indexOf(running)] = last;
  }
}
