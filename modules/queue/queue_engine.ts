// QueueEngine: the engine whose calls are made by agents elsewhere. It hands them to a queue on a server as jobs, hears by
// events what becomes of them, and looks itself where an event may have been missed.
//
//   works ──▶ [ TaskQueue ] ──flush──▶ jobs ══ add ══▶ ( server ) ══▶ agents
//                                       │ ▲                │
//                                       │ └══ events ══════╡   begun, progress, done
//                                       └──── look ════════╛   after a gap, a break, or a long silence
//
// A job is in the map of jobs before it is sent, and leaves it with its first verdict; what comes later is dropped.

import { setImmediate } from "node:timers";
import {
  BrokenExecutorError,
  CancelledError,
  QueueFullError,
  TimeoutError,
  WorkerLostError,
} from "../core/errors.ts";
import type { RetryOptions } from "../core/retry.ts";
import { type Engine, Ledger, type LedgerOptions } from "../core/scheduling/ledger.ts";
import { TaskQueue } from "../core/scheduling/task_queue.ts";
import { KeepAlive } from "../core/time/keep_alive.ts";
import { Timer } from "../core/time/timer.ts";
import type { Call, Terms, Work } from "../core/work/work.ts";
import type { WorkerIdentity } from "../core/worker_identity.ts";
import { type CodecLimits, decodeText, decodeThrown } from "./codec.ts";
import { isFull, type Server } from "./connection.ts";
import { JobLostError } from "./errors.ts";
import {
  type JobData,
  type JobResult,
  MOST_CALLS,
  readJobProgress,
  readJobResult,
  readOutcomes,
  signedText,
  WIRE_VERSION,
  type WireAgent,
  type WireOutcome,
} from "./job.ts";
import { fieldOf } from "./job_events.ts";
import { JobCall, type JobOwner, JobRecord } from "./job_record.ts";
import { type Durability, type NewJob, QueueClient } from "./queue_client.ts";
import { ticketOf } from "./queue_future.ts";
import type { AgentStatus } from "./registry.ts";
import { isSigned, signatureOf } from "./signature.ts";
import type { TaskModules } from "./task_table.ts";
import { encodeCall } from "./wire_values.ts";

/** So many jobs are on their way to the server: what is in the stream of events must not outrun its reader. */
const MOST_UNTAKEN = 1000;
/** So many travel together. */
const AT_ONCE = 100;
/** Milliseconds between looks at clocks, gaps, and what is to be given up. */
const TICK_MS = 1000;
/** So many jobs are looked after at once. */
const LOOKED_AFTER = 500;
/** Milliseconds of silence about a job before it is looked after: doubled each time, up to the other. */
const PATIENCE_MS = [10_000, 120_000] as const;
/** Milliseconds for which a program waits, when it closes, for jobs it has given up to end. */
const FAREWELL_MS = 2000;
/** Milliseconds between looks who the agents are. */
const AGENTS_MS = 5000;
/** A chunk of a map that is left to us is about so many milliseconds of work, and no more elements than the other. */
const CHUNK_MS = 20;
const MOST_IN_CHUNK = 100;
/** Of such a map so many milliseconds of work are with the queue, and no fewer elements than the other. */
const AHEAD_MS = 1000;
const TRIAL = 64;
/** What BullMQ takes for a priority: lower is earlier, and 0, which is earliest, is left to others. */
const MIDDLE_PRIORITY = 1_000_000;
/** Of so many agents the numbers are kept. */
const MOST_IDENTITIES = 10_000;

/** How a queue is used. */
export interface EngineOptions extends LedgerOptions {
  readonly server: Server;
  readonly queue: string;
  readonly tasks: TaskModules;
  readonly maxPayload: number;
  readonly keepResults: number;
  readonly submitTimeout: number;
  readonly durability: Durability;
  readonly priorities: boolean;
  /** What jobs and results are signed with. */
  readonly secret: string | undefined;
}

/** Hands calls to agents by a queue. */
export class QueueEngine implements Engine, JobOwner {
  readonly ledger: Ledger;
  readonly keepsContext = false;
  /** Nobody here knows how many run at once: room is for all that are not settled. */
  readonly maxWorkers = 0;
  readonly #options: EngineOptions;
  readonly #limits: CodecLimits;
  readonly #client: QueueClient;
  /** Calls of their own, and those of maps: a map may have to wait for what is known of its task. */
  readonly #singles = new TaskQueue();
  readonly #maps = new TaskQueue();
  /** When those came that wait for the server. */
  readonly #waitingSince = new Map<Work, number>();
  readonly #jobs = new Map<string, JobRecord>();
  /** Jobs of which a call was given up in this moment, and why. */
  readonly #givenUp: [JobRecord, CancelledError | TimeoutError][] = [];
  /** Calls of each map that are on their way or run. */
  readonly #out = new Map<Work, number>();
  readonly #timer = new Timer();
  /** Holds the program until what was given up is told of. */
  readonly #farewell = new KeepAlive();
  #farewells = 0;
  /** Who runs a job as long as nobody has said so. */
  readonly #somebody: WorkerIdentity;
  readonly #identities = new Map<string, WorkerIdentity>();
  #nextIdentity = 0;
  #agents: readonly AgentStatus[] = [];
  #agentsAt = Number.NEGATIVE_INFINITY;
  #state: "new" | "opening" | "open" | "closing" | "closed" = "new";
  #isBooked = false;
  /** The files in a call are being read. */
  #isReading = false;
  #untaken = 0;
  #lost = 0;
  #swept = 0;

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#limits = { maxLength: options.maxPayload };
    this.ledger = new Ledger(this, options);
    this.#somebody = { id: -1, name: `${options.name} (an agent)` };
    this.#client = new QueueClient(options.server, options.queue, options.durability, {
      event: (kind, id, fields) => this.#event(kind, id, fields),
      ready: (isFirst) => this.#ready(isFirst),
      broken: (what, error) => this.ledger.break(what, error),
      advise: (error) => this.ledger.report(error, { kind: "worker" }),
    });
  }

  // As Engine.

  enqueue(work: Work): void {
    (work.future === undefined ? this.#maps : this.#singles).put(work);
    if (!this.#waitingSince.has(work)) this.#waitingSince.set(work, performance.now());
    this.#book();
    this.#tick();
  }

  moved(work: Work, before: number): void {
    (work.future === undefined ? this.#maps : this.#singles).moved(work, before);
  }

  /** What was sent goes on: it is the queue's. */
  pause(): void {}

  resume(): void {
    this.#book();
  }

  dropped(): void {
    this.#singles.dropped();
    this.#maps.dropped();
  }

  /** Nothing that is there is known not to have begun. What can still be had is taken out, a moment later. */
  takeBack(work: Work): Call[] {
    this.#takeOut(this.#jobsOf(work));
    return [];
  }

  end(work: Work, reason: CancelledError | TimeoutError): void {
    for (const job of this.#jobsOf(work)) this.givenUp(job, reason);
  }

  cancelWaiting(): void {
    for (const queue of [this.#singles, this.#maps])
      for (const work of queue.drain()) {
        this.#waitingSince.delete(work);
        work.cancelWaiting();
      }
    this.#takeOut([...this.#jobs.values()]);
  }

  cancelRunning(): void {
    const reason = new CancelledError("Cannot get result: executor was terminated");
    for (const job of [...this.#jobs.values()]) {
      for (const { work, index } of job.calls) if (!work.isSettled(index)) work.cancel(index);
      this.givenUp(job, reason);
    }
  }

  failAll(error: () => unknown): void {
    for (const queue of [this.#singles, this.#maps])
      for (const work of queue.drain()) {
        refuseTicket(work, error);
        work.failWaiting(error);
      }
    this.#waitingSince.clear();
    for (const job of [...this.#jobs.values()]) this.#fail(job, error);
    void this.#close();
  }

  stop(): void {
    if (this.#state === "closing" || this.#state === "closed") return;
    if (this.#state === "new") this.#state = "closed";
    else void this.#close();
  }

  get isEnding(): boolean {
    return this.#state === "closing";
  }

  close(): void {
    this.#timer.clear();
    this.#farewell.close();
  }

  count(): ReturnType<Engine["count"]> {
    let running = 0;
    for (const { calls } of this.#jobs.values())
      for (const call of calls) if (call.isBegun && !call.work.isSettled(call.index)) running++;
    const workers = this.#state === "open" ? this.#identities.size : 0;
    return { running, workers, busy: Math.min(workers, running), lost: this.#lost, abandoned: 0 };
  }

  // For the executor.

  /** Futures that were settled because somebody looked, and not by an event. */
  get swept(): number {
    return this.#swept;
  }

  /** Has a work settle with the outcome of a job that was added elsewhere. */
  attach(work: Work, id: string): void {
    work.take();
    const known = this.#jobs.get(id);
    const job = known ?? new JobRecord(this, id, undefined, undefined, 0);
    this.#addCall(job, work, 0, 0);
    if (known !== undefined) return;
    job.isTaken = true;
    this.#jobs.set(id, job);
    this.#open();
    this.#tick();
    if (this.#client.isReady) void this.#look([job]);
  }

  /** Takes a future's job out of the queue; true if its code has never started, and never will. */
  async revoke(future: { readonly jobId: string }): Promise<boolean> {
    const job = this.#jobs.get(future.jobId);
    return job !== undefined && (await this.#withdraw(job));
  }

  async agents(): Promise<AgentStatus[]> {
    return await this.#asked(() => this.#client.agents());
  }

  async pauseQueue(): Promise<void> {
    await this.#asked(() => this.#client.pause());
  }

  async resumeQueue(): Promise<void> {
    await this.#asked(() => this.#client.resume());
  }

  // As JobOwner.

  givenUp(job: JobRecord, reason: CancelledError | TimeoutError): void {
    if (this.#givenUp.push([job, reason]) > 1) return;
    // Their futures are settled next.
    queueMicrotask(() => {
      const all = this.#givenUp.splice(0);
      const jobs: JobRecord[] = [];
      for (const [job, reason] of all) {
        if (job.abortedFor !== undefined || !job.isForsaken || !this.#jobs.has(job.id)) continue;
        job.abortedFor = textOf(reason);
        if (job.isTaken) jobs.push(job);
      }
      void this.#abandon(jobs);
    });
  }

  // The way there.

  #book(): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    // At the end of the turn: what is submitted by many who were answered together travels together.
    setImmediate(() => {
      this.#isBooked = false;
      this.#flush();
    });
  }

  #open(): void {
    if (this.#state !== "new") return;
    this.#state = "opening";
    void this.#client.open();
  }

  #flush(): void {
    if (this.#singles.front() === undefined && this.#maps.front() === undefined) return;
    this.#open();
    if (!this.#client.isReady || this.ledger.isPaused) return;
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
    const slots = Math.max(
      1,
      this.#agents.reduce((sum, { concurrency }) => sum + concurrency, 0),
    );
    const fair = Math.ceil(work.waiting / (2 * slots));
    const size =
      mean === undefined || terms.alone
        ? 1
        : Math.max(1, Math.min(Math.floor(CHUNK_MS / mean), fair, MOST_IN_CHUNK));
    // What is out follows what is learnt later no more.
    const most = slots * Math.max(2 * size, mean === undefined ? 2 : Math.ceil(AHEAD_MS / mean));
    return (this.#out.get(work) ?? 0) < Math.max(TRIAL, most) ? size : 0;
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
      ...(this.ledger.observers.any ? { o: 1 } : {}),
    };
    const id = ticket?.jobId ?? crypto.randomUUID();
    const job = new JobRecord(this, id, data, ticket, PATIENCE_MS[0]);
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
          this.#addCall(job, work, index, 0);
          break;
        }
        length += text.length;
        this.#addCall(job, work, index, a.push(text) - 1);
      } catch (error) {
        ticket?.refuse(error);
        work.fail(index, error);
      }
    }
    if (work.waiting === 0) this.#waitingSince.delete(work);
    return job;
  }

  #addCall(job: JobRecord, work: Work, index: number, at: number): void {
    const call = new JobCall(job, work, index, at, this.#somebody);
    job.calls.push(call);
    if (work.future === undefined) this.#out.set(work, (this.#out.get(work) ?? 0) + 1);
    work.sent(index, call, 0);
  }

  async #send(all: JobRecord[]): Promise<void> {
    const jobs = all.filter((job) => {
      if (this.#joins(job)) return false;
      this.#jobs.set(job.id, job);
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
    this.#flush();
  }

  async #sendReady(jobs: readonly JobRecord[]): Promise<void> {
    this.#untaken += jobs.length;
    const refusals = await this.#client.add(jobs.map((job) => this.#asNewJob(job)));
    this.#untaken -= jobs.length;
    for (const [at, job] of jobs.entries()) {
      const refusal = refusals[at];
      if (refusal === undefined) this.#taken(job);
      else if (this.ledger.alive) this.#fail(job, () => refused(job, refusal));
    }
    this.#flush();
  }

  /** Whether there is such a job of ours already: it has this call, too. */
  #joins(job: JobRecord): boolean {
    const known = this.#jobs.get(job.id);
    if (known === undefined) return false;
    for (const { work, index } of job.calls) this.#addCall(known, work, index, 0);
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
    if (this.#jobs.get(job.id) !== job) return;
    if (job.abortedFor !== undefined) void this.#abandon([job]);
    else if (job.isUnwanted) this.#takeOut([job]);
    // It may be an old one, of which all has been told.
    else if (job.ticket?.isShared) void this.#look([job]);
  }

  // What is heard.

  #ready(isFirst: boolean): void {
    if (this.#state === "opening") this.#state = "open";
    this.#book();
    void this.#lookForAgents();
    // What was told meanwhile nobody has heard.
    const jobs = [...this.#jobs.values()].filter(({ isTaken }) => isTaken);
    if (!isFirst || jobs.length > 0) void this.#lookAtAll(jobs);
  }

  #event(kind: string, id: string, fields: readonly string[]): void {
    const job = this.#jobs.get(id);
    if (job === undefined) return;
    // Another word of it: it is there.
    job.missingSince = undefined;
    job.lookAt = performance.now() + job.patience;
    switch (kind) {
      case "active":
        this.#begun(job);
        return;
      case "progress":
        this.#progressed(job, fieldOf(fields, "data") ?? "");
        return;
      case "completed":
        this.#completed(job, fieldOf(fields, "returnvalue") ?? "", false);
        return;
      case "failed":
        this.#failedThere(job, fieldOf(fields, "failedReason") ?? "");
        return;
      case "removed":
        this.#removed(job);
    }
  }

  #begun(job: JobRecord): void {
    job.isActive = true;
    // While somebody observes, the agent tells who it is when the code begins.
    if (!this.ledger.observers.any) for (const call of job.calls) call.isBegun = true;
  }

  #progressed(job: JobRecord, text: string): void {
    const word = readJobProgress(text);
    if (word === undefined) return;
    job.isActive = true;
    for (const call of job.calls.filter(({ at }) => at === word.at)) {
      const { work, index } = call;
      if (word.w !== undefined) {
        call.identity = this.#identityOf(word.w);
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
      return decodeText(text, this.#limits)[0];
    } catch {
      return undefined;
    }
  }

  /** @param isStored Whether it stands in the job: an event that is forged is passed over. */
  #completed(job: JobRecord, text: string, isStored: boolean): void {
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
    const { secret } = this.#options;
    if (secret === undefined) return true;
    return isSigned(text, signature, { secret, jobId: id, of: "result" });
  }

  #refuse(job: JobRecord, isStored: boolean): void {
    if (this.#options.secret !== undefined && !isStored) return;
    this.#fail(job, () => new JobLostError(`Cannot get result of job ${job.id}: it is not ours`));
  }

  /** Gets a result that was too long for the stream. */
  async #fetch(job: JobRecord, { w, ms, s }: JobResult, isStored: boolean): Promise<void> {
    const text = await this.#client.longResult(job.id).catch(() => null);
    // Not answered: it is looked after again.
    if (text === null) return;
    const outcomes = text === undefined ? undefined : readOutcomes(text);
    if (text !== undefined && !this.#isOurs(job, text, s)) this.#refuse(job, isStored);
    else if (outcomes !== undefined) this.#settle(job, w, ms, outcomes);
    else this.#fail(job, () => new JobLostError(`Cannot get result of job ${job.id}: it expired`));
  }

  #settle(job: JobRecord, agent: WireAgent, ms: number, outcomes: readonly WireOutcome[]): void {
    if (!this.#forget(job)) return;
    const identity = this.#identityOf(agent);
    job.calls[0]?.work.terms.profile.learn(ms / outcomes.length, outcomes.length);
    this.ledger.observers.together(() => {
      for (const call of job.calls) this.#settleCall(call, identity, outcomes[call.at]);
    });
    this.#book();
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
      const error = decodeThrown(text, this.#limits);
      if (error instanceof WorkerLostError) this.#lost++;
      work.fail(index, error);
      return;
    }
    let value: unknown;
    try {
      [value] = decodeText(text, this.#limits);
    } catch (error) {
      work.fail(index, error);
      return;
    }
    work.succeed(index, value);
  }

  /** BullMQ itself has given it up: it was lost with its agent more often than any job may be. */
  #failedThere(job: JobRecord, reason: string): void {
    const stalled = /stalled/.test(reason);
    this.#lost += stalled ? 1 : 0;
    this.#fail(job, () => {
      const taskName = job.calls[0]?.work.terms.name ?? "";
      if (!stalled) return new JobLostError(`Cannot run job ${job.id}: ${reason.slice(0, 200)}`);
      const cause = new Error("It was lost with one agent after another");
      return new WorkerLostError(
        { workerId: job.calls[0]?.identity.id ?? -1, taskName },
        { cause },
      );
    });
  }

  /** Somebody has taken it out of the queue: we, or another program. */
  #removed(job: JobRecord): void {
    if (!this.#forget(job)) return;
    for (const { work, index } of job.calls) if (!work.isSettled(index)) work.cancel(index);
  }

  #fail(job: JobRecord, error: () => unknown): void {
    if (!this.#forget(job)) return;
    for (const { work, index } of job.calls) {
      if (work.isSettled(index)) continue;
      refuseTicket(work, error);
      work.fail(index, error());
    }
    this.#book();
  }

  /** The first verdict of a job; false for any other. */
  #forget(job: JobRecord): boolean {
    if (this.#jobs.get(job.id) !== job) return false;
    this.#jobs.delete(job.id);
    for (const { work } of job.calls) {
      if (work.future !== undefined) continue;
      const left = (this.#out.get(work) ?? 0) - 1;
      if (left > 0) this.#out.set(work, left);
      else this.#out.delete(work);
    }
    return true;
  }

  // What is given up.

  /** Takes jobs out of the queue that nobody runs. */
  #takeOut(jobs: readonly JobRecord[]): void {
    for (const job of jobs) job.isUnwanted = true;
    const waiting = jobs.filter(({ isTaken, isActive }) => isTaken && !isActive);
    if (waiting.length === 0 || !this.#client.isReady) return;
    const remove = async (job: JobRecord) => {
      if (await this.#client.remove(job.id)) this.#removed(job);
    };
    void this.#told(async () => void (await Promise.all(waiting.map(remove))), undefined);
  }

  /** Takes a job out of the queue if nobody runs it; true if its code has never started. */
  async #withdraw(job: JobRecord): Promise<boolean> {
    if (!job.isTaken || job.isActive || !this.#client.isReady) return false;
    return await this.#told(async () => {
      // One that was lost with an agent waits again.
      const hasBegun = await this.#client.hasBegun(job.id);
      const isRemoved = await this.#client.remove(job.id);
      if (isRemoved) this.#removed(job);
      return isRemoved && !hasBegun;
    }, false);
  }

  /**
   * Nobody waits for them: out of the queue with them, or whoever runs one is told. Again and again, until they have ended.
   * First out with those that wait: an agent that gives one up takes the next.
   */
  async #abandon(jobs: readonly JobRecord[]): Promise<void> {
    if (jobs.length === 0 || !this.#client.isReady) return;
    await this.#told(async () => {
      const waiting = jobs.filter(({ isActive }) => !isActive);
      await Promise.all(
        waiting.map(async (job) => {
          if (await this.#client.remove(job.id)) this.#forget(job);
          else job.isActive = true;
        }),
      );
      const running = jobs.filter((job) => this.#jobs.get(job.id) === job);
      await Promise.all(running.map((job) => this.#client.abort(job.id, job.abortedFor ?? "")));
    }, undefined);
  }

  /** Tells the server something, for which the program goes on; `otherwise` if it cannot be told. */
  async #told<T>(tell: () => Promise<T>, otherwise: T): Promise<T> {
    this.#farewells++;
    this.#farewell.hold();
    const enough = new Timer();
    try {
      const late = new Promise<T>((resolve) => enough.set(FAREWELL_MS, () => resolve(otherwise)));
      return await Promise.race([tell(), late]);
    } catch {
      return otherwise;
    } finally {
      enough.clear();
      if (--this.#farewells === 0) this.#farewell.release();
    }
  }

  // What is looked after.

  #tick(): void {
    if (this.#timer.isSet || this.#state === "closed") return;
    this.#timer.set(TICK_MS, () => {
      if (this.#jobs.size === 0 && this.#waitingSince.size === 0) return;
      this.#tick();
      this.#failLate();
      if (!this.#client.isReady) return;
      void this.#lookForGap();
      void this.#lookForAgents();
      const now = performance.now();
      const late: JobRecord[] = [];
      const givenUp: JobRecord[] = [];
      for (const job of this.#jobs.values()) {
        if (job.abortedFor !== undefined && job.isTaken) givenUp.push(job);
        if (!job.isTaken || late.length >= LOOKED_AFTER) continue;
        if (job.lookAt > now && job.missingSince === undefined) continue;
        job.patience = Math.min(2 * job.patience || PATIENCE_MS[0], PATIENCE_MS[1]);
        job.lookAt = now + job.patience;
        late.push(job);
      }
      void this.#abandon(givenUp);
      if (late.length > 0) void this.#look(late);
    });
  }

  /** What the server has not taken in time fails. */
  #failLate(): void {
    const { submitTimeout } = this.#options;
    const before = performance.now() - submitTimeout;
    const late = () =>
      new TimeoutError(
        `Cannot submit task: the queue has not taken it within ${submitTimeout} ms`,
        { cause: this.#client.lastError },
      );
    for (const job of this.#jobs.values()) {
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
      if (this.#out.has(work)) continue;
      this.#waitingSince.delete(work);
      refuseTicket(work, late);
      work.failWaiting(late);
    }
  }

  async #lookForGap(): Promise<void> {
    const mayMiss = await this.#client.hasGap().catch(() => false);
    if (mayMiss) await this.#lookAtAll([...this.#jobs.values()].filter(({ isTaken }) => isTaken));
  }

  async #lookAtAll(jobs: readonly JobRecord[]): Promise<void> {
    for (let at = 0; at < jobs.length; at += LOOKED_AFTER) {
      if (!this.#client.isReady) return;
      await this.#look(jobs.slice(at, at + LOOKED_AFTER));
    }
  }

  /** Asks the server itself what has become of jobs. */
  async #look(jobs: readonly JobRecord[]): Promise<void> {
    try {
      const states = await this.#client.look(jobs.map(({ id }) => id));
      const end = states.includes("missing") ? await this.#client.endOfEvents() : undefined;
      if (states.includes("missing")) this.#client.rewind(end);
      const done: JobRecord[] = [];
      for (const [at, job] of jobs.entries()) {
        if (this.#jobs.get(job.id) !== job) continue;
        if (states[at] === "missing") this.#missed(job, end);
        else job.missingSince = undefined;
        if (states[at] === "active") this.#begun(job);
        if (states[at] === "done") done.push(job);
      }
      await Promise.all(done.map((job) => this.#sweep(job)));
    } catch {
      // Not answered: looked after again.
    }
  }

  /** The server does not have it. What was told before may not be read yet: then that counts. */
  #missed(job: JobRecord, end: string | undefined): void {
    if (job.missingSince === undefined) {
      job.missingSince = { end };
      this.#tick();
      return;
    }
    if (!this.#client.hasRead(job.missingSince.end)) return;
    this.#fail(
      job,
      () =>
        new JobLostError(
          `Cannot get result of job ${job.id}: the queue does not have it (any more)`,
        ),
    );
  }

  async #sweep(job: JobRecord): Promise<void> {
    const { returned, failed } = await this.#client.endOf(job.id);
    if (this.#jobs.get(job.id) !== job) return;
    this.#swept++;
    if (failed !== undefined) this.#failedThere(job, failed);
    else if (returned !== undefined) this.#completed(job, returned, true);
  }

  async #lookForAgents(): Promise<void> {
    const now = performance.now();
    if (now - this.#agentsAt < AGENTS_MS) return;
    this.#agentsAt = now;
    const agents = await this.#client.agents().catch(() => undefined);
    if (agents === undefined) return;
    const after = new Set(agents.map(({ id }) => id));
    for (const agent of agents) this.#identityOf(agent);
    for (const agent of this.#agents) {
      if (after.has(agent.id)) continue;
      const identity = this.#identityOf(agent);
      this.#identities.delete(agent.id);
      this.ledger.observers.workerExited(identity, { code: undefined, signal: undefined });
    }
    this.#agents = agents;
  }

  #identityOf({ id, name }: { readonly id: string; readonly name: string }): WorkerIdentity {
    let identity = this.#identities.get(id);
    if (identity === undefined) {
      if (this.#identities.size >= MOST_IDENTITIES) this.#identities.clear();
      identity = { id: this.#nextIdentity++, name };
      this.#identities.set(id, identity);
      this.ledger.observers.workerStarted(identity);
    }
    return identity;
  }

  // The rest.

  #jobsOf(work: Work): JobRecord[] {
    return [...this.#jobs.values()].filter(({ calls }) => calls.some((call) => call.work === work));
  }

  /** Asks the server something, which holds the program. */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    this.ledger.assertOpen("ask queue");
    const keepAlive = new KeepAlive();
    keepAlive.hold();
    try {
      this.#open();
      const until = performance.now() + this.#options.submitTimeout;
      while (!this.#client.isReady) {
        this.ledger.assertOpen("ask queue");
        if (performance.now() > until)
          throw new TimeoutError("Cannot ask queue: its server does not answer", {
            cause: this.#client.lastError,
          });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return await ask();
    } finally {
      keepAlive.close();
    }
  }

  async #close(): Promise<void> {
    if (this.#state === "closing" || this.#state === "closed") return;
    this.#state = "closing";
    // What was given up is to hear of it: its agent works for nobody.
    const until = performance.now() + FAREWELL_MS;
    while (
      this.#client.isReady &&
      performance.now() < until &&
      (this.#jobs.size > 0 || this.#farewells > 0)
    )
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.#jobs.clear();
    this.#out.clear();
    await this.#client.close();
    this.#state = "closed";
    this.#timer.clear();
    this.ledger.settleUp();
  }
}

/** Whether a work's next call came before another's, or counts for more. */
function isBefore(one: Work, other: Work): boolean {
  const [first, second] = [one.priority, other.priority];
  return first === second ? one.order < other.order : first > second;
}

/** Throws for what the terms of a task ask that a queue cannot do. */
export function assertTerms({ priority, options }: Terms, priorities: boolean): void {
  if (priority !== 0 && !priorities)
    throw new RangeError("Cannot submit task: this queue was made with priorities: false");
  if (!Number.isInteger(priority) || Math.abs(priority) >= MIDDLE_PRIORITY)
    throw new RangeError(
      `Cannot submit task: a queue takes whole numbers within ±${MIDDLE_PRIORITY - 1} for a priority, got ${priority}`,
    );
  if (options.ttl !== undefined)
    throw new TypeError(
      "Cannot submit task: of what was sent to a queue nobody here knows whether it has begun, so it has no ttl; use revoke()",
    );
  if (options.affinity !== undefined)
    throw new TypeError(
      "Cannot submit task: a queue knows no worker that had the last call of a key, so there is no affinity",
    );
  if (typeof options.retries === "object" && typeof options.retries.on === "function")
    throw new TypeError(
      'Cannot submit task: a function for retries.on cannot be sent to an agent; use "lost" or "error"',
    );
}

/** One that was changed since it was checked is moved to what a queue has. */
function asPriority(priority: number): number {
  const most = MIDDLE_PRIORITY - 1;
  return MIDDLE_PRIORITY - Math.round(Math.max(-most, Math.min(most, priority)));
}

/** Numbers as JSON has them. */
function finite(number: number): number {
  return Math.min(number, Number.MAX_SAFE_INTEGER);
}

function finiteRetries(retries: number | RetryOptions): number | RetryOptions {
  if (typeof retries === "number") return retries;
  const { delay, maxDelay } = retries;
  return {
    ...retries,
    ...(delay === undefined ? {} : { delay: finite(delay) }),
    ...(maxDelay === undefined ? {} : { maxDelay: finite(maxDelay) }),
  };
}

/** The future of a work will have no job. */
function refuseTicket({ future }: Work, error: () => unknown): void {
  if (future !== undefined) ticketOf(future)?.refuse(error());
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

function textOf(reason: Error): string {
  const { cause } = reason;
  const text = typeof cause === "string" ? cause : cause instanceof Error ? cause.message : "";
  return text.slice(0, 1000);
}
