// JobSender: the way to the server. It keeps the works whose calls wait, makes jobs of them, and hands these over.

import { BrokenExecutorError, QueueFullError, TimeoutError } from "../../core/errors.ts";
import type { Ledger } from "../../core/scheduling/ledger.ts";
import { TaskQueue } from "../../core/scheduling/task_queue.ts";
import type { Work } from "../../core/work/work.ts";
import type { CodecLimits } from "../codec.ts";
import { isFull } from "../connection.ts";
import { type JobData, MOST_CALLS, signedText, traceOf, WIRE_VERSION } from "../job.ts";
import { ticketOf } from "../queue_future.ts";
import { signatureOf } from "../signature.ts";
import type { TaskModules } from "../task_table.ts";
import { encodeCall } from "../wire_values.ts";
import type { GivingUp } from "./giving_up.ts";
import { type JobCall, JobRecord } from "./job_record.ts";
import type { JobWatch } from "./job_watch.ts";
import { type OpenJobs, refuseTicket } from "./open_jobs.ts";
import type { NewJob, QueueClient } from "./queue_client.ts";
import { asPriority, finite, finiteRetries } from "./queue_terms.ts";
import type { SeenAgents } from "./seen_agents.ts";

/** So many jobs are on their way to the server: what is in the stream of events must not outrun its reader. */
const MOST_UNTAKEN = 1000;
/** So many travel together. */
const AT_ONCE = 100;
/** A chunk of a map that is left to us is about so many milliseconds of work, and no more elements than the other. */
const CHUNK_MS = 20;
const MOST_IN_CHUNK = 100;
/** Of such a map so many milliseconds of work are with the queue, and no fewer elements than the other. */
const AHEAD_MS = 1000;
const TRIAL = 64;

/** How jobs are made. */
export interface SendingOptions {
  readonly tasks: TaskModules;
  readonly maxPayload: number;
  readonly keepResults: number;
  readonly submitTimeout: number;
  readonly priorities: boolean;
  /** What jobs and results are signed with. */
  readonly secret: string | undefined;
}

/** What sends stands on. */
export interface SendingPlace {
  readonly ledger: Ledger;
  readonly jobs: OpenJobs;
  readonly agents: SeenAgents;
  readonly client: QueueClient;
  readonly givingUp: GivingUp;
  readonly watch: JobWatch;
}

/** Makes jobs of calls, and hands them to the server. */
export class JobSender {
  readonly #options: SendingOptions;
  readonly #limits: CodecLimits;
  readonly #place: SendingPlace;
  /** Calls of their own, and those of maps: a map may have to wait for what is known of its task. */
  readonly #singles = new TaskQueue();
  readonly #maps = new TaskQueue();
  /** When those came that wait for the server. */
  readonly #waitingSince = new Map<Work, number>();
  /** The files in a call are being read. */
  #isReading = false;
  #untaken = 0;

  constructor(options: SendingOptions, place: SendingPlace) {
    this.#options = options;
    this.#limits = { maxLength: options.maxPayload };
    this.#place = place;
  }

  /** Whether nothing waits. */
  get isIdle(): boolean {
    return this.#singles.front() === undefined && this.#maps.front() === undefined;
  }

  /** Whether something waits that has a time by which it is to be taken. */
  get isAwaited(): boolean {
    return this.#waitingSince.size > 0;
  }

  put(work: Work): void {
    this.#queueOf(work).put(work);
    if (!this.#waitingSince.has(work)) this.#waitingSince.set(work, performance.now());
  }

  moved(work: Work, before: number): void {
    this.#queueOf(work).moved(work, before);
  }

  dropped(): void {
    this.#singles.dropped();
    this.#maps.dropped();
  }

  /** Lets go of all that waits. */
  drain(): Work[] {
    const works = [this.#singles, this.#maps].flatMap((queue) => [...queue.drain()]);
    for (const work of works) this.#waitingSince.delete(work);
    return works;
  }

  /** Sends what may be sent. */
  flush(): void {
    const { client, ledger } = this.#place;
    if (!client.isReady || ledger.isPaused) return;
    while (this.#untaken < MOST_UNTAKEN && !this.#isReading) {
      const jobs: JobRecord[] = [];
      let reading: JobRecord | undefined;
      while (jobs.length < AT_ONCE && reading === undefined) {
        const job = this.#nextJob();
        if (job === undefined) break;
        if (job.reading !== undefined) reading = job;
        else if (job.calls.length > 0) jobs.push(job);
      }
      if (jobs.length > 0) void this.#send(jobs);
      else if (reading === undefined) return;
      if (reading !== undefined) void this.#sendRead(reading);
    }
  }

  /** What the server has not taken in time fails. */
  failLate(): void {
    const { submitTimeout } = this.#options;
    const before = performance.now() - submitTimeout;
    const late = () =>
      new TimeoutError(
        `Cannot submit task: the queue has not taken it within ${submitTimeout} ms`,
        { cause: this.#place.client.lastError },
      );
    for (const job of this.#place.jobs.values()) {
      if (job.isTaken || job.since > before) continue;
      // It may have got there: then it is taken out again.
      job.abortedFor ??= "it was taken too late";
      for (const { work, index } of job.calls) {
        if (work.isSettled(index)) continue;
        refuseTicket(work, late);
        work.fail(index, late());
      }
    }
    for (const [work, since] of this.#waitingSince) {
      if (since > before) break;
      // A map that waits for its first results waits for agents, and not for the server.
      if (this.#place.jobs.outOf(work) > 0) continue;
      this.#waitingSince.delete(work);
      refuseTicket(work, late);
      work.failWaiting(late);
    }
  }

  #queueOf({ future }: Work): TaskQueue {
    return future === undefined ? this.#maps : this.#singles;
  }

  /** Makes the next job; one without calls if none of them could be sent, undefined if nothing waits. */
  #nextJob(): JobRecord | undefined {
    const single = this.#singles.front();
    const map = this.#maps.front();
    const size = map === undefined ? 0 : this.#chunkOf(map);
    if (map !== undefined && size > 0 && (single === undefined || isBefore(map, single)))
      return this.#makeJob(map, size);
    return single === undefined ? undefined : this.#makeJob(single, 1);
  }

  /** How many elements of a map its next job has; none while it has to wait for what is known of its task. */
  #chunkOf(work: Work): number {
    const { chunkSize, terms } = work;
    if (chunkSize !== undefined) return Math.min(chunkSize, MOST_CALLS);
    const { mean } = terms.profile;
    const { slots } = this.#place.agents;
    const fair = Math.ceil(work.waiting / (2 * slots));
    const size =
      mean === undefined || terms.alone
        ? 1
        : Math.max(1, Math.min(Math.floor(CHUNK_MS / mean), fair, MOST_IN_CHUNK));
    // What is out follows what is learnt later no more.
    const most = slots * Math.max(2 * size, mean === undefined ? 2 : Math.ceil(AHEAD_MS / mean));
    return this.#place.jobs.outOf(work) < Math.max(TRIAL, most) ? size : 0;
  }

  #makeJob(work: Work, size: number): JobRecord {
    const { terms, future } = work;
    const ticket = future && ticketOf(future);
    const { source, options } = terms;
    const a: string[] = [];
    const data: JobData = {
      v: WIRE_VERSION,
      m: this.#options.tasks.nameOf(source.module) as string,
      e: source.export,
      a,
      ...(terms.timeout === undefined ? {} : { t: finite(terms.timeout) }),
      ...(options.retries === undefined ? {} : { r: finiteRetries(options.retries) }),
      ...(this.#place.ledger.observers.any ? { o: 1 } : {}),
      ...traceOf(work.trace),
    };
    const id = ticket?.jobId ?? crypto.randomUUID();
    const job = new JobRecord(this.#place.givingUp, id, data, ticket);
    let length = 0;
    while (a.length < size && work.waiting > 0 && length < this.#options.maxPayload) {
      const index = work.take();
      try {
        // Getters of what is sent are the user's code, and may cancel the call.
        const text = encodeCall(work, index, this.#limits);
        if (work.isSettled(index)) continue;
        if (typeof text !== "string") {
          // Files are to be read first: such a call travels alone.
          if (a.length > 0) {
            text.catch(() => {});
            work.giveBack(index);
            break;
          }
          job.reading = text.then((read) => void a.push(read));
          job.reading.catch(() => {});
          this.#place.jobs.addCall(job, work, index, 0);
          break;
        }
        length += text.length;
        this.#place.jobs.addCall(job, work, index, a.push(text) - 1);
      } catch (error) {
        ticket?.refuse(error);
        work.fail(index, error);
      }
    }
    if (work.waiting === 0) this.#waitingSince.delete(work);
    return job;
  }

  async #send(all: JobRecord[]): Promise<void> {
    const jobs = all.filter((job) => {
      if (this.#joins(job)) return false;
      this.#place.jobs.add(job);
      return true;
    });
    if (jobs.length > 0) await this.#sendReady(jobs);
  }

  /** Sends a job when the files in it were read; what came after it waits. */
  async #sendRead(job: JobRecord): Promise<void> {
    this.#isReading = true;
    try {
      await job.reading;
      void this.#send([job]);
    } catch (error) {
      for (const { work, index } of job.calls) {
        refuseTicket(work, () => error);
        if (!work.isSettled(index)) work.fail(index, error);
      }
    }
    this.#isReading = false;
    this.flush();
  }

  async #sendReady(jobs: readonly JobRecord[]): Promise<void> {
    this.#untaken += jobs.length;
    const refusals = await this.#place.client.add(jobs.map((job) => this.#asNewJob(job)));
    this.#untaken -= jobs.length;
    for (const [at, job] of jobs.entries()) {
      const refusal = refusals[at];
      if (refusal === undefined) this.#taken(job);
      else if (this.#place.ledger.alive) this.#place.jobs.fail(job, () => refused(job, refusal));
    }
    this.flush();
  }

  /** Whether there is such a job of ours already: it has this call, too. */
  #joins(job: JobRecord): boolean {
    const known = this.#place.jobs.get(job.id);
    if (known === undefined) return false;
    for (const { work, index } of job.calls) this.#place.jobs.addCall(known, work, index, 0);
    if (known.isTaken) job.ticket?.accept();
    return true;
  }

  #asNewJob({ id, data, ticket, calls }: JobRecord): NewJob {
    const { terms, priority } = (calls[0] as JobCall).work;
    return {
      id,
      name: terms.name.slice(0, 200),
      data: this.#signed(id, data as JobData),
      priority: this.#options.priorities ? asPriority(priority) : undefined,
      delay: ticket?.delay ?? 0,
      keep: ticket?.keepResult ?? this.#options.keepResults,
    };
  }

  #signed(jobId: string, data: JobData): JobData {
    const { secret } = this.#options;
    if (secret === undefined) return data;
    return { ...data, s: signatureOf(signedText(data), { secret, jobId, of: "job" }) };
  }

  #taken(job: JobRecord): void {
    job.data = undefined;
    if (job.isTaken) return;
    job.isTaken = true;
    for (const { work } of job.calls) if (work.future) ticketOf(work.future)?.accept();
    if (!this.#place.jobs.has(job)) return;
    if (job.abortedFor !== undefined) void this.#place.givingUp.abandon([job]);
    else if (job.isUnwanted) this.#place.givingUp.takeOut([job]);
    // It may be an old one, of which all has been told.
    else if (job.ticket?.isShared) void this.#place.watch.look([job]);
  }
}

/** Whether a work's next call came before another's, or counts for more. */
function isBefore(one: Work, other: Work): boolean {
  const [first, second] = [one.priority, other.priority];
  return first === second ? one.order < other.order : first > second;
}

function refused(job: JobRecord, cause: Error): Error {
  const name = job.calls[0]?.work.terms.name ?? "";
  if (isFull(cause))
    return new QueueFullError(
      `Cannot submit task "${name}": the queue's server has no memory left`,
    );
  return new BrokenExecutorError(`Cannot submit task "${name}": the queue has refused it`, {
    cause,
  });
}
