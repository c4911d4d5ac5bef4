// Pool: an Executor over workers, whatever those are. What every executor is that has any, behind channels or on this event loop.

import { type Actor, ActorClass, actorOf, type TaskOfClass } from "./actor.ts";
import { marksHere } from "./async_context.ts";
import { listCrowdsBy } from "./call_links.ts";
import { type CallTracer, TRACE_CALLS, TracedTasks, tracedAlready } from "./call_tracer.ts";
import {
  assertCount,
  assertDuration,
  assertFunction,
  assertLimit,
  assertString,
  typeName,
} from "./checks.ts";
import { UnsupportedRuntimeError, withCode } from "./errors.ts";
import type { TaskEvent } from "./events.ts";
import {
  Executor,
  type ExecutorStats,
  type MapOptions,
  type Mapped,
  type MapResults,
  POOL_OPTIONS,
  type PoolOptions,
  type ShutdownOptions,
} from "./executor.ts";
import type { Future } from "./future.ts";
import type { WorkerLimits } from "./handle/worker_limits.ts";
import { assertKey, type CallKey, type KeyOfCall } from "./key.ts";
import { type PerKeyOptions, readPerKey, readRate } from "./limits.ts";
import { asLoading } from "./loading_task.ts";
import { readOptions } from "./options.ts";
import {
  count,
  duration,
  finalizer,
  flag,
  heartbeat,
  idleTimeout,
  strict,
} from "./pool_settings.ts";
import type { Ledger } from "./scheduling/ledger.ts";
import { Scheduler } from "./scheduling/scheduler.ts";
import type { SeatCaller } from "./scheduling/seats.ts";
import type { Workforce } from "./scheduling/workforce.ts";
import { asStream } from "./stream_task.ts";
import { type AnyFunction, isTask, type Task, type TaskOptions, type Yields } from "./task.ts";
import { contextSlot, findTaskContext } from "./task_context.ts";
import { TaskStream } from "./task_stream.ts";
import { KnownTasks } from "./work/known_tasks.ts";
import { layersOf } from "./work/layers.ts";
import { assertMapOptions, MapWork } from "./work/map_work.ts";
import type { NamedTask, Terms } from "./work/work.ts";
import type { WorkerStatus } from "./worker_identity.ts";

/** Milliseconds an interrupted task has to end by itself: enough to notice the signal, too short to be felt. */
const DEFAULT_INTERRUPT_GRACE = 30;
/** Milliseconds for a worker to start or a module to load: only what hangs takes that long. */
const DEFAULT_START_TIMEOUT = 30_000;

/** What kind of workers a pool has. */
export interface PoolKind {
  /** Values pass by reference, and plain functions are tasks. */
  readonly byReference: boolean;
  /** Whether workers are started one at a time until they have shown what they are. */
  readonly startsOneByOne: boolean;
  /** Bytes a worker may have. */
  readonly memoryLimit?: number | undefined;
  /** Lets debuggers into the workers. */
  readonly inspect?: true | "brk" | undefined;
  /** Tells by what such workers are started. */
  staff(options: PoolOptions, limits: WorkerLimits): Workforce;
}

/**
 * What runs the pools that are not shut down. Weak: what has workers is held by them, and what has none needs no end.
 */
const openPools = new Set<WeakRef<Scheduler>>();

/** A pool that nobody has any more takes no more tasks: what it has still runs, and then its workers end. */
listCrowdsBy(function* () {
  for (const open of openPools) {
    const scheduler = open.deref();
    if (scheduler !== undefined) yield scheduler.slots;
  }
});
const collected = new FinalizationRegistry<WeakRef<Scheduler>>((scheduler) => {
  openPools.delete(scheduler);
  void scheduler.deref()?.ledger.shutdown({ wait: false });
});

/**
 * Where this file leaves a way to close its pools, for the case that it is evaluated once more in the same realm, as by
 * `bun --hot`: no event tells of that. Another copy of the library lies elsewhere, and is left alone.
 */
const PLACE = Symbol.for(`@concurrent/futures pools of ${import.meta.url}`);

/**
 * Shuts every pool and ends its workers, without waiting. For backends: to be called when the program exits or is loaded
 * anew, so that `submit` from then on throws `ShutdownError` instead of taking a task that will never run.
 */
export function closePools(): void {
  for (const scheduler of openPools) scheduler.deref()?.closeUnheard();
}

/** Closes the pools of an earlier evaluation of this file, of which nobody will hear any more. */
function closeEarlierPools(): void {
  const places = globalThis as { [place: symbol]: (() => void) | undefined };
  if (places[PLACE] === closePools) return;
  places[PLACE]?.();
  Object.defineProperty(places, PLACE, { value: closePools, configurable: true });
}

/**
 * Stops every worker that has nothing to do, and holds the program until they have ended, which lets out what their tasks
 * have printed. For backends: to be called when the program is about to end by itself, where output is lost otherwise.
 */
export function restPools(): void {
  for (const scheduler of openPools) scheduler.deref()?.ledger.rest();
}

/** How often each class was constructed, for the default names: `ThreadPoolExecutor-0`. */
const constructed = new Map<string, number>();

/**
 * Runs tasks on workers, whatever those are. Users have an executor that is one: `PoolExecutor`, or `EventLoopExecutor`.
 *
 * @ignore
 */
export class Pool extends Executor {
  /** Begins the workers' names. */
  readonly name: string;
  readonly #scheduler: Scheduler;
  readonly #ledger: Ledger;
  readonly #tasks: KnownTasks;
  readonly #acceptsFunctions: boolean;
  readonly #open: WeakRef<Scheduler>;
  readonly #minWorkers: number;
  /** Tells the key of a call, where there is a limit for each. */
  readonly #perKey: PerKeyOptions | undefined;
  #lastFunction: NamedTask | undefined = undefined;
  /** Set while somebody follows its calls. */
  #traced: TracedTasks | undefined = undefined;

  /**
   * Creates an executor; no worker is started yet.
   *
   * @throws {TypeError} For an option of the wrong type.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(kind: PoolKind, given: PoolOptions) {
    super();
    if (typeof Promise.withResolvers !== "function") {
      throw new UnsupportedRuntimeError(
        `Cannot create ${new.target.name}: this runtime has no Promise.withResolvers; use a newer one, as Node 22`,
      );
    }
    const options = readOptions(given, POOL_OPTIONS, `create ${new.target.name}`);
    const { byReference } = kind;
    if (options.name !== undefined) assertString(options.name, "name");
    if (options.onError !== undefined) assertFunction(options.onError, "onError");
    this.#acceptsFunctions = byReference;
    const perKey = readPerKey(options.perKey);
    this.#perKey = perKey;
    this.name = options.name ?? defaultName(new.target.name);
    const { minWorkers = 0 } = options;
    assertLimit(minWorkers, "minWorkers", 0);
    const most = Math.max(defaultWorkers(), minWorkers);
    const maxWorkers = count(options.maxWorkers, "maxWorkers", 1, most);
    if (minWorkers > maxWorkers) {
      throw new RangeError(
        `Cannot use minWorkers: expected at most maxWorkers, which is ${maxWorkers}, got ${minWorkers}`,
      );
    }
    const isDebugged = flag(options.debug, "debug");
    this.#tasks = new KnownTasks(() => this.#scheduler.incline(), isDebugged);
    this.#minWorkers = isDebugged ? Math.min(minWorkers, 1) : minWorkers;
    const startTimeout = duration(options.startTimeout, "startTimeout", DEFAULT_START_TIMEOUT);
    // A worker that somebody has stopped to look at it is not at fault.
    const isInspected = isDebugged || kind.inspect !== undefined;
    const limits: WorkerLimits = {
      finalizer: finalizer(options.finalizer),
      maxTasks: count(options.maxTasksPerWorker, "maxTasksPerWorker", 1, Number.POSITIVE_INFINITY),
      interruptGrace: duration(options.interruptGrace, "interruptGrace", DEFAULT_INTERRUPT_GRACE),
      startTimeout: isInspected ? Number.POSITIVE_INFINITY : startTimeout,
      idleTimeout: idleTimeout(options.idleTimeout),
      heartbeat: isInspected ? undefined : heartbeat(options.heartbeat),
      memoryLimit: kind.memoryLimit,
      inspect: kind.inspect,
      captureConsole: flag(options.captureConsole, "captureConsole"),
      byReference,
      debug: isDebugged,
    };
    this.#scheduler = new Scheduler(kind.staff(options, limits), {
      name: this.name,
      maxWorkers: isDebugged ? 1 : maxWorkers,
      minWorkers: this.#minWorkers,
      maxPerKey: perKey?.maxRunning,
      rate: readRate(options.rate),
      maxQueue: count(options.maxQueue, "maxQueue", 0, Number.POSITIVE_INFINITY),
      breakOnDeath: strict(options.onWorkerDeath),
      onError: options.onError,
      byReference,
      startsOneByOne: kind.startsOneByOne,
    });
    if (options.initializerArgs !== undefined) keptArgs.set(this, options.initializerArgs);
    this.#ledger = this.#scheduler.ledger;
    this.#open = new WeakRef(this.#scheduler);
    closeEarlierPools();
    openPools.add(this.#open);
    collected.register(this, this.#open);
  }

  /** Submits a call of `task`: see `Executor.submit`. */
  override submit<A extends unknown[], R>(task: Task<A, R>, ...args: A): Future<Awaited<R>> {
    const named = this.#resolve(task, "submit task");
    const terms = this.#tasks.termsOf(named);
    const future = (
      this.#traced === undefined && this.#perKey === undefined
        ? this.#ledger.submit(terms, args)
        : this.#submitWith(named, task, args)
    ) as Future<Awaited<R>>;
    // Were it a call of this executor that submits, there would be two.
    if (this.#acceptsFunctions && this.#ledger.unsettled > 1) this.#noteNested(future);
    return future;
  }

  /** Calls `task` with each element of `items`: see `Executor.map`. */
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

  /** Calls a task that is a generator: see `Executor.stream`. */
  override stream<A extends unknown[], R, I>(
    task: Task<A, R, Yields<I>>,
    ...args: A
  ): TaskStream<I, R>;
  /** The same of a task that returns what can be iterated: nothing is known of what that returns in the end. */
  override stream<A extends unknown[], I>(
    task: Task<A, AsyncIterable<I>>,
    ...args: A
  ): TaskStream<I, unknown>;
  override stream(task: unknown, ...args: unknown[]): TaskStream<unknown> {
    const named = asStream(this.#resolve(task, "stream task"));
    const terms = this.#tasks.termsOf(named);
    layersOf(terms)?.assertStream(terms.name);
    this.#ledger.assertOpen("stream task");
    return new TaskStream(() => {
      const key = this.#keysOf(task, terms)?.(args);
      const submit = (streamed: NamedTask, trace?: string) =>
        this.#ledger.stream(this.#tasks.termsOf(streamed), args, trace, key);
      const work = this.#follow(named, submit);
      if (this.#acceptsFunctions) {
        this.#noteNested(work);
        this.#noteNested(work.future);
      }
      return work;
    });
  }

  /** Begins nothing more until `resume()`: see `Executor.pause`. */
  override pause(): void {
    this.#ledger.pause();
  }

  /** Goes on after `pause()`: see `Executor.resume`. */
  override resume(): void {
    this.#ledger.resume();
  }

  /** Whether it is paused. */
  override get paused(): boolean {
    return this.#ledger.isPaused;
  }

  /** Takes no more tasks, and ends the workers when the work is done: see `Executor.shutdown`. */
  override async shutdown(given?: ShutdownOptions): Promise<void> {
    const options = readOptions(given, SHUTDOWN_OPTIONS, "shut executor down");
    if (options.timeout !== undefined) assertDuration(options.timeout, "timeout");
    openPools.delete(this.#open);
    await this.#ledger.shutdown(options);
  }

  /** Cancels everything and ends every worker now: see `Executor.terminateWorkers`. */
  override async terminateWorkers(): Promise<void> {
    openPools.delete(this.#open);
    await this.#ledger.terminate();
  }

  /**
   * Changes how many tasks run at once, from now on.
   *
   * More workers start when there is work for them. Workers that are too many are stopped: idle ones now, busy ones when
   * they have finished what they have; no task is lost.
   *
   * @example From one to three
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor({ maxWorkers: 1 });
   * const waits = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
   * const futures = waits.map(({ promise }) => executor.submit(() => promise));
   * executor.resize(3);
   * while (executor.stats().running < 3) await new Promise((resolve) => setTimeout(resolve));
   * assert(executor.maxWorkers === 3);
   * for (const { resolve } of waits) resolve();
   * await Promise.all(futures);
   * ```
   *
   * @throws {TypeError} When `maxWorkers` is not a whole number.
   * @throws {RangeError} When it is below 1.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} After the executor broke.
   */
  resize(maxWorkers: number): void {
    assertCount(maxWorkers, "maxWorkers", 1);
    this.#scheduler.resize(maxWorkers);
  }

  /**
   * Starts workers before there is work for them, and resolves when they are ready: started, initialised, and with the
   * module of `task` loaded if one is named. Fewer are started where there are some.
   *
   * They stay as any others do; `minWorkers` keeps some of them whatever happens. While it starts workers the program stays
   * alive. Loading a module is a call of its own, which `stats` counts and observers see.
   *
   * @example Before the first request comes
   * ```ts
   * import assert from "node:assert/strict";
   * import { importTasks, PoolExecutor } from "@concurrent/futures";
   * import { createFakeSpawn } from "@concurrent/futures/testing";
   *
   * const tasks = importTasks<{ double(n: number): number }>(
   *   "data:text/javascript,export function double(n) { return 2 * n }",
   * );
   * await using pool = new PoolExecutor(createFakeSpawn(), { maxWorkers: 3, minWorkers: 1 });
   * await pool.warm(tasks.double, { workers: 2 });
   * assert.deepEqual(pool.workers().map(({ state }) => state), ["idle", "idle"]);
   * ```
   *
   * @param task Whose module they load. Default: none.
   * @param options How many: see `WarmOptions`.
   * @throws {TypeError} When `task` is no task, or for an option of the wrong type.
   * @throws {RangeError} When there may not be so many workers.
   * @throws {ReferenceError} When the module cannot be loaded, or does not export the task.
   * @throws {WorkerLostError} When a worker dies meanwhile.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} When workers do not start.
   */
  // biome-ignore lint/suspicious/noExplicitAny: any task, whatever it takes, returns and yields
  async warm(task?: Task<any, any, any>, options?: WarmOptions): Promise<void> {
    const { workers = this.#minWorkers || this.maxWorkers } = readOptions(
      options,
      WARM_OPTIONS,
      "warm executor",
    );
    assertLimit(workers, "workers", 1);
    if (workers > this.maxWorkers) {
      throw new RangeError(
        `Cannot warm executor: there are at most ${this.maxWorkers} workers, not ${workers}`,
      );
    }
    const loading =
      task === undefined ? undefined : asLoading(this.#resolve(task, "warm executor"));
    await this.#scheduler.warm(workers, loading && this.#tasks.termsOf(loading));
  }

  /**
   * Calls `task` once in each worker that is alive now, those that are starting included: each does so when its turn comes.
   *
   * With `task.with({ remember: true })` workers that start later do so, too, before their first task; what it throws there is
   * told to `onError`. At most a thousand such calls are remembered, as long as the executor lives. Their arguments are kept as
   * they are, and copied for each worker.
   *
   * @example A level that every worker has
   * ```ts
   * import assert from "node:assert/strict";
   * import { importTasks, PoolExecutor } from "@concurrent/futures";
   * import { createFakeSpawn } from "@concurrent/futures/testing";
   *
   * const tasks = importTasks<{ setLevel(level: string): string }>(
   *   "data:text/javascript,export function setLevel(level) { return globalThis.level = level }",
   * );
   * await using pool = new PoolExecutor(createFakeSpawn(), { maxWorkers: 2 });
   * await pool.warm();
   * const futures = pool.broadcast(tasks.setLevel.with({ remember: true }), "debug");
   * assert.deepEqual(await Promise.all(futures), ["debug", "debug"]);
   * ```
   *
   * @returns One future for each, in the order in which the workers were started; none where there are none. A future fails
   * with `WorkerLostError` when its worker ends before; `retries` are for nothing, as there is no other worker that it is for.
   * @throws {TypeError} When `task` is not a task this executor can run.
   * @throws {RangeError} For a task with `transfer`: what is moved can go to one worker only. And when too many are remembered.
   * @throws {QueueFullError} When `maxQueue` tasks wait.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} After the executor broke.
   */
  broadcast<A extends unknown[], R>(task: Task<A, R>, ...args: A): Future<Awaited<R>>[] {
    const named = this.#resolve(task, "broadcast task");
    const terms = this.#tasks.termsOf(named);
    if (terms.options.transfer !== undefined)
      throw new RangeError("Cannot broadcast task: what it is to move can go to one worker only");
    // What later workers are told is part of how they start: nobody follows that.
    return this.#follow(named, (followed, trace) =>
      this.#scheduler.broadcast(this.#tasks.termsOf(followed), args, trace, terms),
    ) as Future<Awaited<R>>[];
  }

  /**
   * Makes an object of a class in a worker that is its own from then on, and calls its methods there.
   *
   * The worker is taken away from the tasks, so `maxWorkers` must be above the number of actors. Methods run one after another,
   * each to its end, also across what it awaits; what they keep in the object stays. Each answers a `Future`. A method that is
   * interrupted or out of time and does not stop is ended with its worker, and so is the actor; then all calls fail with
   * `WorkerLostError`, later ones too.
   *
   * Disposing of it (`await using`) waits for the calls before, calls the object's own `[Symbol.asyncDispose]` or
   * `[Symbol.dispose]` in the worker, and gives the worker back. An actor that nobody has any more is ended in the same way.
   * Options of the class, `jobs.Session.with({ timeout })`, are those of each call.
   *
   * @example A counter
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * class Counter {
   *   #count: number;
   *   constructor(from: number) {
   *     this.#count = from;
   *   }
   *   async add(n: number): Promise<number> {
   *     const before = this.#count;
   *     await Promise.resolve(); // no other call comes in between
   *     this.#count = before + n;
   *     return this.#count;
   *   }
   * }
   *
   * await using executor = new EventLoopExecutor();
   * await using counter = await executor.actor(Counter, 10);
   * assert.deepEqual(await Promise.all([counter.add(1), counter.add(2)]), [11, 13]);
   * ```
   *
   * @param of A class that a module exports, as `jobs.Session` of `importTasks`.
   * @param args What its constructor is given.
   * @returns Resolves when it has been made; rejects with what its constructor throws.
   * @throws {TypeError} When `of` is no class that this executor can be given.
   * @throws {RangeError} When no worker would be left for tasks.
   * @throws {QueueFullError} When `maxQueue` tasks wait; so does each method.
   * @throws {ShutdownError} After `shutdown`; so does each method.
   * @throws {BrokenExecutorError} After the executor broke; so does each method.
   */
  async actor<A extends unknown[], T>(of: TaskOfClass<A, T>, ...args: A): Promise<Actor<T>> {
    const named = new ActorClass(this.#resolve(of, "make actor"));
    const call: SeatCaller = (task, submit) =>
      this.#follow(task, (followed, trace) => submit(this.#tasks.termsOf(followed), trace));
    return actorOf<T>(named, await this.#scheduler.seat(named.making, args, call));
  }

  /** How many tasks run at once. */
  get maxWorkers(): number {
    return this.#scheduler.maxWorkers;
  }

  /**
   * Lists the workers there are, oldest first.
   *
   * @example None before the first task
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor({ name: "demo" });
   * assert.deepEqual(executor.workers(), []);
   * await executor.submit(() => "done");
   * assert.deepEqual(executor.workers(), [{ id: 0, name: "demo_0", state: "idle" }]);
   * ```
   */
  workers(): WorkerStatus[] {
    return this.#scheduler.workers();
  }

  /**
   * Ends one worker now, whatever it does.
   *
   * It is asked to exit, and killed if it does not within `interruptGrace`. A task it was running is lost, as with any
   * death: its future fails with `WorkerLostError`, or it runs again if it has `retries`. Tasks waiting behind it run
   * elsewhere. Another worker starts when there is work for it; `onWorkerDeath: "break"` does not apply, as this end was
   * asked for.
   *
   * @example Nobody to end
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor();
   * assert(executor.terminateWorker(7) === false);
   * ```
   *
   * @param id As in `workers()`, events and `taskContext()`.
   * @returns Whether there was such a worker.
   * @throws {TypeError} When `id` is not a number.
   */
  terminateWorker(id: number): boolean {
    if (typeof id !== "number")
      throw new TypeError(`Cannot terminate worker: expected its id, got ${typeof id}`);
    return this.#scheduler.terminateWorker(id);
  }

  /** Resolves when the queue has room: see `Executor.ready`. */
  override get ready(): Promise<void> {
    return this.#ledger.ready;
  }

  /** Counts tasks and workers. */
  override stats(): ExecutorStats {
    return this.#ledger.stats();
  }

  /** Tells `listener` what happens from now on: see `Executor.observe`. */
  override observe(listener: (event: TaskEvent) => void): Disposable {
    if (typeof listener !== "function")
      throw new TypeError(`Cannot observe: expected a function, got ${typeof listener}`);
    return this.#ledger.observers.add(listener);
  }

  #map<M>(
    task: unknown,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    given: MapOptions<boolean> | undefined,
  ): MapResults<M> {
    const options = readOptions(given, MAP_OPTIONS, "map task");
    const named = this.#resolve(task, "map task");
    assertMapOptions(options);
    this.#ledger.assertOpen("map task");
    const keyOf = this.#keysOf(task, this.#tasks.termsOf(named));
    return this.#follow(named, (traced, trace) =>
      this.#mapAs<M>(traced, items, spread, options, keyOf, trace),
    );
  }

  #mapAs<M>(
    task: NamedTask,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    options: MapOptions<boolean>,
    keyOf: KeyOfCall | undefined,
    trace?: string,
  ): MapResults<M> {
    const terms = this.#tasks.termsOf(task);
    if (terms.options.affinity !== undefined) {
      throw new RangeError(
        `Cannot map task "${terms.name}": elements go to whichever worker is free; affinity is for submit() and stream()`,
      );
    }
    const layers = layersOf(terms);
    const results =
      layers === undefined
        ? new MapWork<M>(this.#ledger, terms, items, spread, options, trace, keyOf).results
        : layers.map<M>(this.#ledger, terms, items, spread, options, trace, keyOf);
    if (this.#acceptsFunctions) this.#noteNested(results);
    return results;
  }

  /**
   * Has its calls followed: see `traceCalls`.
   *
   * @ignore
   */
  [TRACE_CALLS](tracer: CallTracer): Disposable {
    if (this.#traced !== undefined) throw tracedAlready();
    const traced = new TracedTasks(tracer);
    this.#traced = traced;
    return {
      [Symbol.dispose]: () => {
        if (this.#traced === traced) this.#traced = undefined;
      },
    };
  }

  /** Apart from `submit`: what a closure has in it costs every call that could make one. */
  #submitWith(named: NamedTask, task: unknown, args: unknown[]): Future<unknown> {
    const key = this.#keysOf(task, this.#tasks.termsOf(named))?.(args);
    const submit = (submitted: NamedTask, trace?: string) =>
      this.#ledger.submit(this.#tasks.termsOf(submitted), args, trace, key);
    return this.#follow(named, submit);
  }

  /** Submits something of a task, followed where somebody does. */
  #follow<R>(named: NamedTask, submit: (task: NamedTask, trace?: string) => R): R {
    return this.#traced === undefined ? submit(named) : this.#traced.submit(named, submit);
  }

  /** Tells the key of each call of a task, where there is a limit for each key. */
  #keysOf(task: unknown, { options: { key } }: Terms): KeyOfCall | undefined {
    const perKey = this.#perKey;
    if (perKey === undefined) return undefined;
    return key === undefined ? (args) => callKey(perKey, task, args) : () => ({ key });
  }

  /** Notes a call that another one on this event loop has submitted, which may wait for it. */
  #noteNested(results: object): void {
    // The slot first: a call that needs no mark of its own bears that of whoever submitted it.
    const parent = contextSlot.current === undefined ? marksHere()?.current() : findTaskContext();
    if (parent !== undefined) this.#scheduler.slots.submitted(parent, results);
  }

  #resolve(task: unknown, action: string): NamedTask {
    if (isTask(task)) return task;
    if (typeof task !== "function") {
      const what = `Cannot ${action}: expected a task, got ${typeName(task)}`;
      throw withCode(new TypeError(what), "CF_NOT_A_TASK");
    }
    if (!this.#acceptsFunctions) {
      const what =
        `Cannot ${action}: a worker cannot be given the function ${task.name || "(anonymous)"} itself; export it and name it ` +
        `by importTasks(new URL("./jobs.ts", import.meta.url)) or task(import.meta.url, function …)`;
      throw withCode(new TypeError(what), "CF_NOT_A_TASK");
    }
    // Nearly always the function is the one before.
    if (this.#lastFunction?.source.fn !== task) {
      this.#lastFunction = {
        source: { module: "", export: task.name || "(anonymous)", fn: task as AnyFunction },
        options: NO_OPTIONS,
      };
    }
    return this.#lastFunction;
  }
}

/** How workers are to be warmed. */
export interface WarmOptions {
  /** How many there shall be. Default: `minWorkers`, or if there are none `maxWorkers`. */
  workers?: number;
}

const WARM_OPTIONS = ["workers"] as const;

/** What initializers were given: handles in it are of what lives as long as somebody has it. */
const keptArgs = new WeakMap<Pool, readonly unknown[]>();

const MAP_OPTIONS = ["chunkSize", "bufferSize", "timeout", "ordered", "entries", "signal"] as const;
const SHUTDOWN_OPTIONS = ["wait", "cancelFutures", "timeout"] as const;
const NO_OPTIONS: Readonly<TaskOptions<never[]>> = Object.freeze({});

/** The key of one call: asked for before it is counted, for that runs code of the user's. */
function callKey({ key: ask }: PerKeyOptions, task: unknown, args: readonly unknown[]): CallKey {
  try {
    const key: unknown = ask?.(task as Task, args);
    if (key !== undefined) assertKey(key, "what perKey.key has returned");
    return { key };
  } catch (error) {
    return { fault: { error } };
  }
}

function defaultName(className: string): string {
  const number = constructed.get(className) ?? 0;
  constructed.set(className, number + 1);
  return `${className}-${number}`;
}

function defaultWorkers(): number {
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1);
}
