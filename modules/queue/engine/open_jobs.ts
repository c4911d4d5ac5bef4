// OpenJobs: the jobs of an engine whose outcome is not known yet, and how much of each map is among them. A job leaves with its
// first verdict; what comes later finds none.

import type { Work } from "../../core/work/work.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";
import { ticketOf } from "../queue_future.ts";
import { JobCall, type JobRecord } from "./job_record.ts";

/** The jobs of one engine. */
export class OpenJobs {
  /** Who runs a job as long as nobody has said so. */
  readonly #somebody: WorkerIdentity;
  /** There may be room for more. */
  readonly #freed: () => void;
  readonly #jobs = new Map<string, JobRecord>();
  /** Calls of each map that are on their way or run. */
  readonly #out = new Map<Work, number>();

  constructor(somebody: WorkerIdentity, freed: () => void) {
    this.#somebody = somebody;
    this.#freed = freed;
  }

  get size(): number {
    return this.#jobs.size;
  }

  /** In the order in which they were sent. */
  values(): Iterable<JobRecord> {
    return this.#jobs.values();
  }

  /** Those that the server has. */
  taken(): JobRecord[] {
    return [...this.#jobs.values()].filter(({ isTaken }) => isTaken);
  }

  of(work: Work): JobRecord[] {
    return [...this.#jobs.values()].filter(({ calls }) => calls.some((call) => call.work === work));
  }

  get(id: string): JobRecord | undefined {
    return this.#jobs.get(id);
  }

  has(job: JobRecord): boolean {
    return this.#jobs.get(job.id) === job;
  }

  add(job: JobRecord): void {
    this.#jobs.set(job.id, job);
  }

  /** How many calls of a map are in jobs. */
  outOf(work: Work): number {
    return this.#out.get(work) ?? 0;
  }

  /** Has a job make one more call, whose arguments are at this place of it. */
  addCall(job: JobRecord, work: Work, index: number, at: number): void {
    const call = new JobCall(job, work, index, at, this.#somebody);
    job.calls.push(call);
    if (work.future === undefined) this.#out.set(work, this.outOf(work) + 1);
    work.sent(index, call, 0);
  }

  /** The first verdict of a job; false for any other. */
  forget(job: JobRecord): boolean {
    if (!this.has(job)) return false;
    this.#jobs.delete(job.id);
    for (const { work } of job.calls) {
      if (work.future !== undefined) continue;
      const left = this.outOf(work) - 1;
      if (left > 0) this.#out.set(work, left);
      else this.#out.delete(work);
    }
    return true;
  }

  /** Somebody has taken it out of the queue: we, or another program. */
  cancel(job: JobRecord): void {
    if (!this.forget(job)) return;
    for (const { work, index } of job.calls) if (!work.isSettled(index)) work.cancel(index);
  }

  fail(job: JobRecord, error: () => unknown): void {
    if (!this.forget(job)) return;
    for (const { work, index } of job.calls) {
      if (work.isSettled(index)) continue;
      refuseTicket(work, error);
      work.fail(index, error());
    }
    this.#freed();
  }

  clear(): void {
    this.#jobs.clear();
    this.#out.clear();
  }
}

/** The future of a work will have no job. */
export function refuseTicket({ future }: Work, error: () => unknown): void {
  if (future !== undefined) ticketOf(future)?.refuse(error());
}
