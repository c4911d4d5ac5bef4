// GivingUp: jobs that nobody waits for. Those that wait are taken out of the queue; whoever runs one is told.

import type { CancelledError, TimeoutError } from "../../core/errors.ts";
import { KeepAlive } from "../../core/time/keep_alive.ts";
import { Timer } from "../../core/time/timer.ts";
import type { JobOwner, JobRecord } from "./job_record.ts";
import type { OpenJobs } from "./open_jobs.ts";
import type { QueueClient } from "./queue_client.ts";

/** Milliseconds for which a program waits, when it closes, for jobs it has given up to end. */
export const FAREWELL_MS = 2000;
/**
 * Milliseconds a verdict may take, which its user waits for: a server that hangs for a moment, or a machine that is busy, makes none
 * of what is true.
 */
const VERDICT_MS = 60_000;

/** What of the jobs of one engine is given up. */
export class GivingUp implements JobOwner {
  readonly #jobs: OpenJobs;
  readonly #client: QueueClient;
  /** Jobs of which a call was given up in this moment, and why. */
  readonly #givenUp: [JobRecord, CancelledError | TimeoutError][] = [];
  /** Holds the program until what was given up is told of. */
  readonly #farewell = new KeepAlive();
  #farewells = 0;

  constructor(jobs: OpenJobs, client: QueueClient) {
    this.#jobs = jobs;
    this.#client = client;
  }

  /** Whether something is being told. */
  get isTelling(): boolean {
    return this.#farewells > 0;
  }

  close(): void {
    this.#farewell.close();
  }

  givenUp(job: JobRecord, reason: CancelledError | TimeoutError): void {
    if (this.#givenUp.push([job, reason]) > 1) return;
    // Their futures are settled next.
    queueMicrotask(() => {
      const all = this.#givenUp.splice(0);
      const jobs: JobRecord[] = [];
      for (const [job, reason] of all) {
        if (job.abortedFor !== undefined || !job.isForsaken || this.#jobs.get(job.id) === undefined)
          continue;
        job.abortedFor = textOf(reason);
        if (job.isTaken) jobs.push(job);
      }
      void this.abandon(jobs);
    });
  }

  /** Takes jobs out of the queue that nobody runs. */
  takeOut(jobs: readonly JobRecord[]): void {
    for (const job of jobs) job.isUnwanted = true;
    const waiting = jobs.filter(({ isTaken, isActive }) => isTaken && !isActive);
    if (waiting.length === 0 || !this.#client.isReady) return;
    const remove = async (job: JobRecord) => {
      if (await this.#client.remove(job.id)) this.#jobs.cancel(job);
    };
    void this.#told(async () => void (await Promise.all(waiting.map(remove))), undefined);
  }

  /** Takes a job out of the queue if nobody runs it; true if its code has never started. */
  async withdraw(job: JobRecord): Promise<boolean> {
    if (!job.isTaken || job.isActive || !this.#client.isReady) return false;
    return await this.#told(
      async () => {
        // One that was lost with an agent waits again.
        const hasBegun = await this.#client.hasBegun(job.id);
        const isRemoved = await this.#client.remove(job.id);
        if (!isRemoved) return false;
        // It may have begun and ended between the two, and what is done can be removed, too: what was told before that counts.
        const end = await this.#client.endOfEvents();
        while (this.#client.isReady && !this.#client.hasRead(end))
          await new Promise((resolve) => setTimeout(resolve, 1));
        const isKnown = this.#client.hasRead(end);
        this.#jobs.cancel(job);
        return isKnown && !hasBegun && !job.isActive;
      },
      false,
      VERDICT_MS,
    );
  }

  /**
   * Nobody waits for them: out of the queue with them, or whoever runs one is told. Again and again, until they have ended.
   * First out with those that wait: an agent that gives one up takes the next.
   */
  async abandon(jobs: readonly JobRecord[]): Promise<void> {
    if (jobs.length === 0 || !this.#client.isReady) return;
    await this.#told(async () => {
      const waiting = jobs.filter(({ isActive }) => !isActive);
      await Promise.all(
        waiting.map(async (job) => {
          if (await this.#client.remove(job.id)) this.#jobs.forget(job);
          else job.isActive = true;
        }),
      );
      const running = jobs.filter((job) => this.#jobs.has(job));
      await Promise.all(running.map((job) => this.#client.abort(job.id, job.abortedFor ?? "")));
    }, undefined);
  }

  /** Tells the server something, for which the program goes on; `otherwise` if it cannot be told. */
  async #told<T>(tell: () => Promise<T>, otherwise: T, ms = FAREWELL_MS): Promise<T> {
    this.#farewells++;
    this.#farewell.hold();
    const enough = new Timer();
    try {
      const late = new Promise<T>((resolve) => enough.set(ms, () => resolve(otherwise)));
      return await Promise.race([tell(), late]);
    } catch {
      return otherwise;
    } finally {
      enough.clear();
      if (--this.#farewells === 0) this.#farewell.release();
    }
  }
}

function textOf(reason: Error): string {
  const { cause } = reason;
  const text = typeof cause === "string" ? cause : cause instanceof Error ? cause.message : "";
  return text.slice(0, 1000);
}
