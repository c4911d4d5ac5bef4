// QueueClient: what an executor asks of the server, over two connections: one for commands, one that reads events.
//
// Of BullMQ its public face adds, removes and pauses jobs. What is read beside it, the stream of events and a job's hash, is
// read here and nowhere else, as BullMQ 6 writes it.

import type { Queue } from "bullmq";
import type { Redis } from "ioredis";
import { isRefusal, type Server, withoutSecrets } from "../connection.ts";
import { type AbortWord, type JobData, QueueKeys, WIRE_VERSION } from "../job.ts";
import { type AgentStatus, listAgents } from "../registry.ts";
import { JobEvents, type TakeEvent } from "./job_events.ts";

/** So many events are kept: a burst of ten thousand jobs is forty thousand events. */
const MOST_EVENTS = 200_000;
/** So many jobs that are done are kept, whatever their age. */
const MOST_KEPT = 100_000;
/** Milliseconds after which a server that has not answered is not there. */
const SILENCE_MS = 6_000;

/** A job that is to be added. */
export interface NewJob {
  readonly id: string;
  readonly name: string;
  readonly data: JobData;
  readonly priority: number | undefined;
  readonly delay: number;
  /** Milliseconds for which it is kept when it is done. */
  readonly keep: number;
}

/** What is known of a job on the server. */
export type JobState = "missing" | "waiting" | "active" | "done";

/** What a job has come to. */
export interface JobEnd {
  readonly returned: string | undefined;
  readonly failed: string | undefined;
}

/** What is told of the server. */
export interface ClientEars {
  readonly event: TakeEvent;
  /** Jobs can be added: the first time, and after each break. */
  readonly ready: (isFirst: boolean) => void;
  /** No attempt will help any more. */
  readonly broken: (what: string, error: Error) => void;
  /** What a person should know of how the server is set up. */
  readonly advise: (error: Error) => void;
}

/** What is to be made of a server that may lose what it was given. */
export type Durability = "warn" | "require" | "ignore";

/** The executor's way to the server. */
export class QueueClient {
  readonly #server: Server;
  readonly #name: string;
  readonly #durability: Durability;
  readonly #ears: ClientEars;
  readonly #keys: QueueKeys;
  #client: Redis | undefined = undefined;
  #queue: Queue | undefined = undefined;
  #reader: JobEvents | undefined = undefined;
  /** The server's clock, less ours. */
  #skew = 0;
  #isReady = false;
  #isClosed = false;
  /** Why there is no connection, for whoever waits for one. */
  #lastError: Error | undefined = undefined;
  #askedAt: number | undefined = undefined;

  constructor(server: Server, queue: string, durability: Durability, ears: ClientEars) {
    this.#server = server;
    this.#name = queue;
    this.#durability = durability;
    this.#ears = ears;
    this.#keys = new QueueKeys(server.prefix, queue);
  }

  /** Whether jobs can be added now. */
  get isReady(): boolean {
    return this.#isReady && this.#client?.status === "ready";
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** Begins to connect, and goes on until it is closed. */
  async open(): Promise<void> {
    try {
      const { Queue } = await import("bullmq");
      const client = await this.#server.client("futures-submitter", false);
      const events = await this.#server.client("futures-events", false);
      if (this.#isClosed) return;
      this.#client = client;
      for (const one of [client, events]) one.on("error", (error) => this.#failed(error));
      this.#reader = new JobEvents(events, this.#keys.events, this.#ears.event, (error) =>
        this.#failed(error),
      );
      client.on("ready", () => void this.#prepare());
      // Before BullMQ has it: that would connect a client that has not begun to, once, and give up where nobody is there yet.
      client.connect().catch(() => {});
      this.#queue = new Queue(this.#name, {
        connection: client,
        prefix: this.#server.prefix,
        streams: { events: { maxLen: MOST_EVENTS } },
      });
      this.#queue.on("error", (error) => this.#failed(error));
      events.connect().catch(() => {});
    } catch (error) {
      if (!this.#isClosed)
        this.#ears.broken("the queue's packages cannot be loaded", error as Error);
    }
  }

  /**
   * Adds jobs. Those whose id is there already are left as they are.
   *
   * @returns For each what it was refused with, if it was.
   */
  async add(jobs: readonly NewJob[]): Promise<(Error | undefined)[]> {
    const queue = this.#queue as Queue;
    const bulk = jobs.map((job) => this.#asBulk(job));
    try {
      await queue.addBulk(bulk);
      return jobs.map(() => undefined);
    } catch (error) {
      if (jobs.length === 1) return [this.#failed(error)];
      // It tells of the first only, and has added others: each by itself, which does not add twice.
      const refusals: (Error | undefined)[] = [];
      for (const job of jobs) refusals.push(...(await this.add([job])));
      return refusals;
    }
  }

  /** Takes a job out of the queue; false if it runs, or is not there. */
  async remove(id: string): Promise<boolean> {
    return (await (this.#queue as Queue).remove(id)) === 1;
  }

  /** Whether somebody has begun to run a job, now or before. */
  async hasBegun(id: string): Promise<boolean> {
    const starts = await (this.#client as Redis).hget(this.#keys.job(id), "ats");
    return starts !== null && starts !== "0";
  }

  /** Has whoever runs a job give it up. May be lost on the way: to be said again until the job has ended. */
  async abort(id: string, reason: string): Promise<void> {
    const word: AbortWord = { v: WIRE_VERSION, id, reason };
    await this.#client?.publish(this.#keys.aborts, JSON.stringify(word));
  }

  /** Looks where jobs are; undefined of those of which the server has not said. */
  async look(ids: readonly string[]): Promise<(JobState | undefined)[]> {
    const pipeline = (this.#client as Redis).pipeline();
    for (const id of ids)
      pipeline.hmget(this.#keys.job(id), "timestamp", "finishedOn", "processedOn");
    const replies = (await pipeline.exec()) ?? [];
    return ids.map((_, at) => {
      const [error, reply] = replies[at] ?? [new Error("no reply")];
      if (error !== null) return undefined;
      const [timestamp, finished, processed] = reply as (string | null)[];
      if (timestamp === null) return "missing";
      if (finished !== null) return "done";
      return processed === null ? "waiting" : "active";
    });
  }

  /** What a job that is done has come to. */
  async endOf(id: string): Promise<JobEnd> {
    const [returned, failed] = await (this.#client as Redis).hmget(
      this.#keys.job(id),
      "returnvalue",
      "failedReason",
    );
    return { returned: returned ?? undefined, failed: failed ?? undefined };
  }

  /** A result that is too long to stand in its job. */
  async longResult(id: string): Promise<string | undefined> {
    return (await this.#client?.get(this.#keys.result(id))) ?? undefined;
  }

  /** The last event there is. */
  endOfEvents(): Promise<string | undefined> {
    return (this.#client as Redis)
      .xrevrange(this.#keys.events, "+", "-", "COUNT", 1)
      .then(([entry]) => entry?.[0]);
  }

  /** Whether all events up to there were told. */
  hasRead(id: string | undefined): boolean {
    return this.#reader?.hasRead(id) === true;
  }

  /** Begins to read anew if the server has: it knows nothing as late as what was read. */
  rewind(end: string | undefined): void {
    this.#reader?.rewind(end);
  }

  /** Whether events may have been missed since this was asked before. A server that does not answer is left. */
  async hasGap(): Promise<boolean> {
    const now = performance.now();
    // Each by itself: where both are dead, one must not wait for the other.
    this.#reader?.leaveIfSilent();
    if (this.#askedAt !== undefined) {
      if (now - this.#askedAt < SILENCE_MS) return false;
      this.#askedAt = undefined;
      this.#client?.disconnect(true);
      return false;
    }
    this.#askedAt = now;
    try {
      return (await this.#reader?.hasGap(this.#client as Redis)) === true;
    } finally {
      this.#askedAt = undefined;
    }
  }

  async agents(): Promise<AgentStatus[]> {
    return await listAgents(this.#client as Redis, this.#keys);
  }

  /** How many jobs wait, whoever has submitted them; how many have their time yet to come; how many run. */
  async depth(): Promise<{ waiting: number; delayed: number; running: number }> {
    const counts = await (this.#queue as Queue).getJobCounts(
      ...(["wait", "prioritized", "delayed", "active"] as const),
    );
    const { wait = 0, prioritized = 0, delayed = 0, active = 0 } = counts;
    return { waiting: wait + prioritized, delayed, running: active };
  }

  async pause(): Promise<void> {
    await this.#queue?.pause();
  }

  async resume(): Promise<void> {
    await this.#queue?.resume();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#isReady = false;
    this.#reader?.close();
    // It does not wait for commands: whoever closes has nothing to ask any more.
    this.#client?.disconnect();
    // Not within the event that tells of an error: BullMQ's own listener to it comes after ours.
    await Promise.resolve();
    await this.#queue?.close().catch(() => {});
  }

  /** A connection was made. */
  async #prepare(): Promise<void> {
    const isFirst = !this.#isReady;
    try {
      if (isFirst) {
        const client = this.#client as Redis;
        const [seconds, micros] = await client.time();
        this.#skew = Number(seconds) * 1000 + Number(micros) / 1000 - Date.now();
        await this.#assertDurable(client);
        await this.#reader?.start();
      }
      if (this.#isClosed) return;
      this.#isReady = true;
      this.#lastError = undefined;
      this.#ears.ready(isFirst);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Reads how the server is set up, by a command that needs few rights. */
  async #assertDurable(client: Redis): Promise<void> {
    if (this.#durability === "ignore") return;
    const info = await client.info();
    const risks = [
      ...(/^aof_enabled:1/m.test(info)
        ? []
        : ["it has no append-only file, so a restart loses jobs"]),
      ...(/^maxmemory_policy:noeviction/m.test(info)
        ? []
        : ["its maxmemory-policy is not noeviction, so it drops jobs when memory is short"]),
    ];
    if (risks.length === 0) return;
    const error = new Error(
      `The server of queue "${this.#name}" may lose jobs: ${risks.join("; ")}`,
    );
    if (this.#durability === "require") this.#ears.broken("its server may lose jobs", error);
    else this.#ears.advise(error);
  }

  /** Notes an error, and breaks what no other attempt would mend. */
  #failed(error: unknown): Error {
    const clean = withoutSecrets(error);
    if (!this.#isClosed) {
      this.#lastError = clean;
      // Not in the middle of what tells of it: what is broken is closed.
      if (isRefusal(error))
        queueMicrotask(() => this.#ears.broken("the server of the queue refuses us", clean));
    }
    return clean;
  }

  #asBulk({ id, name, data, priority, delay, keep }: NewJob) {
    const kept = { age: Math.ceil(keep / 1000), count: MOST_KEPT };
    return {
      name,
      data,
      opts: {
        jobId: id,
        attempts: 1,
        // What is late is late by the server's clock, whatever ours says.
        timestamp: Math.round(Date.now() + this.#skew),
        removeOnComplete: kept,
        removeOnFail: kept,
        ...(priority === undefined ? {} : { priority }),
        ...(delay > 0 ? { delay } : {}),
      },
    };
  }
}
