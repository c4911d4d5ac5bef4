// JobWatch: looks itself what has become of jobs, where an event may have been missed: after a gap, a break, or a long silence.

import { JobLostError } from "../errors.ts";
import type { JobOutcomes } from "./job_outcomes.ts";
import { type JobRecord, PATIENCE_MS } from "./job_record.ts";
import type { OpenJobs } from "./open_jobs.ts";
import type { QueueClient } from "./queue_client.ts";

/** So many jobs are looked after at once. */
const LOOKED_AFTER = 500;

/** Looks after the jobs of one engine. */
export class JobWatch {
  readonly #jobs: OpenJobs;
  readonly #client: QueueClient;
  readonly #outcomes: JobOutcomes;
  #swept = 0;

  constructor(jobs: OpenJobs, client: QueueClient, outcomes: JobOutcomes) {
    this.#jobs = jobs;
    this.#client = client;
    this.#outcomes = outcomes;
  }

  /** Futures that were settled because somebody looked, and not by an event. */
  get swept(): number {
    return this.#swept;
  }

  /** Looks whether events were missed, and after those jobs of which nothing was heard for long. */
  lookAfter(): void {
    void this.#lookForGap();
    const now = performance.now();
    const late: JobRecord[] = [];
    for (const job of this.#jobs.values()) {
      if (!job.isTaken) continue;
      if (job.lookAt > now && job.missingSince === undefined) continue;
      job.patience = Math.min(2 * job.patience || PATIENCE_MS[0], PATIENCE_MS[1]);
      job.lookAt = now + job.patience;
      if (late.push(job) === LOOKED_AFTER) break;
    }
    if (late.length > 0) void this.look(late);
  }

  async lookAtAll(jobs: readonly JobRecord[]): Promise<void> {
    for (let at = 0; at < jobs.length; at += LOOKED_AFTER) {
      if (!this.#client.isReady) return;
      await this.look(jobs.slice(at, at + LOOKED_AFTER));
    }
  }

  /** Asks the server itself what has become of jobs. */
  async look(jobs: readonly JobRecord[]): Promise<void> {
    try {
      const states = await this.#client.look(jobs.map(({ id }) => id));
      const end = states.includes("missing") ? await this.#client.endOfEvents() : undefined;
      if (states.includes("missing")) this.#client.rewind(end);
      const done: JobRecord[] = [];
      for (const [at, job] of jobs.entries()) {
        if (!this.#jobs.has(job)) continue;
        if (states[at] === "missing") this.#missed(job, end);
        else job.missingSince = undefined;
        if (states[at] === "active") this.#outcomes.begun(job);
        if (states[at] === "done") done.push(job);
      }
      await Promise.all(done.map((job) => this.#sweep(job)));
    } catch {
      // Not answered: looked after again.
    }
  }

  async #lookForGap(): Promise<void> {
    const mayMiss = await this.#client.hasGap().catch(() => false);
    if (mayMiss) await this.lookAtAll(this.#jobs.taken());
  }

  /** The server does not have it. What was told before may not be read yet: then that counts. */
  #missed(job: JobRecord, end: string | undefined): void {
    if (job.missingSince === undefined) {
      job.missingSince = { end };
      return;
    }
    if (!this.#client.hasRead(job.missingSince.end)) return;
    this.#jobs.fail(
      job,
      () =>
        new JobLostError(
          `Cannot get result of job ${job.id}: the queue does not have it (any more)`,
        ),
    );
  }

  async #sweep(job: JobRecord): Promise<void> {
    const { returned, failed } = await this.#client.endOf(job.id);
    if (!this.#jobs.has(job)) return;
    this.#swept++;
    if (failed !== undefined) this.#outcomes.failedThere(job, failed);
    else if (returned !== undefined) this.#outcomes.completed(job, returned, true);
  }
}
