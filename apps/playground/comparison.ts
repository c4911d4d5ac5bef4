// Comparisons: the same batch on several executors, by turns, each on one worker, on two, on four, up to all of them.
//
// By turns, because what else the machine does changes with time: it so strikes all of them alike.

import { availableParallelism } from "node:os";
import type { Executor } from "@concurrent/futures";
import type { Comparison } from "../../modules/dashboard/contract.ts";
import type { Executors } from "../../modules/dashboard/executors.ts";
import { Problem } from "../../modules/dashboard/problem.ts";
import type { Job } from "../../modules/dashboard/record/job.ts";
import { percentilesOf } from "../../modules/dashboard/record/percentiles.ts";
import { KINDS } from "./kinds.ts";
import { type StartedOpponent, startOpponent } from "./opponents/opponents.ts";
import type { Submission } from "./submission.ts";
import type { Submitter } from "./submitter.ts";

/** How long a job that only wakes a worker sleeps: long enough that no worker gets two of them. */
const WAKE_MS = 40;

type Side = Comparison["sides"][number];

/** Who runs the batch: the executor of the submission, or an opponent in its place. */
export interface Entrant {
  readonly submission: Submission;
  readonly opponent: string | undefined;
}

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

  /** Begins to compare; how it goes, the comparison itself shows. The submissions of the entrants differ in their executor only. */
  start(entrants: readonly Entrant[], repeats: number): Comparison {
    if (this.#latest?.state === "running") {
      throw new Problem(409, "Cannot compare: another comparison is running");
    }
    const { kind, count } = (entrants[0] as Entrant).submission;
    const comparison: Comparison = {
      id: crypto.randomUUID(),
      kind: kind.name,
      count,
      repeats,
      state: "running",
      error: null,
      sides: entrants.map(({ submission, opponent }) =>
        opponent === undefined
          ? this.#emptySide(submission.executor)
          : emptySide(opponent, upTo(availableParallelism())),
      ),
    };
    this.#latest = comparison;
    this.#run(comparison, entrants).then(
      () => this.#end(comparison, null),
      (error) => this.#end(comparison, error instanceof Error ? error.message : String(error)),
    );
    this.#changed();
    return comparison;
  }

  async #run(comparison: Comparison, entrants: readonly Entrant[]): Promise<void> {
    using started = new DisposableStack();
    const opponents = entrants.map(({ opponent }) =>
      opponent === undefined ? undefined : started.use(startOpponent(opponent)),
    );
    for (let repeat = 0; repeat < comparison.repeats; repeat++) {
      for (const [i, { submission }] of entrants.entries()) {
        const side = comparison.sides[i] as Side;
        const opponent = opponents[i];
        if (opponent === undefined) await this.#once(side, submission);
        else await this.#onceElsewhere(side, submission, opponent);
        side.state = repeat + 1 === comparison.repeats ? "done" : "waiting";
        this.#changed();
      }
    }
  }

  /** Runs the batch on each number of workers once. */
  async #once(side: Side, submission: Submission): Promise<void> {
    side.state = "running";
    const { executor } = side;
    const before = this.#executors.maxWorkers(executor);
    try {
      for (const point of side.points) {
        side.workersNow = point.workers;
        if (before !== undefined) this.#executors.resize(executor, point.workers);
        await this.#wake(submission, point.workers);
        const { ms, jobs, batch } = await this.#measure(side, submission);
        point.times.push(ms);
        if (point.workers === side.workers) this.#tell(side, jobs, batch);
        else if (point.workers === 1) side.oneWorkerMs = median(point.times);
      }
    } finally {
      if (before !== undefined) this.#executors.resize(executor, before);
    }
  }

  /** The same by an opponent: of its jobs no more is known than how long all of them took. */
  async #onceElsewhere(
    side: Side,
    { kind, parameters, count }: Submission,
    opponent: StartedOpponent,
  ): Promise<void> {
    side.state = "running";
    for (const point of side.points) {
      const { workers } = point;
      side.workersNow = workers;
      side.done = 0;
      this.#changed();
      const batch = { kind: kind.name, parameters, count, workers, wakeMs: WAKE_MS };
      point.times.push(await opponent.run(batch));
      side.done = count;
      if (workers === 1) side.oneWorkerMs = median(point.times);
    }
    tellTimes(side);
  }

  /** Tells what came of a run with all workers. */
  #tell(side: Side, jobs: readonly Job[], batch: string): void {
    side.batch = batch;
    tellTimes(side);
    side.failed += jobs.filter(({ state }) => state !== "finished").length;
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
    const most = this.#executors.maxWorkers(executor);
    const workers = most ?? Math.max(1, all.stats().workers);
    return emptySide(executor, most === undefined ? [workers] : upTo(workers));
  }
}

/** A side before its first run, on these numbers of workers by turns. */
function emptySide(executor: string, numbers: readonly number[]): Side {
  return {
    executor,
    state: "waiting",
    workers: numbers.at(-1) ?? 1,
    workersNow: 0,
    points: numbers.map((workers) => ({ workers, times: [] })),
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

/** Tells how long all workers took, and how much faster than one they were. */
function tellTimes(side: Side): void {
  side.wallMs = median(side.points.at(-1)?.times ?? []);
  // Where there is one, or it cannot be told to have one, all are one.
  if (side.workers === 1) side.oneWorkerMs = side.wallMs;
  side.speedUp =
    side.oneWorkerMs === null || side.wallMs === null ? null : side.oneWorkerMs / side.wallMs;
}

/** One, two, four and so on, and all. */
function upTo(all: number): number[] {
  const numbers: number[] = [];
  for (let n = 1; n < all; n *= 2) numbers.push(n);
  return [...numbers, all];
}

function median(times: readonly number[]): number | null {
  const sorted = times.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? null : (low + high) / 2;
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
