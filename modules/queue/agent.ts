// Agent: takes jobs from queues and has a local pool make their calls. What comes of the server is anybody's: it is checked, a
// task is found by its name in a table, and nothing of a job is run here.
//
//   ( server ) ══ job ══▶ [ BullMQ worker ] ──▶ read, check ──▶ [ local pool ] ──▶ outcomes ══▶ ( server )
//        ╰═══ abort ═══▶ [ Agent ] ── cancel({ interrupt }) ──────▶ ╯

import { hostname } from "node:os";
import process from "node:process";
import type { Job, Worker } from "bullmq";
import type { Redis } from "ioredis";
import {
  assertAmount,
  assertCount,
  assertDuration,
  assertFunction,
  assertLimit,
  assertSignal,
  assertString,
  typeName,
} from "../core/checks.ts";
import { TimeoutError, WorkerLostError } from "../core/errors.ts";
import { Executor } from "../core/executor.ts";
import type { Future } from "../core/future.ts";
import { importTasks } from "../core/import_tasks.ts";
import { readOptions } from "../core/options.ts";
import { printError } from "../core/print_error.ts";
import { type RetryOptions, retryLimit } from "../core/retry.ts";
import type { Task, TaskOptions } from "../core/task.ts";
import { whenAborted } from "../core/time/when_aborted.ts";
import { type CodecLimits, decodeText, encodeText, encodeThrown } from "./codec.ts";
import { isRefusal, type QueueConnection, Server, withoutSecrets } from "./connection.ts";
import { defaultPool, RUNTIME } from "./default_pool.ts";
import { PayloadTooLargeError } from "./errors.ts";
import {
  type JobData,
  type JobProgress,
  type JobResult,
  LONG_RESULT,
  QueueKeys,
  readAbortWord,
  readJobData,
  signedText,
  WIRE_VERSION,
  type WireAgent,
  type WireOutcome,
} from "./job.ts";
import { assertQueueName } from "./queue_executor.ts";
import { type AgentStatus, announce, BEAT_MS, forgetGone, withdraw } from "./registry.ts";
import { assertSecret, isSigned, signatureOf } from "./signature.ts";
import { TaskModules, type TaskTable } from "./task_table.ts";
import { encodeResult } from "./wire_values.ts";

const MEBI = 2 ** 20;
/** Milliseconds a job is an agent's own without a word of it. Less loses jobs on a machine that is busy. */
const LOCK_MS = 10_000;
const STALLED_CHECK_MS = 5_000;
const MAX_AGENT_LOSSES = 5;
/** Milliseconds for which `close` lets jobs run that have begun. */
const DRAIN_MS = 10_000;
/** Milliseconds between two words of one call's progress. */
const PROGRESS_MS = 100;
/** Milliseconds a server has to answer before an agent says that there is none. */
const START_MS = 30_000;
/** Milliseconds between attempts after an error of the server. */
const RETRY_MS = 1000;
/** Results that are asked for later are kept for so long, unless the job says otherwise. */
const KEEP_MS = 600_000;
/** Characters of all outcomes of one job together, for each that one may have. */
const MOST_OF_ONE = 16;
/** So many tasks are remembered by what they are asked with. */
const MOST_TASKS = 1000;

/** What an agent serves, and how. */
export interface AgentOptions {
  /** Where the server is. */
  connection: QueueConnection;
  /** The queues it takes jobs from. */
  queues: string | readonly string[];
  /** The modules of tasks it knows, by the names that executors call them. A job can ask for nothing else. */
  tasks: TaskTable;
  /**
   * The local pool that makes the calls: one that is made already, which stays its maker's to end, or a function that makes
   * one, which ends with the agent. Default: a `ProcessPoolExecutor` of this runtime. A task may crash, hang, or use too much
   * memory; a process takes only itself along.
   */
  executor?: Executor | (() => Executor);
  /** How many jobs it takes at once, from each queue. Default: `maxWorkers` of its pool. */
  concurrency?: number;
  /** For people. Default: host and process. */
  name?: string;
  /** Milliseconds after which a job is another agent's whose agent says nothing. Default: 10 000. */
  lock?: number;
  /** Milliseconds between looks for such jobs. Default: 5000. */
  stalledCheck?: number;
  /** How many agents one job may be lost with, however many `retries` it has. Default: 5. */
  maxAgentLosses?: number;
  /** Characters that the arguments of a call, or its result, may take as text. Default: 1 048 576. */
  maxPayload?: number;
  /** Milliseconds between two reports of a call's progress; the last one is always told. Default: 100. */
  progressInterval?: number;
  /** At most so many jobs (`max`) in so many milliseconds (`per`), over all agents. Default: no limit. */
  rateLimit?: { max: number; per: number };
  /** As of `QueueExecutor`: a job that is not signed with it is refused. Default: none. */
  secret?: string;
  /** Takes errors of the server, and of the agent's own. Default: prints them with `console.error`. */
  onError?: (error: unknown) => void;
  /** When it aborts, the agent closes: takes no more jobs, and lets those finish that it has. */
  signal?: AbortSignal;
}

const AGENT_OPTIONS = [
  "connection",
  "queues",
  "tasks",
  "executor",
  "concurrency",
  "name",
  "lock",
  "stalledCheck",
  "maxAgentLosses",
  "maxPayload",
  "progressInterval",
  "rateLimit",
  "secret",
  "onError",
  "signal",
] as const;

/** How to close an agent. */
export interface CloseOptions {
  /** Milliseconds for which jobs may run on that have begun; then they are given up. Default: 10 000. */
  drain?: number;
}

/** Options that are checked and filled in. */
interface Settings {
  readonly server: Server;
  readonly queues: readonly string[];
  readonly tasks: TaskModules;
  readonly executor: Executor;
  readonly ownsExecutor: boolean;
  readonly concurrency: number;
  readonly name: string;
  readonly lock: number;
  readonly stalledCheck: number;
  readonly maxAgentLosses: number;
  readonly limits: CodecLimits;
  readonly secret: string | undefined;
  readonly progressInterval: number;
  readonly rateLimit: { max: number; duration: number } | undefined;
  readonly onError: (error: unknown) => void;
}

/** A job that runs here. */
interface RunningJob {
  readonly futures: Set<Future<unknown>>;
  /** Ends the chunk of a map. */
  readonly abort: AbortController;
  /** It is given up, and nobody waits for what comes of it. */
  isAborted: boolean;
  /** The agent ends before it: that is its outcome. */
  readonly forsake: PromiseWithResolvers<JobResult>;
  readonly lost: () => JobResult | undefined;
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
    void agent.closed.then(stop);
  }
  return agent;
}

/** What takes jobs from queues: `serveQueue` starts one. */
export class Agent implements AsyncDisposable {
  /** Unique among all agents. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly #settings: Settings;
  readonly #client: Redis;
  readonly #subscriber: Redis;
  readonly #workers = new Map<string, Worker>();
  readonly #running = new Map<string, RunningJob>();
  readonly #tasks = new Map<string, Task<unknown[], unknown>>();
  readonly #modules = new Map<string, NamedTasks>();
  readonly #closed = Promise.withResolvers<void>();
  #idle: PromiseWithResolvers<void> | undefined = undefined;
  #beat: ReturnType<typeof setInterval> | undefined = undefined;
  #beats = 0;
  #closing: Promise<void> | undefined = undefined;

  /** @ignore */
  constructor(settings: Settings, client: Redis, subscriber: Redis) {
    this.#settings = settings;
    this.#client = client;
    this.#subscriber = subscriber;
    this.id = crypto.randomUUID();
    this.name = settings.name;
  }

  /** @ignore */
  static async start(settings: Settings): Promise<Agent> {
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
    return this.#running.size;
  }

  /** Resolves when it has closed. */
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
      if (this.#running.size > 0) await this.#drained(drain);
      const isForced = this.#giveUp();
      await Promise.all(workers.map((worker) => worker.close(isForced)));
      for (const queue of this.#workers.keys())
        await withdraw(this.#client, this.#keysOf(queue), this.id).catch(() => {});
    } finally {
      this.#client.disconnect();
      this.#subscriber.disconnect();
      if (this.#settings.ownsExecutor) await this.#settings.executor.terminateWorkers();
      this.#closed.resolve();
    }
  }

  async #drained(ms: number): Promise<void> {
    this.#idle = Promise.withResolvers<void>();
    const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(this.#idle.resolve, ms);
    await this.#idle.promise;
    clearTimeout(timer);
  }

  /**
   * Gives up what runs. What must not run again is told to be lost at once; what may, another agent finds when its lock has
   * run out.
   *
   * @returns Whether there is something that may.
   */
  #giveUp(): boolean {
    let mayRunAgain = false;
    for (const job of this.#running.values()) {
      const lost = job.lost();
      mayRunAgain ||= lost === undefined;
      if (lost !== undefined) job.forsake.resolve(lost);
      abort(job, "the agent ends");
    }
    return mayRunAgain;
  }

  async #serve(queue: string): Promise<void> {
    const { Worker } = await import("bullmq");
    const { server, concurrency, lock, stalledCheck, maxAgentLosses, rateLimit } = this.#settings;
    const worker = new Worker<unknown, JobResult>(queue, (job) => this.#process(queue, job), {
      connection: this.#client,
      prefix: server.prefix,
      name: this.name,
      concurrency,
      lockDuration: lock,
      stalledInterval: stalledCheck,
      maxStalledCount: maxAgentLosses,
      runRetryDelay: RETRY_MS,
      ...(rateLimit === undefined ? {} : { limiter: rateLimit }),
    });
    worker.on("error", (error) => this.#report(error));
    // Another agent may have it by now: what runs here is of no use, and must not go on beside that.
    worker.on("lockRenewalFailed", (ids) => {
      for (const id of ids) abort(this.#running.get(keyOf(queue, id)), "its lock was lost");
    });
    this.#workers.set(queue, worker);
    await worker.waitUntilReady();
  }

  /** Hears which jobs nobody waits for any more. */
  async #listen(): Promise<void> {
    const queues = new Map<string, string>();
    this.#subscriber.on("message", (channel: string, text: string) => {
      const word = readAbortWord(text);
      const queue = queues.get(channel) ?? this.#queueOf(channel);
      if (word === undefined || queue === undefined) return;
      queues.set(channel, queue);
      abort(this.#running.get(keyOf(queue, word.id)), word.reason);
    });
    await this.#subscriber.subscribe(...this.#settings.queues.map((q) => this.#keysOf(q).aborts));
  }

  #queueOf(channel: string): string | undefined {
    for (const queue of this.#workers.keys())
      if (this.#keysOf(queue).aborts === channel) return queue;
    return undefined;
  }

  // One job.

  async #process(queue: string, job: Job<unknown>): Promise<JobResult> {
    const startedAt = performance.now();
    const id = job.id as string;
    let data: JobData;
    try {
      data = readJobData(job.data);
      this.#assertSigned(id, data);
    } catch (error) {
      return this.#result(id, 0, [this.#failure(error)]);
    }
    const lostWith = job.stalledCounter ?? 0;
    if (lostWith > retryLimit(data.r)) return this.#result(id, 0, this.#lostBefore(job.name, data));
    const running: RunningJob = {
      futures: new Set(),
      abort: new AbortController(),
      isAborted: false,
      forsake: Promise.withResolvers<JobResult>(),
      lost: () =>
        lostWith < retryLimit(data.r)
          ? undefined
          : this.#result(id, 0, this.#lostBefore(job.name, data)),
    };
    const key = keyOf(queue, id);
    this.#running.set(key, running);
    try {
      return await Promise.race([
        running.forsake.promise,
        this.#make(queue, job, data, running, lostWith, startedAt),
      ]);
    } finally {
      this.#running.delete(key);
      if (this.#running.size === 0) this.#idle?.resolve();
    }
  }

  async #make(
    queue: string,
    job: Job<unknown>,
    data: JobData,
    running: RunningJob,
    lostWith: number,
    startedAt: number,
  ): Promise<JobResult> {
    const calls = data.a.map((text) => this.#argsOf(text));
    const task = this.#taskOf(job.name, data, lostWith);
    let outcomes: WireOutcome[];
    if (task instanceof Error) outcomes = calls.map(() => this.#failure(task));
    else if (calls.length > 1 && data.o === undefined)
      outcomes = await this.#makeChunk(task, calls, running);
    else
      outcomes = await Promise.all(
        calls.map((args, at) => this.#makeCall(task, args, at, job, data, running)),
      );
    this.#cutToSize(outcomes);
    const ms = performance.now() - startedAt;
    const length = outcomes.reduce((sum, [, text]) => sum + text.length, 0);
    const id = job.id as string;
    if (length <= LONG_RESULT) return this.#result(id, ms, outcomes);
    const { age } = (job.opts.removeOnComplete ?? {}) as { age?: unknown };
    const keep = typeof age === "number" && age >= 1 ? age * 1000 : KEEP_MS;
    const text = JSON.stringify(outcomes);
    await this.#client.set(this.#keysOf(queue).result(id), text, "PX", Math.ceil(keep));
    return { v: WIRE_VERSION, w: this.#wire, ms, ...this.#signature(id, text) };
  }

  #argsOf(text: string): unknown[] | Spoilt {
    try {
      return decodeText(text, this.#settings.limits);
    } catch (error) {
      return new Spoilt(this.#failure(error));
    }
  }

  /** Finds the task by its name in the table, or says why there is none. */
  #taskOf(
    name: string,
    { m, e, t, r }: JobData,
    lostWith: number,
  ): Task<unknown[], unknown> | Error {
    const address = this.#settings.tasks.addressOf(m);
    if (address === undefined)
      return new TypeError(`Cannot run task "${e}": this agent knows no module "${m}"`);
    const retries = lostWith > 0 ? lessRetries(r, lostWith) : r;
    const key = JSON.stringify([m, e, t, retries, name]);
    let task = this.#tasks.get(key);
    if (task !== undefined) return task;
    let module = this.#modules.get(m);
    if (module === undefined) {
      module = importTasks(address) as unknown as NamedTasks;
      this.#modules.set(m, module);
    }
    const options: TaskOptions<unknown[]> = {
      ...(name === e ? {} : { name }),
      ...(t === undefined ? {} : { timeout: t }),
      ...(retries === undefined ? {} : { retries }),
    };
    try {
      task = module.$(e).with(options);
    } catch (error) {
      return error instanceof Error ? error : new TypeError(`Cannot run task "${e}"`);
    }
    if (this.#tasks.size >= MOST_TASKS) this.#tasks.clear();
    this.#tasks.set(key, task);
    return task;
  }

  async #makeCall(
    task: Task<unknown[], unknown>,
    args: unknown[] | Spoilt,
    at: number,
    job: Job<unknown>,
    data: JobData,
    running: RunningJob,
  ): Promise<WireOutcome> {
    if (args instanceof Spoilt) return args.outcome;
    const { executor, progressInterval } = this.#settings;
    let future: Future<unknown>;
    try {
      future = executor.submit(task, ...args);
    } catch (error) {
      return this.#failure(error);
    }
    running.futures.add(future);
    if (running.isAborted) future.cancel({ interrupt: true });
    const words = new ProgressWords(progressInterval, (word) =>
      job.updateProgress({ v: WIRE_VERSION, at, ...word } satisfies JobProgress),
    );
    const watch = future.onProgress(({ fraction, detail }) =>
      words.say({ fraction, ...(detail === undefined ? {} : { detail: this.#detail(detail) }) }),
    );
    if (data.o !== undefined) words.tell({ w: this.#wire });
    try {
      const outcome = await this.#outcomeOf(task, future);
      await words.end();
      return outcome;
    } finally {
      watch[Symbol.dispose]();
    }
  }

  async #makeChunk(
    task: Task<unknown[], unknown>,
    calls: readonly (unknown[] | Spoilt)[],
    running: RunningJob,
  ): Promise<WireOutcome[]> {
    const outcomes = calls.map((args) => (args instanceof Spoilt ? args.outcome : undefined));
    const places = calls.flatMap((args, at) => (args instanceof Spoilt ? [] : [at]));
    const lists = calls.filter((args) => !(args instanceof Spoilt)) as unknown[][];
    const { signal } = running.abort;
    const name = task.options.name ?? task.source.export;
    try {
      const results = this.#settings.executor.starmap(task, lists, { entries: true, signal });
      for await (const { index, outcome } of results) {
        const at = places[index] as number;
        outcomes[at] =
          outcome.status === "fulfilled"
            ? await this.#success(name, outcome.value)
            : this.#failure(outcome.reason);
      }
    } catch (error) {
      // The whole of it has ended: it was given up, or the pool is broken.
      const outcome: WireOutcome = running.isAborted ? [2, ""] : this.#failure(error);
      return outcomes.map((known) => known ?? outcome);
    }
    return outcomes.map((known) => known ?? [2, ""]);
  }

  async #outcomeOf(task: Task<unknown[], unknown>, future: Future<unknown>): Promise<WireOutcome> {
    try {
      const value = await future.result();
      return await this.#success(task.options.name ?? task.source.export, value);
    } catch (error) {
      if (future.cancelled()) return [2, ""];
      return this.#failure(error);
    }
  }

  async #success(name: string, value: unknown): Promise<WireOutcome> {
    try {
      return [0, await encodeResult(name, value, this.#settings.limits)];
    } catch (error) {
      return this.#failure(error);
    }
  }

  #failure(error: unknown): WireOutcome {
    return [1, encodeThrown(error, this.#settings.limits)];
  }

  #detail(detail: unknown): string {
    try {
      const text = encodeText([detail], this.#settings.limits);
      if (typeof text === "string") return text;
      text.catch(() => {});
    } catch {
      // Told without it.
    }
    return "";
  }

  #lostBefore(name: string, data: JobData): WireOutcome[] {
    return data.a.map(() =>
      this.#failure(
        new WorkerLostError(
          { workerId: -1, taskName: name },
          { cause: new Error("Its agent was lost") },
        ),
      ),
    );
  }

  /** All outcomes of a chunk together are bounded, too. */
  #cutToSize(outcomes: WireOutcome[]): void {
    let left = MOST_OF_ONE * this.#settings.limits.maxLength;
    for (const [at, [, text]] of outcomes.entries()) {
      left -= text.length;
      if (left >= 0) continue;
      outcomes[at] = this.#failure(
        new PayloadTooLargeError("Cannot return: the results of its chunk are too large together"),
      );
    }
  }

  get #wire(): WireAgent {
    return { id: this.id, name: this.name };
  }

  #result(id: string, ms: number, c: readonly WireOutcome[]): JobResult {
    const signature = this.#settings.secret && this.#signature(id, JSON.stringify(c));
    return { v: WIRE_VERSION, w: this.#wire, ms, c, ...(signature || {}) };
  }

  #signature(jobId: string, text: string): { s?: string } {
    const { secret } = this.#settings;
    return secret === undefined ? {} : { s: signatureOf(text, { secret, jobId, of: "result" }) };
  }

  #assertSigned(jobId: string, data: JobData): void {
    const { secret } = this.#settings;
    if (secret === undefined) return;
    if (!isSigned(signedText(data), data.s, { secret, jobId, of: "job" }))
      throw new TypeError("Cannot run job: it is not signed with the secret of this agent");
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
      running: this.#running.size,
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

/** The tasks of one module. */
interface NamedTasks {
  /** The task of this path, which leads to nothing but what the module exports. */
  $(path: string): Task<unknown[], unknown>;
}

/** In the place of arguments that cannot be read: what comes of their call. */
class Spoilt {
  readonly outcome: WireOutcome;

  constructor(outcome: WireOutcome) {
    this.outcome = outcome;
  }
}

/** The reports of one call, not too many of them, and the last one always. */
class ProgressWords {
  readonly #interval: number;
  readonly #send: (word: Omit<JobProgress, "v" | "at">) => Promise<void>;
  #next: Omit<JobProgress, "v" | "at"> | undefined = undefined;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #sent: Promise<void> = Promise.resolve();
  #last = Number.NEGATIVE_INFINITY;

  constructor(interval: number, send: (word: Omit<JobProgress, "v" | "at">) => Promise<void>) {
    this.#interval = interval;
    this.#send = send;
  }

  /** Now or a little later, if nothing newer comes. */
  say(word: Omit<JobProgress, "v" | "at">): void {
    if (this.#interval === 0) {
      this.tell(word);
      return;
    }
    this.#next = word;
    if (this.#timer !== undefined) return;
    const wait = this.#last + this.#interval - performance.now();
    if (wait <= 0) this.#flush();
    else this.#timer = setTimeout(() => this.#flush(), wait);
  }

  tell(word: Omit<JobProgress, "v" | "at">): void {
    // A job that is gone has no progress.
    const sent = this.#send(word).catch(() => {});
    this.#sent = this.#sent.then(() => sent);
  }

  /** Resolves when all is told. */
  async end(): Promise<void> {
    this.#flush();
    await this.#sent;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#next === undefined) return;
    this.#last = performance.now();
    this.tell(this.#next);
    this.#next = undefined;
  }
}

function abort(job: RunningJob | undefined, reason: string): void {
  if (job === undefined || job.isAborted) return;
  job.isAborted = true;
  job.abort.abort(reason);
  for (const future of job.futures) future.cancel({ interrupt: true, reason });
}

function lessRetries(
  retries: number | RetryOptions | undefined,
  used: number,
): number | RetryOptions | undefined {
  if (typeof retries === "object") return { ...retries, limit: Math.max(0, retries.limit - used) };
  return retries === undefined ? undefined : Math.max(0, retries - used);
}

function keyOf(queue: string, id: string): string {
  return `${queue}:${id}`;
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

async function readSettings(options: AgentOptions): Promise<Settings> {
  const queues = typeof options.queues === "string" ? [options.queues] : options.queues;
  if (!Array.isArray(queues) || queues.length === 0)
    throw new TypeError("Cannot use queues: expected the name of a queue, or a list of names");
  for (const queue of queues) assertQueueName(queue);
  const { name, lock = LOCK_MS, stalledCheck = STALLED_CHECK_MS } = options;
  const { maxAgentLosses = MAX_AGENT_LOSSES, maxPayload = MEBI } = options;
  const { progressInterval = PROGRESS_MS, rateLimit, onError } = options;
  if (name !== undefined) assertString(name, "name");
  assertAmount(lock, "lock", "milliseconds");
  assertAmount(stalledCheck, "stalledCheck", "milliseconds");
  assertLimit(maxAgentLosses, "maxAgentLosses", 0);
  assertLimit(maxPayload, "maxPayload", 1);
  assertDuration(progressInterval, "progressInterval");
  if (onError !== undefined) assertFunction(onError, "onError");
  if (options.secret !== undefined) assertSecret(options.secret);
  const rate = rateLimit && readOptions(rateLimit, ["max", "per"], "use rateLimit");
  if (rate !== undefined) {
    assertLimit(rate.max, "rateLimit.max", 1);
    assertLimit(rate.per, "rateLimit.per", 1);
  }
  const server = new Server(options.connection);
  const tasks = new TaskModules(options.tasks);
  const { executor: given, concurrency: wanted } = options;
  if (wanted !== undefined) assertCount(wanted, "concurrency", 1);
  const ownsExecutor = !isExecutor(given);
  const executor = isExecutor(given) ? given : await makePool(given);
  const concurrency = wanted ?? slotsOf(executor);
  return {
    server,
    queues: [...new Set(queues as string[])],
    tasks,
    executor,
    ownsExecutor,
    concurrency,
    name: (name ?? `${hostname()}-${process.pid}`).slice(0, 200) || "agent",
    lock,
    stalledCheck,
    maxAgentLosses,
    limits: { maxLength: maxPayload },
    secret: options.secret,
    progressInterval,
    rateLimit: rate && { max: rate.max, duration: rate.per },
    onError: onError ?? ((error) => printError("Error of an agent:", error)),
  };
}

async function makePool(given: (() => Executor) | undefined): Promise<Executor> {
  if (given === undefined) return await defaultPool();
  assertFunction(given, "executor");
  const executor = given();
  if (!isExecutor(executor))
    throw new TypeError(`Cannot use executor: expected one, got ${typeName(executor)}`);
  return executor;
}

/** By its shape: it may be of another copy of this library. */
function isExecutor(value: unknown): value is Executor {
  if (value instanceof Executor) return true;
  const { submit, starmap } = (value ?? {}) as Partial<Executor>;
  return typeof value === "object" && typeof submit === "function" && typeof starmap === "function";
}

function slotsOf(executor: Executor): number {
  const { maxWorkers } = executor as { maxWorkers?: unknown };
  return typeof maxWorkers === "number" ? maxWorkers : 1;
}
