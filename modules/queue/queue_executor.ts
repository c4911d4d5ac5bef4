// QueueExecutor: the executor whose tasks are run by agents on other machines. It reads options, names tasks, and asks its
// ledger and its engine for everything else.

import { createHash } from "node:crypto";
import { type CallTracer, follow, TRACE_CALLS, tracedAlready } from "../core/call_tracer.ts";
import {
  assertBoolean,
  assertCount,
  assertDuration,
  assertFunction,
  assertLimit,
  assertString,
  typeName,
} from "../core/checks.ts";
import { withCode } from "../core/errors.ts";
import type { TaskEvent } from "../core/events.ts";
import {
  Executor,
  type ExecutorOptions,
  type ExecutorStats,
  type MapOptions,
  type Mapped,
  type MapResults,
  type ShutdownOptions,
} from "../core/executor.ts";
import type { Future } from "../core/future.ts";
import { readOptions } from "../core/options.ts";
import { isTask, type Task, type Yields } from "../core/task.ts";
import type { TaskStream } from "../core/task_stream.ts";
import { KnownTasks } from "../core/work/known_tasks.ts";
import { layersOf } from "../core/work/layers.ts";
import { assertMapOptions, MapWork } from "../core/work/map_work.ts";
import { SingleWork } from "../core/work/single_work.ts";
import { type NamedTask, Profile, Terms } from "../core/work/work.ts";
import { type QueueConnection, Server } from "./connection.ts";
import type { Durability } from "./engine/queue_client.ts";
import { QueueEngine } from "./engine/queue_engine.ts";
import type { QueueStats } from "./engine/queue_stats.ts";
import { assertTerms } from "./engine/queue_terms.ts";
import { QueueFuture, Ticket, ticketOf } from "./queue_future.ts";
import { assertQueueName } from "./queue_name.ts";
import type { AgentStatus } from "./registry.ts";
import { assertSecret } from "./signature.ts";
import { TaskModules, type TaskTable } from "./task_table.ts";

const MEBI = 2 ** 20;
const KEEP_RESULTS_MS = 600_000;
const SUBMIT_TIMEOUT_MS = 30_000;

/** Where the tasks of an executor go, and on which terms. */
export interface QueueExecutorOptions {
  /** Where the server is. */
  connection: QueueConnection;
  /** The queue's name: agents serve it by that. Letters, digits, `.`, `_`, `-` and `@`. */
  queue: string;
  /** The modules of all tasks, by the names that agents know them by. */
  tasks: TaskTable;
  /** For people. Default: the class's name and a number. */
  name?: string;
  /** How many tasks may be submitted and not done; `submit` throws `QueueFullError` beyond. Default: no limit. */
  maxQueue?: number;
  /** Takes errors that belong to no caller. Default: prints them with `console.error`. */
  onError?: ExecutorOptions["onError"];
  /** Characters that the arguments of a call, or its result, may take as text; else `PayloadTooLargeError`. Default: 1 048 576. */
  maxPayload?: number;
  /** Milliseconds for which the server keeps an outcome at least, for `get`: it keeps all of a queue for as long as any. Default: 600 000. */
  keepResults?: number;
  /** Milliseconds after which a task fails with `TimeoutError` that the server has not taken. Infinity waits. Default: 30 000. */
  submitTimeout?: number;
  /**
   * What to do if the server may lose jobs, as it has no append-only file, or drops keys when memory is short: tell `onError`,
   * break the executor, or nothing. Default: "warn".
   */
  durability?: Durability;
  /**
   * Whether tasks have priorities. All that submit to one queue must agree; without them the server has about a tenth less to
   * do, and a task with a `priority` is refused. Default: true.
   */
  priorities?: boolean;
  /**
   * Known to all submitters and agents of the queue and to nobody else, at least 16 letters: jobs and results are signed with
   * it, and what is not is refused. So whoever else can write to the server can neither have a task run nor forge its outcome.
   * It hides nothing. Default: none.
   */
  secret?: string;
}

const OPTIONS = [
  "connection",
  "queue",
  "tasks",
  "name",
  "maxQueue",
  "onError",
  "maxPayload",
  "keepResults",
  "submitTimeout",
  "durability",
  "priorities",
  "secret",
] as const;

/** When a task is to run, and what is remembered of it. */
export interface ScheduleOptions {
  /** Milliseconds before it may run. Default: 0. */
  delay?: number;
  /** The time before which it must not run, in place of `delay`. */
  at?: Date;
  /**
   * Names what is done: whoever schedules with a key that the queue has already gets the outcome of that job, and adds none.
   * A key is known for as long as its job waits or runs, and then for `keepResult`.
   */
  key?: string;
  /** Milliseconds for which the server keeps the outcome at least. Default: the executor's `keepResults`. */
  keepResult?: number;
}

const SCHEDULE_OPTIONS = ["delay", "at", "key", "keepResult"] as const;
const MAP_OPTIONS = ["chunkSize", "bufferSize", "timeout", "ordered", "entries", "signal"] as const;
const SHUTDOWN_OPTIONS = ["wait", "cancelFutures", "timeout"] as const;

/** A job that was added by somebody else: nothing is known of its task. */
const UNKNOWN_TASK: NamedTask = {
  source: { module: "", export: "job" },
  options: Object.freeze({}),
};

let constructed = 0;

/** What runs the calls of an executor: for tests. */
export let engineOf: (executor: QueueExecutor) => QueueEngine;

/**
 * Runs tasks on other machines: hands them to a queue on a Redis or Valkey server, from which agents take them
 * (`serveQueue`, or `futures agent`).
 *
 * It has the face of every executor, and its futures are done exactly once. A task runs at most once; one with `retries` at
 * least once, if its agent is lost. What is different: `cancel()` cannot know whether a task that was sent has begun, and
 * answers false (`revoke` asks the queue); tasks outlive their program, whose next one asks for their outcome by `get`; nothing
 * can be streamed, and no locks or channels be shared.
 *
 * Nothing is connected before the first task.
 *
 * @example Tasks by a table of modules
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { QueueExecutor } from "@concurrent/futures/queue";
 *
 * const tasks = { jobs: new URL("./jobs.ts", import.meta.url) };
 * const jobs = importTasks<{ double(n: number): number }>(tasks.jobs);
 * const executor = new QueueExecutor({
 *   connection: { url: "redis://127.0.0.1:6379" },
 *   queue: "numbers",
 *   tasks,
 * });
 * assert.equal(executor.stats().workers, 0);
 * assert.throws(() => executor.submit(Math.max as never), TypeError);
 * assert(executor.submit(jobs.double, 21).cancel());
 * await executor.shutdown();
 * ```
 */
export class QueueExecutor extends Executor {
  static {
    engineOf = (executor) => executor.#engine;
  }

  /** For people. */
  readonly name: string;
  /** The queue's name. */
  readonly queue: string;
  readonly #engine: QueueEngine;
  readonly #known = new KnownTasks();
  readonly #tasks: TaskModules;
  readonly #priorities: boolean;
  #tracer: CallTracer | undefined = undefined;

  /**
   * Creates an executor; nothing is connected yet.
   *
   * @throws {TypeError} For an option of the wrong type.
   * @throws {RangeError} For an option out of its range, and for a password that would travel unencrypted to another machine.
   */
  constructor(given: QueueExecutorOptions) {
    super();
    const options = readOptions(given, OPTIONS, `create ${new.target.name}`);
    const { name, onError, queue, priorities = true, durability = "warn" } = options;
    const { maxQueue = Number.POSITIVE_INFINITY, maxPayload = MEBI } = options;
    const { keepResults = KEEP_RESULTS_MS, submitTimeout = SUBMIT_TIMEOUT_MS } = options;
    if (name !== undefined) assertString(name, "name");
    if (onError !== undefined) assertFunction(onError, "onError");
    assertQueueName(queue);
    assertCount(maxQueue, "maxQueue", 0);
    assertLimit(maxPayload, "maxPayload", 1);
    assertLimit(keepResults, "keepResults", 0);
    assertDuration(submitTimeout, "submitTimeout");
    assertBoolean(priorities, "priorities");
    if (options.secret !== undefined) assertSecret(options.secret);
    if (!["warn", "require", "ignore"].includes(durability))
      throw new TypeError(`Cannot use durability: expected "warn", "require" or "ignore"`);
    this.name = name ?? `${new.target.name}-${constructed++}`;
    this.queue = queue;
    this.#tasks = new TaskModules(options.tasks);
    this.#priorities = priorities;
    this.#engine = new QueueEngine({
      name: this.name,
      maxQueue,
      onError,
      server: new Server(options.connection),
      queue,
      tasks: this.#tasks,
      maxPayload,
      keepResults,
      submitTimeout,
      durability,
      priorities,
      secret: options.secret,
    });
  }

  /**
   * Submits a call of `task`: see `Executor.submit`. It is sent at the end of this turn of the event loop.
   *
   * @throws {RangeError} For a `priority` that is no whole number within ±999 999.
   */
  override submit<A extends unknown[], R>(task: Task<A, R>, ...args: A): QueueFuture<Awaited<R>> {
    const ticket = new Ticket(crypto.randomUUID());
    return this.#submit(task, args, ticket, "submit task") as QueueFuture<Awaited<R>>;
  }

  /**
   * The same at a time, or under a key.
   *
   * A delay is kept by the server's clock, whatever this machine's says; the agents' clocks should agree with it.
   *
   * @throws {TypeError} For an option of the wrong type, or `delay` together with `at`.
   * @throws {RangeError} For an option out of its range.
   */
  schedule<A extends unknown[], R>(
    given: ScheduleOptions,
    task: Task<A, R>,
    ...args: A
  ): QueueFuture<Awaited<R>> {
    const options = readOptions(given, SCHEDULE_OPTIONS, "schedule task");
    const { key, keepResult } = options;
    if (keepResult !== undefined) assertLimit(keepResult, "keepResult", 0);
    const delay = readDelay(options);
    const id = key === undefined ? crypto.randomUUID() : idOfKey(key);
    const ticket = new Ticket(id, delay, keepResult, key !== undefined);
    return this.#submit(task, args, ticket, "schedule task") as QueueFuture<Awaited<R>>;
  }

  /**
   * The future of a job that was submitted before, by this program or another one.
   *
   * @returns Settles with the job's outcome; with `JobLostError` if the queue does not have it, or not any more.
   * @throws {TypeError} For what is no job's name.
   */
  get<R = unknown>(jobId: string): QueueFuture<R> {
    if (typeof jobId !== "string" || !/^[\w-]{1,100}$/.test(jobId))
      throw new TypeError("Cannot get future: expected the jobId of one");
    const { ledger } = this.#engine;
    ledger.assertOpen("get future");
    const ticket = new Ticket(jobId);
    ticket.accept();
    // Terms of its own: how long unknown tasks take says nothing.
    const { source, options } = UNKNOWN_TASK;
    const terms = new Terms(source, options, new Profile());
    ledger.admit();
    const work = new SingleWork(
      ledger,
      terms,
      ledger.nextId(),
      [],
      undefined,
      undefined,
      (control) => new QueueFuture(control, ticket),
    );
    // An observer may have cancelled it in the moment it was made.
    if (work.waiting > 0) this.#engine.attach(work, jobId);
    return work.future as QueueFuture<R>;
  }

  /**
   * Asks the queue to give a task back that has not begun. If it does, its future is cancelled.
   *
   * @returns True if the task's code has never started, and never will.
   * @throws {TypeError} For what is no future of a queue.
   */
  async revoke(future: Future<unknown>): Promise<boolean> {
    const ticket = ticketOf(future);
    if (ticket === undefined)
      throw new TypeError(`Cannot revoke: expected a future of a queue, got ${typeName(future)}`);
    if (future.cancel()) return true;
    if (future.done()) return false;
    try {
      await ticket.accepted;
    } catch {
      return future.cancelled();
    }
    return await this.#engine.revoke(ticket);
  }

  /** Calls `task` with each element of `items`: see `Executor.map`. Several elements are one job. */
  override map<T, R, Entries extends boolean = false>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, T, Awaited<R>>> {
    return this.#map(task, items, false, options);
  }

  /** Calls `task` with the arguments each element lists: see `Executor.starmap`. */
  override starmap<A extends unknown[], R, Entries extends boolean = false>(
    task: Task<A, R>,
    items: Iterable<A> | AsyncIterable<A>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, A, Awaited<R>>> {
    return this.#map(task, items, true, options);
  }

  /** Not over a queue: it carries outcomes, and no items on their way. */
  override stream<A extends unknown[], R, I>(
    task: Task<A, R, Yields<I>>,
    ...args: A
  ): TaskStream<I, R>;
  /** Nor of a task that returns what can be iterated. */
  override stream<A extends unknown[], I>(
    task: Task<A, AsyncIterable<I>>,
    ...args: A
  ): TaskStream<I, unknown>;
  override stream(): TaskStream<never, never> {
    throw new TypeError(
      "Cannot stream task: a queue carries outcomes only; let the task return all its items, or use a local pool",
    );
  }

  /**
   * Takes no more tasks, and lets go of the server when all are done: see `Executor.shutdown`. Agents go on.
   *
   * With `cancelFutures` those are cancelled that the queue gives back: their code has not started.
   */
  override async shutdown(given?: ShutdownOptions): Promise<void> {
    const options = readOptions(given, SHUTDOWN_OPTIONS, "shut executor down");
    if (options.timeout !== undefined) assertDuration(options.timeout, "timeout");
    await this.#engine.ledger.shutdown(options);
  }

  /** Cancels every task of this program, and has those that run given up. Agents go on with those of others. */
  override async terminateWorkers(): Promise<void> {
    await this.#engine.ledger.terminate();
  }

  /** Sends nothing more until `resume()`: see `Executor.pause`. What was sent runs; `pauseQueue` holds that, too. */
  override pause(): void {
    this.#engine.ledger.pause();
  }

  /** Goes on after `pause()`: see `Executor.resume`. */
  override resume(): void {
    this.#engine.ledger.resume();
  }

  /** Whether this program is paused. */
  override get paused(): boolean {
    return this.#engine.ledger.isPaused;
  }

  /** Lists the agents that serve the queue. */
  async agents(): Promise<AgentStatus[]> {
    return await this.#engine.agents();
  }

  /** Has no agent begin another job of this queue, whoever submitted it, until `resumeQueue`. */
  async pauseQueue(): Promise<void> {
    await this.#engine.pauseQueue();
  }

  /** Has agents go on. */
  async resumeQueue(): Promise<void> {
    await this.#engine.resumeQueue();
  }

  /** Resolves when there is room: see `Executor.ready`. */
  override get ready(): Promise<void> {
    return this.#engine.ledger.ready;
  }

  /**
   * Counts this program's tasks, and the agents of the queue as its workers; with `queue`, how the queue itself is doing, as
   * it was some seconds ago, or when this program's last job was done: absent before the first task was sent.
   */
  override stats(): ExecutorStats & { readonly queue?: QueueStats } {
    const stats = this.#engine.ledger.stats();
    const queue = this.#engine.lastStats;
    return {
      ...stats,
      utilisation: stats.workers === 0 ? 0 : stats.busy / stats.workers,
      ...(queue === undefined ? {} : { queue }),
    };
  }

  /**
   * Asks the server how the queue is doing now.
   *
   * @throws {TimeoutError} When it does not answer within `submitTimeout`.
   * @throws {ShutdownError} After `shutdown`.
   */
  async queueStats(): Promise<QueueStats> {
    return await this.#engine.queueStats();
  }

  /** Tells `listener` what happens from now on: see `Executor.observe`. Workers are agents. */
  override observe(listener: (event: TaskEvent) => void): Disposable {
    if (typeof listener !== "function")
      throw new TypeError(`Cannot observe: expected a function, got ${typeof listener}`);
    return this.#engine.ledger.observers.add(listener);
  }

  /**
   * Has its calls followed: see `traceCalls`. The text goes along with the job, to agents whose executor is followed.
   *
   * @ignore
   */
  [TRACE_CALLS](tracer: CallTracer): Disposable {
    if (this.#tracer !== undefined) throw tracedAlready();
    this.#tracer = tracer;
    return {
      [Symbol.dispose]: () => {
        if (this.#tracer === tracer) this.#tracer = undefined;
      },
    };
  }

  #submit(task: unknown, args: unknown[], ticket: Ticket, action: string): Future<unknown> {
    const terms = this.#termsOf(task, action);
    return this.#follow(terms, (trace) =>
      this.#engine.ledger.submit(
        terms,
        args,
        trace,
        undefined,
        (control) => new QueueFuture<unknown>(control, ticket),
      ),
    );
  }

  #follow<R>({ name }: Terms, submit: (trace: string | undefined) => R): R {
    return this.#tracer === undefined ? submit(undefined) : follow(this.#tracer, name, submit);
  }

  #map<M>(
    task: unknown,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    given: MapOptions<boolean> | undefined,
  ): MapResults<M> {
    const options = readOptions(given, MAP_OPTIONS, "map task");
    const terms = this.#termsOf(task, "map task");
    assertMapOptions(options);
    const { ledger } = this.#engine;
    ledger.assertOpen("map task");
    const layers = layersOf(terms);
    return this.#follow(terms, (trace) =>
      layers === undefined
        ? new MapWork<M>(ledger, terms, items, spread, options, trace).results
        : layers.map<M>(ledger, terms, items, spread, options, trace, undefined),
    );
  }

  #termsOf(task: unknown, action: string): Terms {
    if (!isTask(task)) {
      const what =
        typeof task !== "function"
          ? `expected a task, got ${typeName(task)}`
          : `an agent cannot be given the function ${task.name || "(anonymous)"} itself; export it and name it by ` +
            `importTasks(new URL("./jobs.ts", import.meta.url)) or task(import.meta.url, function …)`;
      throw withCode(new TypeError(`Cannot ${action}: ${what}`), "CF_NOT_A_TASK");
    }
    const named: NamedTask = task;
    if (this.#tasks.nameOf(named.source.module) === undefined) {
      const { module } = named.source;
      const what = `its module has no name in the table of this executor, \`tasks\`: ${module.slice(0, 200)}`;
      throw withCode(new TypeError(`Cannot ${action}: ${what}`), "CF_TASK_NOT_FOUND");
    }
    const terms = this.#known.termsOf(named);
    assertTerms(terms, this.#priorities);
    return terms;
  }
}

function readDelay({ delay, at }: ScheduleOptions): number {
  if (delay !== undefined) {
    assertLimit(delay, "delay", 0);
    if (at !== undefined) throw new TypeError("Cannot schedule task: give delay or at, not both");
    return delay;
  }
  if (at === undefined) return 0;
  if (!(at instanceof Date) || Number.isNaN(at.getTime()))
    throw new TypeError(`Cannot use at: expected a Date, got ${typeName(at)}`);
  return Math.max(0, at.getTime() - Date.now());
}

/** Keys may be anything; names of jobs may not, and are told to others. */
function idOfKey(key: string): string {
  assertString(key, "key");
  return `key-${createHash("sha256").update(key).digest("hex")}`;
}
