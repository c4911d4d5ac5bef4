// Comparisons: the same batch on several executors, one after the other, each first on one worker and then on all.

import type { Executor } from "@concurrent/futures";
import type { Comparison } from "../../modules/dashboard/contract.ts";
import type { Executors } from "../../modules/dashboard/executors.ts";
import { Problem } from "../../modules/dashboard/problem.ts";
import type { Job } from "../../modules/dashboard/record/job.ts";
import { percentilesOf } from "../../modules/dashboard/record/percentiles.ts";
import { KINDS } from "./kinds.ts";
import type { Submission } from "./submission.ts";
import type { Submitter } from "./submitter.ts";

/** How long a job that only wakes a worker sleeps: long enough that no worker gets two of them. */
const WAKE_MS = 40;

type Side = Comparison["sides"][number];

export class Comparisons {
  readonly #executors: Executors;
  readonly #submitter: Submitter;
  readonly #changed: () => void;
  #latest: Comparison | null = null;

  constructor(submitter: Submitter, changed: () => void) {
    this.#executors = submitter.executors;
    this.#submitter = submitter;
    this.#changed = changed;
  }

  get latest(): Comparison | null {
    return this.#latest;
  }

  /** Begins to compare; how it goes, the comparison itself shows. The submissions differ in their executor only. */
  start(submissions: readonly Submission[]): Comparison {
    if (this.#latest?.state === "running") {
      throw new Problem(409, "Cannot compare: another comparison is running");
    }
    const { kind, count } = submissions[0] as Submission;
    const comparison: Comparison = {
      id: crypto.randomUUID(),
      kind: kind.name,
      count,
      state: "running",
      error: null,
      sides: submissions.map(({ executor }) => this.#emptySide(executor)),
    };
    this.#latest = comparison;
    this.#run(comparison, submissions).then(
      () => this.#end(comparison, null),
      (error) => this.#end(comparison, error instanceof Error ? error.message : String(error)),
    );
    this.#changed();
    return comparison;
  }

  async #run(comparison: Comparison, submissions: readonly Submission[]): Promise<void> {
    for (const [i, submission] of submissions.entries()) {
      const side = comparison.sides[i] as Side;
      await this.#oneWorker(side, submission);
      await this.#allWorkers(side, submission);
      side.state = "done";
      this.#changed();
    }
  }

  /** Measures what one worker needs for the batch, where the executor can be made that small. */
  async #oneWorker(side: Side, submission: Submission): Promise<void> {
    const workers = this.#executors.maxWorkers(side.executor);
    if (workers === undefined) return;
    side.state = "one-worker";
    this.#executors.resize(side.executor, 1);
    try {
      await this.#wake(submission, 1);
      const { ms } = await this.#measure(side, submission);
      side.oneWorkerMs = ms;
    } finally {
      this.#executors.resize(side.executor, workers);
    }
  }

  async #allWorkers(side: Side, submission: Submission): Promise<void> {
    side.state = "all-workers";
    await this.#wake(submission, side.workers);
    const { ms, jobs, batch } = await this.#measure(side, submission);
    side.batch = batch;
    side.wallMs = ms;
    side.speedUp = side.oneWorkerMs === null ? null : side.oneWorkerMs / ms;
    side.failed = jobs.filter(({ state }) => state !== "finished").length;
    side.wait = percentilesOf(durations(jobs, "submittedAt", "startedAt"));
    side.run = percentilesOf(durations(jobs, "startedAt", "finishedAt"));
  }

  /** Starts the workers first: how long that takes is not what is compared. */
  async #wake({ executor }: Submission, workers: number): Promise<void> {
    const kind = KINDS.get("sleep") as Submission["kind"];
    const parameters = { ms: WAKE_MS };
    const nap = { kind, executor, parameters, upload: undefined, count: workers, options: {} };
    const { jobs } = await this.#submitter.submit([nap]);
    await allDone(jobs);
  }

  async #measure(side: Side, submission: Submission) {
    side.done = 0;
    this.#changed();
    const begin = performance.now();
    const { id, jobs } = await this.#submitter.submit([submission]);
    await allDone(jobs, () => {
      side.done++;
      this.#changed();
    });
    return { ms: performance.now() - begin, jobs, batch: id };
  }

  #end(comparison: Comparison, error: string | null): void {
    comparison.state = error === null ? "done" : "failed";
    comparison.error = error;
    this.#changed();
  }

  #emptySide(executor: string): Side {
    const all = this.#executors.byName.get(executor) as Executor;
    return {
      executor,
      state: "waiting",
      workers: this.#executors.maxWorkers(executor) ?? Math.max(1, all.stats().workers),
      batch: null,
      done: 0,
      failed: 0,
      wallMs: null,
      oneWorkerMs: null,
      speedUp: null,
      wait: null,
      run: null,
    };
  }
}

/** Waits until all of these jobs are settled, whatever becomes of them. */
export function allDone(jobs: readonly Job[], onEach = () => {}): Promise<void> {
  return new Promise((resolve) => {
    let left = jobs.length;
    const done = () => {
      onEach();
      if (--left === 0) resolve();
    };
    if (left === 0) resolve();
    // A job that is settled has let its future go.
    for (const { future } of jobs) future === null ? done() : future.addDoneCallback(done);
  });
}

function durations(
  jobs: readonly Job[],
  from: "submittedAt" | "startedAt",
  to: "startedAt" | "finishedAt",
): number[] {
  return jobs.flatMap((job) => {
    const [begin, end] = [job[from], job[to]];
    return begin === null || end === null ? [] : [end - begin];
  });
}
