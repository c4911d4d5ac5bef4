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
import { CancelledError, TimeoutError } from "../../core/errors.ts";
import { type Engine, Ledger, type LedgerOptions } from "../../core/scheduling/ledger.ts";
import { KeepAlive } from "../../core/time/keep_alive.ts";
import { Timer } from "../../core/time/timer.ts";
import type { Call, Work } from "../../core/work/work.ts";
import type { Server } from "../connection.ts";
import type { AgentStatus } from "../registry.ts";
import { FAREWELL_MS, GivingUp } from "./giving_up.ts";
import { JobOutcomes } from "./job_outcomes.ts";
import { JobRecord } from "./job_record.ts";
import { JobSender, type SendingOptions } from "./job_sender.ts";
import { JobWatch } from "./job_watch.ts";
import { OpenJobs, refuseTicket } from "./open_jobs.ts";
import { type Durability, QueueClient } from "./queue_client.ts";
import type { QueueStats } from "./queue_stats.ts";
import { SeenAgents } from "./seen_agents.ts";

/** Milliseconds between looks at clocks, gaps, and what is to be given up. */
const TICK_MS = 1000;

/** How a queue is used. */
export interface EngineOptions extends LedgerOptions, SendingOptions {
  readonly server: Server;
  readonly queue: string;
  readonly durability: Durability;
}

/** Hands calls to agents by a queue. */
export class QueueEngine implements Engine {
  readonly ledger: Ledger;
  readonly keepsContext = false;
  /** Nobody here knows how many run at once: room is for all that are not settled. */
  readonly maxWorkers = 0;
  readonly #submitTimeout: number;
  readonly #client: QueueClient;
  readonly #jobs: OpenJobs;
  readonly #agents: SeenAgents;
  readonly #givingUp: GivingUp;
  readonly #outcomes: JobOutcomes;
  readonly #watch: JobWatch;
  readonly #sender: JobSender;
  readonly #timer = new Timer();
  #state: "new" | "opening" | "open" | "closing" | "closed" = "new";
  #isBooked = false;
  #depth: Awaited<ReturnType<QueueClient["depth"]>> | undefined = undefined;

  constructor(options: EngineOptions) {
    const { server, queue, durability, name, secret } = options;
    this.#submitTimeout = options.submitTimeout;
    const ledger = new Ledger(this, options);
    const client = new QueueClient(server, queue, durability, {
      event: (kind, id, fields) => this.#outcomes.event(kind, id, fields),
      ready: (isFirst) => this.#ready(isFirst),
      broken: (what, error) => ledger.break(what, error),
      advise: (error) => ledger.report(error, { kind: "worker" }),
    });
    const freed = () => this.#book();
    const jobs = new OpenJobs({ id: -1, name: `${name} (an agent)` }, freed);
    const agents = new SeenAgents(client, ledger.observers);
    const givingUp = new GivingUp(jobs, client);
    const limits = { maxLength: options.maxPayload };
    const place = { ledger, jobs, agents, client };
    const outcomes = new JobOutcomes({ ...place, limits, secret, freed });
    const watch = new JobWatch(jobs, client, outcomes);
    this.ledger = ledger;
    this.#client = client;
    this.#jobs = jobs;
    this.#agents = agents;
    this.#givingUp = givingUp;
    this.#outcomes = outcomes;
    this.#watch = watch;
    this.#sender = new JobSender(options, { ...place, givingUp, watch });
  }

  // As Engine.

  enqueue(work: Work): void {
    this.#sender.put(work);
    this.#book();
    this.#tick();
  }

  moved(work: Work, before: number): void {
    this.#sender.moved(work, before);
  }

  /** What was sent goes on: it is the queue's. */
  pause(): void {}

  resume(): void {
    this.#book();
  }

  dropped(): void {
    this.#sender.dropped();
  }

  /** Nothing that is there is known not to have begun. What can still be had is taken out, a moment later. */
  takeBack(work: Work): Call[] {
    this.#givingUp.takeOut(this.#jobs.of(work));
    return [];
  }

  end(work: Work, reason: CancelledError | TimeoutError): void {
    for (const job of this.#jobs.of(work)) this.#givingUp.givenUp(job, reason);
  }

  cancelWaiting(): void {
    for (const work of this.#sender.drain()) work.cancelWaiting();
    this.#givingUp.takeOut([...this.#jobs.values()]);
  }

  cancelRunning(): void {
    const reason = new CancelledError("Cannot get result: executor was terminated");
    for (const job of [...this.#jobs.values()]) {
      for (const { work, index } of job.calls) if (!work.isSettled(index)) work.cancel(index);
      this.#givingUp.givenUp(job, reason);
    }
  }

  failAll(error: () => unknown): void {
    for (const work of this.#sender.drain()) {
      refuseTicket(work, error);
      work.failWaiting(error);
    }
    for (const job of [...this.#jobs.values()]) this.#jobs.fail(job, error);
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
    this.#givingUp.close();
  }

  count(): ReturnType<Engine["count"]> {
    let running = 0;
    for (const { calls } of this.#jobs.values())
      for (const call of calls) if (call.isBegun && !call.work.isSettled(call.index)) running++;
    const workers = this.#state === "open" ? this.#agents.count : 0;
    const { lost } = this.#outcomes;
    return { running, workers, busy: Math.min(workers, running), lost, abandoned: 0 };
  }

  // For the executor.

  /** Futures that were settled because somebody looked, and not by an event. */
  get swept(): number {
    return this.#watch.swept;
  }

  /** Has a work settle with the outcome of a job that was added elsewhere. */
  attach(work: Work, id: string): void {
    work.take();
    const known = this.#jobs.get(id);
    const job = known ?? new JobRecord(this.#givingUp, id);
    this.#jobs.addCall(job, work, 0, 0);
    if (known !== undefined) return;
    job.isTaken = true;
    this.#jobs.add(job);
    this.#open();
    this.#tick();
    if (this.#client.isReady) void this.#watch.look([job]);
  }

  /** Takes a future's job out of the queue; true if its code has never started, and never will. */
  async revoke(future: { readonly jobId: string }): Promise<boolean> {
    const job = this.#jobs.get(future.jobId);
    return job !== undefined && (await this.#givingUp.withdraw(job));
  }

  async agents(): Promise<AgentStatus[]> {
    return await this.#asked(() => this.#client.agents());
  }

  /** How the queue is doing, as of the last look: some seconds ago, or when the last job was done; undefined before the first. */
  get lastStats(): QueueStats | undefined {
    if (this.#depth === undefined) return undefined;
    const { stalls, waited } = this.#outcomes;
    const agents = this.#agents.serving;
    return { ...this.#depth, agents, stalls, ...(waited === null ? {} : { waited }) };
  }

  async queueStats(): Promise<QueueStats> {
    return await this.#asked(async () => {
      await this.#lookNow();
      return this.lastStats as QueueStats;
    });
  }

  async pauseQueue(): Promise<void> {
    await this.#asked(() => this.#client.pause());
  }

  async resumeQueue(): Promise<void> {
    await this.#asked(() => this.#client.resume());
  }

  // The rest.

  #book(): void {
    if (this.#isBooked) return;
    this.#isBooked = true;
    // At the end of the turn: what is submitted by many who were answered together travels together.
    setImmediate(() => {
      this.#isBooked = false;
      if (this.#sender.isIdle) return;
      this.#open();
      this.#sender.flush();
    });
  }

  #open(): void {
    if (this.#state !== "new") return;
    this.#state = "opening";
    void this.#client.open();
  }

  #ready(isFirst: boolean): void {
    if (this.#state === "opening") this.#state = "open";
    this.#book();
    void this.#lookAtQueue();
    // What was told meanwhile nobody has heard.
    const jobs = this.#jobs.taken();
    if (!isFirst || jobs.length > 0) void this.#watch.lookAtAll(jobs);
  }

  async #lookAtQueue(): Promise<void> {
    if (await this.#agents.look()) await this.#lookAtDepth().catch(() => {});
  }

  async #lookNow(): Promise<void> {
    await Promise.all([this.#agents.lookNow(), this.#lookAtDepth()]);
  }

  async #lookAtDepth(): Promise<void> {
    this.#depth = await this.#client.depth();
  }

  #tick(): void {
    if (this.#timer.isSet || this.#state === "closed") return;
    this.#timer.set(TICK_MS, () => {
      if (this.#jobs.size === 0 && !this.#sender.isAwaited) {
        // What was seen in the middle of the work would be told ever after.
        if (this.#client.isReady) void this.#lookNow().catch(() => {});
        return;
      }
      this.#tick();
      this.#sender.failLate();
      if (!this.#client.isReady) return;
      void this.#lookAtQueue();
      void this.#givingUp.abandon(
        this.#jobs.taken().filter(({ abortedFor }) => abortedFor !== undefined),
      );
      this.#watch.lookAfter();
    });
  }

  /** Asks the server something, which holds the program. */
  async #asked<T>(ask: () => Promise<T>): Promise<T> {
    this.ledger.assertOpen("ask queue");
    const keepAlive = new KeepAlive();
    keepAlive.hold();
    try {
      this.#open();
      const until = performance.now() + this.#submitTimeout;
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
      (this.#jobs.size > 0 || this.#givingUp.isTelling)
    )
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.#jobs.clear();
    await this.#client.close();
    this.#state = "closed";
    this.#timer.clear();
    this.ledger.settleUp();
  }
}
