// Runs: what was submitted together, added up while it goes on: how much of it is done, how fast, and what was slowest.

import { JOB_STATES, type JobState, type RunView } from "../contract.ts";
import type { DatabaseRow } from "./database.ts";
import type { Job } from "./job.ts";

/** Runs that are kept; with more, the oldest go. Their jobs stay. */
export const KEPT_RUNS = 200;

/** Different parts of a run that are told; of the others, only the number of jobs. */
const PARTS = 8;

export class Runs {
  /** In the order of their submission. */
  readonly #runs = new Map<string, RunView>();

  /** Takes what an earlier start of the server has left, the oldest first. */
  constructor(rows: Iterable<DatabaseRow>) {
    for (const row of rows) {
      const id = row.batch as string;
      const run = this.#runs.get(id) ?? emptyRun(id, row.submitted_at as number);
      this.#runs.set(id, run);
      const jobs = row.jobs as number;
      addPart(run, row.kind as string, row.executor as string, jobs);
      run.jobs += jobs;
      run.states[row.state as JobState] += jobs;
      run.submittedAt = Math.min(run.submittedAt, row.submitted_at as number);
      run.startedAt = least(run.startedAt, row.started_at as number | null);
      run.finishedAt = most(run.finishedAt, row.finished_at as number | null);
      run.slowestMs = most(run.slowestMs, row.slowest as number | null);
    }
    this.#forget();
  }

  /** The newest first. */
  latest(limit: number): RunView[] {
    return [...this.#runs.values()].slice(-limit).reverse();
  }

  get(id: string): RunView | undefined {
    return this.#runs.get(id);
  }

  /** Counts a job that was submitted. */
  add(job: Job): void {
    const { batch, kind } = job.asked;
    if (batch === null) return;
    let run = this.#runs.get(batch);
    if (run === undefined) {
      run = emptyRun(batch, job.submittedAt);
      this.#runs.set(batch, run);
      this.#forget();
    }
    run.jobs++;
    run.states[job.state]++;
    addPart(run, kind, job.executor, 1);
    // There may have been an end before this one came.
    run.finishedAt = null;
  }

  /** Counts a job that is in another state than before. */
  moved(job: Job, before: JobState): void {
    const run = job.asked.batch === null ? undefined : this.#runs.get(job.asked.batch);
    if (run === undefined) return;
    run.states[before]--;
    run.states[job.state]++;
    run.startedAt = least(run.startedAt, job.startedAt);
    if (job.finishedAt === null) return;
    if (job.startedAt !== null) run.slowestMs = most(run.slowestMs, job.finishedAt - job.startedAt);
    if (run.states.pending + run.states.running === 0) run.finishedAt = job.finishedAt;
  }

  /** Takes out a job that is as if it had never been. */
  remove(job: Job): void {
    const { batch, kind } = job.asked;
    const run = batch === null ? undefined : this.#runs.get(batch);
    if (run === undefined) return;
    run.jobs--;
    run.states[job.state]--;
    addPart(run, kind, job.executor, -1);
    if (run.jobs === 0) this.#runs.delete(run.id);
  }

  #forget(): void {
    for (const id of this.#runs.keys()) {
      if (this.#runs.size <= KEPT_RUNS) return;
      this.#runs.delete(id);
    }
  }
}

function emptyRun(id: string, submittedAt: number): RunView {
  return {
    id,
    jobs: 0,
    parts: [],
    states: Object.fromEntries(JOB_STATES.map((state) => [state, 0])) as RunView["states"],
    submittedAt,
    startedAt: null,
    finishedAt: null,
    slowestMs: null,
  };
}

function addPart(run: RunView, kind: string, executor: string, jobs: number): void {
  const part = run.parts.find((part) => part.kind === kind && part.executor === executor);
  if (part !== undefined) part.jobs += jobs;
  else if (run.parts.length < PARTS) run.parts.push({ kind, executor, jobs });
}

function least(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}

function most(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}
