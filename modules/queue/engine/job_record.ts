// JobRecord: a job of ours from the moment it is made until its outcome is known, and the calls that wait for that.

import type { CancelledError, TimeoutError } from "../../core/errors.ts";
import type { Call, Place, Work } from "../../core/work/work.ts";
import type { WorkerIdentity } from "../../core/worker_identity.ts";
import type { JobData } from "../job.ts";
import type { Ticket } from "../queue_future.ts";

/** Milliseconds of silence about a job before it is looked after: doubled each time, up to the other. */
export const PATIENCE_MS = [10_000, 120_000] as const;

/** What a call asks of whoever has its job. */
export interface JobOwner {
  /** Nobody waits for a call any more, whose job may run. */
  givenUp(job: JobRecord, reason: CancelledError | TimeoutError): void;
}

/** One call of a job. */
export class JobCall implements Call, Place {
  readonly job: JobRecord;
  readonly work: Work;
  readonly index: number;
  /** Which of the job's calls. */
  readonly at: number;
  /** Who runs it, as far as that is known. */
  identity: WorkerIdentity;
  isBegun = false;

  constructor(job: JobRecord, work: Work, index: number, at: number, identity: WorkerIdentity) {
    this.job = job;
    this.work = work;
    this.index = index;
    this.at = at;
    this.identity = identity;
  }

  /** On its way to the server, or there: nobody here knows whether it has begun, unless somebody has said so. */
  takeBack(): boolean | undefined {
    return this.isBegun ? false : undefined;
  }

  hasBegun(): boolean {
    return this.isBegun;
  }

  end(_seq: number, reason: CancelledError | TimeoutError): void {
    this.job.owner.givenUp(this.job, reason);
  }
}

/** A job of ours. */
export class JobRecord {
  readonly owner: JobOwner;
  readonly id: string;
  readonly ticket: Ticket | undefined;
  /** What is to be sent; nothing of one that was sent by another program, or that was taken. */
  data: JobData | undefined;
  /** Whether this executor has sent it. */
  readonly isOurs: boolean;
  readonly calls: JobCall[] = [];
  /** Settles when the files in it were read, if there are any. */
  reading: Promise<void> | undefined = undefined;
  /** When it was sent, by the steady clock. */
  readonly since = performance.now();
  /** The server has it. */
  isTaken = false;
  /** It is to be taken out of the queue if nobody runs it. */
  isUnwanted = false;
  /** Nobody waits for it: it is to be taken out of the queue, or given up by whoever runs it. */
  abortedFor: string | undefined = undefined;
  /** It is known to run, so that nobody need try to take it out of the queue. */
  isActive = false;
  /** The server did not have it, when this was the last event. */
  missingSince: { end: string | undefined } | undefined = undefined;
  /** When it is looked after next, by the steady clock. */
  lookAt: number;
  /** Milliseconds until the look after that. */
  patience: number;

  /** @param data Without it another program has sent the job: it is looked after at once. */
  constructor(owner: JobOwner, id: string, data?: JobData, ticket?: Ticket) {
    this.owner = owner;
    this.id = id;
    this.data = data;
    this.ticket = ticket;
    this.isOurs = data !== undefined;
    this.patience = data === undefined ? 0 : PATIENCE_MS[0];
    this.lookAt = this.since + this.patience + (ticket?.delay ?? 0);
  }

  /** Whether nobody waits for it. */
  get isForsaken(): boolean {
    return this.calls.every(({ work, index }) => work.isSettled(index));
  }
}
