// Agent: takes jobs from queues and has a local pool make their calls. What comes of the server is anybody's: it is checked, a
// task is found by its name in a table, and nothing of a job is run here.
//
//   ( server ) ══ job ══▶ [ BullMQ worker ] ──▶ read, check ──▶ [ local pool ] ──▶ outcomes ══▶ ( server )
//        ╰═══ abort ═══▶ [ Agent ] ── cancel({ interrupt }) ──────▶ ╯

import { hostname } from "node:os";
import type { Worker } from "bullmq";
import type { Redis } from "ioredis";
import { assertDuration, assertSignal } from "../core/checks.ts";
import { TimeoutError } from "../core/errors.ts";
import { readOptions } from "../core/options.ts";
import { printError } from "../core/print_error.ts";
import { whenAborted } from "../core/time/when_aborted.ts";
import { isRefusal, withoutSecrets } from "./connection.ts";
import { type JobResult, QueueKeys, readAbortWord } from "./job.ts";
import { assertQueueName } from "./queue_name.ts";
import { type AgentStatus, announce, BEAT_MS, forgetGone, withdraw } from "./registry.ts";
import {
  AGENT_OPTIONS,
  type AgentOptions,
  type AgentSettings,
  readSettings,
} from "./serving/agent_options.ts";
import { RUNTIME } from "./serving/default_pool.ts";
import { JobRunner } from "./serving/job_runner.ts";
import { lookForStalled } from "./serving/stalled_looks.ts";

/** Milliseconds for which `close` lets jobs run that have begun. */
const DRAIN_MS = 10_000;
/** Milliseconds a server has to answer before an agent says that there is none. */
const START_MS = 30_000;
/** Milliseconds between attempts after an error of the server. */
const RETRY_MS = 1000;

/** Locks are extended so many times before they run out: an agent may be late for most of that time. */
const RENEWALS = 6;

/** How to close an agent. */
export interface CloseOptions {
  /** Milliseconds for which jobs may run on that have begun; then they are given up. Default: 10 000. */
  drain?: number;
}

/**
 * Takes jobs from queues and has a local pool run them, until it is closed.
 *
 * A job's task is looked up in `tasks` and nowhere else, and its code runs in the pool's workers, never in the agent.
 *
 * @example Serve a queue until SIGTERM
 * ```ts ignore
 * import process from "node:process";
 * import { serveQueue } from "@concurrent/futures/queue";
 *
 * const agent = await serveQueue({
 *   connection: { url: "redis://127.0.0.1:6379" },
 *   queues: "images",
 *   tasks: { jobs: new URL("./jobs.ts", import.meta.url) },
 * });
 * process.once("SIGTERM", () => void agent.close({ drain: 20_000 }));
 * await agent.closed;
 * ```
 *
 * @returns The agent, once it takes jobs.
 * @throws {TypeError} For an option of the wrong type.
 * @throws {RangeError} For an option out of its range.
 * @throws {TimeoutError} When the server does not answer within 30 seconds.
 */
export async function serveQueue(given: AgentOptions): Promise<Agent> {
  const options = readOptions(given, AGENT_OPTIONS, "serve queue");
  if (options.signal !== undefined) assertSignal(options.signal);
  const agent = await Agent.start(await readSettings(options));
  const { signal } = options;
  if (signal !== undefined) {
    const stop = whenAborted(signal, () => void agent.close());
    void agent.closed.then(stop, stop);
  }
  return agent;
}

/** What takes jobs from queues: `serveQueue` starts one. */
export class Agent implements AsyncDisposable {
  /** Unique among all agents. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly #settings: AgentSettings;
  readonly #client: Redis;
  readonly #subscriber: Redis;
  readonly #workers = new Map<string, Worker>();
  readonly #runner: JobRunner;
  readonly #closed = Promise.withResolvers<void>();
  #beat: ReturnType<typeof setInterval> | undefined = undefined;
  #beats = 0;
  /** What broke its pool. */
  #error: unknown = undefined;
  #closing: Promise<void> | undefined = undefined;

  /** @ignore */
  constructor(settings: AgentSettings, client: Redis, subscriber: Redis) {
    this.#settings = settings;
    this.#client = client;
    this.#subscriber = subscriber;
    this.id = crypto.randomUUID();
    this.name = settings.name;
    const broken = (error: unknown) => {
      this.#error ??= error;
      void this.close();
    };
    this.#runner = new JobRunner({ id: this.id, name: this.name }, settings, client, broken);
    this.#closed.promise.catch(() => {});
  }

  /** @ignore */
  static async start(settings: AgentSettings): Promise<Agent> {
    const { server, onError } = settings;
    const client = await server.client("futures-agent", true);
    const subscriber = await server.client("futures-aborts", true);
    const agent = new Agent(settings, client, subscriber);
    for (const one of [client, subscriber]) one.on("error", (error) => agent.#report(error));
    try {
      await connected(client, server.address);
      await connected(subscriber, server.address);
      await agent.#listen();
      for (const queue of settings.queues) await agent.#serve(queue);
      await agent.#announce();
    } catch (error) {
      await agent.close({ drain: 0 }).catch(onError);
      throw error;
    }
    return agent;
  }

  /** How many jobs it runs. */
  get running(): number {
    return this.#runner.running;
  }

  /**
   * Resolves when it has closed. Rejects if it did so because its pool is broken, for instance as no worker could be started: what
   * it had not begun is back in its queue.
   */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * Serves one more queue.
   *
   * @returns Resolves when it takes jobs from it.
   */
  async add(queue: string): Promise<void> {
    assertQueueName(queue);
    if (this.#workers.has(queue) || this.#closing !== undefined) return;
    await this.#serve(queue);
    await this.#subscriber.subscribe(this.#keysOf(queue).aborts);
    await this.#announce();
  }

  /**
   * Serves a queue no more, and lets its jobs finish that have begun.
   *
   * @returns Resolves when they have.
   */
  async remove(queue: string): Promise<void> {
    const worker = this.#workers.get(queue);
    if (worker === undefined) return;
    this.#workers.delete(queue);
    await worker.close();
    await this.#subscriber.unsubscribe(this.#keysOf(queue).aborts);
    await withdraw(this.#client, this.#keysOf(queue), this.id);
  }

  /**
   * Takes no more jobs, lets those finish that have begun, gives up what has not after `drain`, and lets go of the server.
   *
   * What is given up was lost with this agent: it runs again elsewhere if its task has `retries`, and fails with
   * `WorkerLostError` else. Calling it twice is harmless.
   *
   * @returns Resolves when all is over.
   */
  close(given?: CloseOptions): Promise<void> {
    this.#closing ??= this.#close(readOptions(given, ["drain"], "close agent"));
    return this.#closing;
  }

  /** Closes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close({ drain = DRAIN_MS }: CloseOptions): Promise<void> {
    assertDuration(drain, "drain");
    clearInterval(this.#beat);
    const workers = [...this.#workers.values()];
    try {
      await Promise.all(workers.map((worker) => worker.pause(true)));
      if (this.#workers.size > 0) await this.#tell().catch(() => {});
      await this.#runner.drained(drain);
      const isForced = this.#runner.giveUp();
      await Promise.all(workers.map((worker) => worker.close(isForced)));
      for (const queue of this.#workers.keys())
        await withdraw(this.#client, this.#keysOf(queue), this.id).catch(() => {});
    } finally {
      this.#client.disconnect();
      this.#subscriber.disconnect();
      if (this.#settings.ownsExecutor) await this.#settings.executor.terminateWorkers();
      if (this.#error === undefined) this.#closed.resolve();
      else this.#closed.reject(this.#error);
    }
  }

  async #serve(queue: string): Promise<void> {
    const { Worker } = await import("bullmq");
    const { server, concurrency, lock, stalledCheck, maxAgentLosses, rateLimit } = this.#settings;
    const worker = new Worker<unknown, JobResult>(
      queue,
      (job) => this.#runner.process(queue, job),
      {
        connection: this.#client,
        prefix: server.prefix,
        name: this.name,
        concurrency,
        lockDuration: lock,
        lockRenewTime: lock / RENEWALS,
        stalledInterval: stalledCheck,
        skipStalledCheck: true,
        maxStalledCount: maxAgentLosses,
        runRetryDelay: RETRY_MS,
        ...(rateLimit === undefined ? {} : { limiter: rateLimit }),
      },
    );
    worker.on("error", (error) => this.#report(error));
    worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) void this.#runner.lockRanOut(queue, id);
    });
    this.#workers.set(queue, worker);
    await worker.waitUntilReady();
    lookForStalled(worker, this.#client, {
      every: stalledCheck,
      late: lock / RENEWALS,
      failed: (error) => this.#report(error),
    });
  }

  /** Hears which jobs nobody waits for any more. */
  async #listen(): Promise<void> {
    const queues = new Map<string, string>();
    this.#subscriber.on("message", (channel: string, text: string) => {
      const word = readAbortWord(text);
      const queue = queues.get(channel) ?? this.#queueOf(channel);
      if (word === undefined || queue === undefined) return;
      queues.set(channel, queue);
      this.#runner.abort(queue, word.id, word.reason);
    });
    await this.#subscriber.subscribe(...this.#settings.queues.map((q) => this.#keysOf(q).aborts));
  }

  #queueOf(channel: string): string | undefined {
    for (const queue of this.#workers.keys())
      if (this.#keysOf(queue).aborts === channel) return queue;
    return undefined;
  }

  // What it tells of itself.

  async #announce(): Promise<void> {
    await this.#tell();
    if (this.#beat !== undefined) return;
    this.#beat = setInterval(() => {
      void this.#tell().catch((error) => this.#report(error));
      // Who only listens does not notice that nobody is there to be heard.
      void this.#subscriber.ping().catch(() => {});
    }, BEAT_MS);
  }

  async #tell(): Promise<void> {
    const isTurn = this.#beats++ % 12 === 0;
    for (const queue of this.#workers.keys()) {
      const keys = this.#keysOf(queue);
      await announce(this.#client, keys, this.#status);
      await this.#runner.refresh(queue);
      if (isTurn) await forgetGone(this.#client, keys);
    }
  }

  get #status(): AgentStatus {
    const { executor, concurrency, tasks } = this.#settings;
    return {
      id: this.id,
      name: this.name,
      host: hostname(),
      runtime: RUNTIME,
      pool: executor.constructor.name,
      concurrency,
      running: this.running,
      tasks: tasks.names,
      draining: this.#closing !== undefined,
    };
  }

  #keysOf(queue: string): QueueKeys {
    return new QueueKeys(this.#settings.server.prefix, queue);
  }

  #report(error: unknown): void {
    if (this.#closing !== undefined) return;
    try {
      this.#settings.onError(withoutSecrets(error));
    } catch (thrown) {
      printError("Uncaught error in onError of an agent:", thrown);
    }
  }
}

/** Resolves when a client is connected; rejects if the server refuses us, or says nothing for long. */
async function connected(client: Redis, address: string): Promise<void> {
  let last: unknown;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const onError = (error: unknown) => {
    last = error;
    if (isRefusal(error)) reject(withoutSecrets(error));
  };
  client.on("error", onError);
  client.once("ready", resolve);
  const timer = setTimeout(() => {
    const cause = last === undefined ? undefined : withoutSecrets(last);
    reject(new TimeoutError(`Cannot serve queue: no server answers at ${address}`, { cause }));
  }, START_MS);
  client.connect().catch(() => {});
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    client.off("error", onError);
  }
}
