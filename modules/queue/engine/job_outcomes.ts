// JobOutcomes: what is heard of jobs, by events or by looking, and what it means for their calls. What comes of the server is
// anybody's: it is checked before it counts.

import { WorkerLostError } from "../../core/errors.ts";
import { Histogram, type Percentiles } from "../../core/histogram.ts";
import type { Ledger } from "../../core/scheduling/ledger.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";
import { type CodecLimits, decodeText, decodeThrown } from "../codec.ts";
import { JobLostError } from "../errors.ts";
import {
  type JobResult,
  readJobProgress,
  readJobResult,
  readOutcomes,
  type WireAgent,
  type WireOutcome,
} from "../job.ts";
import { isSigned } from "../signature.ts";
import { fieldOf } from "./job_events.ts";
import type { JobCall, JobRecord } from "./job_record.ts";
import type { OpenJobs } from "./open_jobs.ts";
import type { QueueClient } from "./queue_client.ts";
import type { SeenAgents } from "./seen_agents.ts";

/** What hears of an engine's jobs stands on. */
export interface OutcomesPlace {
  readonly ledger: Ledger;
  readonly jobs: OpenJobs;
  readonly agents: SeenAgents;
  readonly client: QueueClient;
  readonly limits: CodecLimits;
  /** What results are signed with. */
  readonly secret: string | undefined;
  /** There may be room for more. */
  readonly freed: () => void;
}

/** Settles the calls of jobs. */
export class JobOutcomes {
  readonly #place: OutcomesPlace;
  #lost = 0;
  #stalls = 0;
  readonly #waited = new Histogram();

  constructor(place: OutcomesPlace) {
    this.#place = place;
  }

  /** How many calls were lost with their agent, or its worker. */
  get lost(): number {
    return this.#lost;
  }

  /** How often a job was found without its agent, whoever submitted it. */
  get stalls(): number {
    return this.#stalls;
  }

  /** Milliseconds from sending a job to its beginning; null while none has begun. */
  get waited(): Percentiles | null {
    return this.#waited.percentiles();
  }

  event(kind: string, id: string, fields: readonly string[]): void {
    if (kind === "stalled") this.#stalls++;
    const job = this.#place.jobs.get(id);
    if (job === undefined) return;
    // Another word of it: it is there.
    job.missingSince = undefined;
    job.lookAt = performance.now() + job.patience;
    switch (kind) {
      case "active":
        this.begun(job);
        return;
      case "progress":
        this.#progressed(job, fieldOf(fields, "data") ?? "");
        return;
      case "completed":
        this.completed(job, fieldOf(fields, "returnvalue") ?? "", false);
        return;
      case "failed":
        this.failedThere(job, fieldOf(fields, "failedReason") ?? "");
        return;
      case "removed":
        this.#place.jobs.cancel(job);
    }
  }

  begun(job: JobRecord): void {
    // One that was added elsewhere has waited nobody here knows how long; one that is lost begins again.
    if (!job.isActive && job.isOurs)
      this.#waited.add(Math.max(0, performance.now() - job.since - (job.ticket?.delay ?? 0)));
    job.isActive = true;
    // While somebody observes, the agent tells who it is when the code begins.
    if (!this.#place.ledger.observers.any) for (const call of job.calls) call.isBegun = true;
  }

  #progressed(job: JobRecord, text: string): void {
    const word = readJobProgress(text);
    if (word === undefined) return;
    job.isActive = true;
    for (const call of job.calls.filter(({ at }) => at === word.at)) {
      const { work, index } = call;
      if (word.w !== undefined) {
        call.identity = this.#place.agents.identityOf(word.w);
        call.isBegun = true;
        work.started(index, call.identity);
      }
      if (word.fraction === undefined || work.isSettled(index)) continue;
      const detail = word.detail === undefined ? undefined : this.#detailOf(word.detail);
      work.progressed(index, {
        fraction: word.fraction,
        ...(detail === undefined ? {} : { detail }),
      });
    }
  }

  #detailOf(text: string): unknown {
    try {
      return decodeText(text, this.#place.limits)[0];
    } catch {
      return undefined;
    }
  }

  /** @param isStored Whether it stands in the job: an event that is forged is passed over. */
  completed(job: JobRecord, text: string, isStored: boolean): void {
    const result = readJobResult(text);
    const { c } = result ?? {};
    if (result !== undefined && c === undefined) {
      void this.#fetch(job, result, isStored);
      return;
    }
    const isOurs = result !== undefined && this.#isOurs(job, JSON.stringify(c), result.s);
    if (isOurs && c !== undefined) this.#settle(job, result.w, result.ms, c);
    else this.#refuse(job, isStored);
  }

  /** Whether a result is of an agent that knows the secret. */
  #isOurs({ id }: JobRecord, text: string, signature: string | undefined): boolean {
    const { secret } = this.#place;
    if (secret === undefined) return true;
    return isSigned(text, signature, { secret, jobId: id, of: "result" });
  }

  #refuse(job: JobRecord, isStored: boolean): void {
    if (this.#place.secret !== undefined && !isStored) return;
    this.#place.jobs.fail(
      job,
      () => new JobLostError(`Cannot get result of job ${job.id}: it is not ours`),
    );
  }

  /** Gets a result that was too long for the stream. */
  async #fetch(job: JobRecord, { w, ms, s }: JobResult, isStored: boolean): Promise<void> {
    const text = await this.#place.client.longResult(job.id).catch(() => null);
    // Not answered: it is looked after again.
    if (text === null) return;
    const outcomes = text === undefined ? undefined : readOutcomes(text);
    if (text !== undefined && !this.#isOurs(job, text, s)) this.#refuse(job, isStored);
    else if (outcomes !== undefined) this.#settle(job, w, ms, outcomes);
    else
      this.#place.jobs.fail(
        job,
        () => new JobLostError(`Cannot get result of job ${job.id}: it expired`),
      );
  }

  #settle(job: JobRecord, agent: WireAgent, ms: number, outcomes: readonly WireOutcome[]): void {
    if (!this.#place.jobs.forget(job)) return;
    const identity = this.#place.agents.identityOf(agent);
    job.calls[0]?.work.terms.profile.learn(ms / outcomes.length, outcomes.length);
    this.#place.ledger.observers.together(() => {
      for (const call of job.calls) this.#settleCall(call, identity, outcomes[call.at]);
    });
    this.#place.freed();
  }

  #settleCall(call: JobCall, identity: WorkerIdentity, outcome: WireOutcome | undefined): void {
    const { work, index } = call;
    if (work.isSettled(index)) return;
    // One that was seen to begin has begun, whoever it was with.
    if (!call.isBegun) call.identity = identity;
    call.isBegun = true;
    if (outcome === undefined) {
      work.fail(index, new JobLostError(`Cannot get result of job ${call.job.id}: it has none`));
      return;
    }
    const [how, text] = outcome;
    if (how === 2) {
      work.cancel(index);
      return;
    }
    work.started(index, call.identity);
    if (how === 1) {
      const error = decodeThrown(text, this.#place.limits);
      if (error instanceof WorkerLostError) this.#lost++;
      work.fail(index, error);
      return;
    }
    let value: unknown;
    try {
      [value] = decodeText(text, this.#place.limits);
    } catch (error) {
      work.fail(index, error);
      return;
    }
    work.succeed(index, value);
  }

  /** BullMQ itself has given it up: it was lost with its agent more often than any job may be. */
  failedThere(job: JobRecord, reason: string): void {
    const stalled = /stalled/.test(reason);
    this.#lost += stalled ? 1 : 0;
    this.#place.jobs.fail(job, () => {
      const taskName = job.calls[0]?.work.terms.name ?? "";
      if (!stalled) return new JobLostError(`Cannot run job ${job.id}: ${reason.slice(0, 200)}`);
      const cause = new Error("It was lost with one agent after another");
      return new WorkerLostError(
        { workerId: job.calls[0]?.identity.id ?? -1, taskName },
        { cause },
      );
    });
  }
}
