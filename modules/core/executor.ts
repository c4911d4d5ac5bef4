// Executor: what users submit to. The face every backend shows; how it is done is in pool_executor.ts.

import type { TaskEvent } from "./events.ts";
import { FlatMap, type FlatMapOptions } from "./flat_map.ts";
import type { Future } from "./future.ts";
import type { Percentiles } from "./histogram.ts";
import type { PerKeyOptions, RateOptions } from "./limits.ts";
import type { MapProgress } from "./map_progress.ts";
import type { Task, Yields } from "./task.ts";
import type { TaskStream } from "./task_stream.ts";

/**
 * How `map` and `starmap` take their source and hand out results.
 *
 * @typeParam Entries Whether entries are handed out.
 */
export interface MapOptions<Entries extends boolean = false> {
  /**
   * Elements per message. `"auto"`, the default, sends one at a time until a task has shown how long it takes, and then
   * as many as make up about a millisecond. A number is kept to, up to 2048, also after a worker was lost. Elements of
   * a task with a timeout or with moved arguments travel one at a time, and so do all where host and worker share no
   * memory.
   */
  chunkSize?: number | "auto";
  /** At most so many elements are in flight or unread; the source is pulled lazily. Default: all at once. */
  bufferSize?: number;
  /**
   * Milliseconds from the call until every element must be done, however many there are; then what waits is cancelled, what
   * runs is interrupted, and the iteration throws `TimeoutError` behind the results there are. Default: no limit.
   */
  timeout?: number;
  /** Results in the order of the source; false hands them out as they come. Default: true. */
  ordered?: boolean;
  /**
   * Hands out an entry for each element instead of its result: which one it was, and its outcome, so that results that come
   * as they come can be told apart, and no failure ends a loop. What ends the whole iteration is thrown as ever. Default:
   * false.
   */
  entries?: Entries;
  /**
   * When it aborts, what waits is cancelled, what runs is interrupted as by `cancel({ interrupt: true })`, and the iteration
   * throws `CancelledError` behind the results there are, its `cause` the signal's reason. A signal of the task's own
   * (`task.with({ signal })`) does the same.
   */
  signal?: AbortSignal;
}

/** What became of one element of a `map`. */
export interface MapEntry<T, R> {
  /** Its place in the source, from 0 on. */
  readonly index: number;
  /** The element itself, as it was taken from the source; of `starmap` the list. Kept until it is handed out. */
  readonly item: T;
  /** As `Promise.allSettled` tells it. One that was cancelled is rejected with the `CancelledError`. */
  readonly outcome: PromiseSettledResult<R>;
}

/** What a `map` hands out of an element `T` whose result is `R`. */
export type Mapped<Entries extends boolean, T, R> = Entries extends true ? MapEntry<T, R> : R;

/**
 * The results of a `map`, one for each element of its source.
 *
 * A failing element throws at its own position and iteration may go on behind it. Leaving the loop, `return()` or
 * disposal cancels what has not started.
 */
export interface MapResults<R> extends AsyncIterableIterator<R, undefined>, AsyncDisposable {
  /** How far it has come: a new record each time, for bars. */
  readonly progress: MapProgress;
  /** The next result; after the last one, or after `return()`, always `done`. */
  next(): Promise<IteratorResult<R, undefined>>;
  /** Ends the iteration and cancels every element that has not started. */
  return(): Promise<IteratorResult<R, undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): MapResults<R>;
}

/** How to shut down. */
export interface ShutdownOptions {
  /** Whether the promise waits until all work is done and every worker has ended. Default: true. */
  wait?: boolean;
  /** Cancel what has not started. Default: false. */
  cancelFutures?: boolean;
  /** Milliseconds after which what is left is terminated. Default: no limit. */
  timeout?: number;
}

/** How long calls took, as far as somebody observed them. */
export interface Latency {
  /** From submission to the start of the task, its first where it was run again. */
  readonly wait: Percentiles;
  /** From its (last) start to its outcome, whatever that was. */
  readonly run: Percentiles;
}

/** A count of everything, at one moment. */
export interface ExecutorStats {
  /** Tasks submitted that have not begun. */
  readonly queued: number;
  /** Tasks that run. */
  readonly running: number;
  /** Tasks that succeeded. */
  readonly finished: number;
  /** Tasks that failed. */
  readonly failed: number;
  /** Tasks that were cancelled. */
  readonly cancelled: number;
  /** Workers there are, starting ones included. */
  readonly workers: number;
  /** Workers with a task, or still held by one that was given up. */
  readonly busy: number;
  /** Workers that died while running a task. */
  readonly lost: number;
  /** Workers given up because the runtime could not stop them; those that ended late are not among them. */
  readonly abandoned: number;
  /** `busy` divided by `maxWorkers`: from 0 to 1. */
  readonly utilisation: number;
  /**
   * Percentiles in milliseconds, to about three percent, of all calls since the first observer, while there was one; absent
   * until such a call has ended. A call that was sent along with others is too short to be watched: it counts as begun when
   * its outcome comes.
   */
  readonly latency?: Latency;
}

/** What an error reported to `onError` is about. */
export interface ErrorContext {
  /**
   * - `callback`: a done callback or progress listener threw, or returned a promise that rejects.
   * - `observer`: a listener of `observe` did.
   * - `unobserved`: a task failed and nobody looked until the executor shut down.
   * - `worker`: something in a worker threw outside of any task.
   * - `lease`: a task ended and had not given back what it held of a lock, which was done for it.
   * - `hint`: nothing is wrong, and something could be faster: calls of one task were given the same argument of over 1 MiB more
   *   than ten times, and it was copied each time, where `share` would send it once. Told once of each task.
   */
  readonly kind: "callback" | "observer" | "unobserved" | "worker" | "lease" | "hint";
  /** The future concerned, or the first of them. */
  readonly future?: Future<unknown>;
  /** The name of the task that failed and was not looked at, or of the first; of that which left a lease open, or is hinted at. */
  readonly task?: string;
  /**
   * How many calls it struck, where that is more than one. One report stands for elements of a `map` that failed with
   * errors of one kind, and for all calls under which their executor broke. Of a hint: how often it was sent.
   */
  readonly count?: number;
  /** The worker concerned. */
  readonly workerId?: number;
  /**
   * What a person may want to do: of an error thrown outside of any task while one runs in that worker, where the runtime
   * cannot tell whose it is. Such a task may wait for ever for what has failed, unless it has a `timeout`.
   */
  readonly advice?: string;
}

/** Options of every executor. */
export interface ExecutorOptions {
  /** How many tasks run at once. The default depends on the executor. */
  maxWorkers?: number;
  /** Begins the workers' names. Default: the class's name and a number. */
  name?: string;
  /** How many calls of one key run at once, and what a call's key is. Default: keys limit nothing. */
  perKey?: PerKeyOptions;
  /**
   * How many calls begin in a time. Where it is given none is sent to a worker behind another: what waits for its turn waits
   * here. Calls that are run again count again. Default: no limit.
   */
  rate?: RateOptions;
  /** How many tasks may wait for a worker; `submit` throws `QueueFullError` beyond. Default: no limit. */
  maxQueue?: number;
  /**
   * Milliseconds an interrupted or timed-out task has to end before its worker is ended. 0 ends it at once; Infinity
   * never, not even at `terminateWorkers`. Nothing of a task runs once its worker has ended. A thread on Deno is always
   * asked to exit first, and has up to a second to hear it, while another takes its place: one that computes without a
   * pause for longer is abandoned.
   * Default: 30.
   */
  interruptGrace?: number;
  /**
   * Takes errors that belong to no caller, in the async context in which the executor was made. Default: prints them with
   * `console.error`.
   */
  onError?: (error: unknown, about: ErrorContext) => void;
  /**
   * Has what tasks print with `console.debug`, `info`, `log`, `warn` and `error` told to observers, by events of the type
   * `console`, instead of printed by their workers. While nobody observes, the program itself prints it, by the same method.
   * What is written to a stream by other ways goes there as ever. In an `EventLoopExecutor` it takes a platform with
   * `AsyncLocalStorage`, as Deno, Bun, Node and most edge runtimes have it. Default: false.
   */
  captureConsole?: boolean;
  /**
   * For looking at tasks one by one: there is one worker, whatever `maxWorkers` and `minWorkers` say. A task's `timeout` and
   * `itemTimeout` do not count, nor do `startTimeout` and `heartbeat`: whoever is stopped at a breakpoint is not late. Errors
   * have the whole of their stacks in workers of their own realm. And what a task is given and does not own cannot be changed,
   * if it is made of records and lists: a shared value (`share`), and, in an `EventLoopExecutor`, its arguments. A task that
   * tries fails with a `TypeError`, where otherwise another one would see what it has done. Default: false.
   */
  debug?: boolean;
}

/** Their names. */
export const EXECUTOR_OPTIONS: readonly (keyof ExecutorOptions)[] = [
  "maxWorkers",
  "name",
  "perKey",
  "rate",
  "maxQueue",
  "interruptGrace",
  "onError",
  "captureConsole",
  "debug",
];

/** Options of executors whose workers are separate threads or processes. */
export interface PoolOptions extends ExecutorOptions {
  /** Runs once in each worker before its first task. If it throws, the executor is broken. */
  // biome-ignore lint/suspicious/noExplicitAny: any task will do; its arguments are `initializerArgs`
  initializer?: Task<any[], unknown>;
  /** The initializer's arguments. Default: none. */
  initializerArgs?: unknown[];
  /**
   * Runs in a worker before it ends, if that was planned: at `shutdown`, when it was idle for long, after
   * `maxTasksPerWorker`, at `resize`. It has no arguments, and as long as a worker has that is asked to exit: `interruptGrace`,
   * but at least a second. It does not run in a worker that dies or is ended for what it does, nor after `terminateWorkers`,
   * nor when the program ends without a shutdown. What it throws is told to `onError`, as is that it took too long.
   */
  finalizer?: Task<[], unknown>;
  /**
   * So many workers are kept once there has been a task, or `warm()`: they are started before there is work for them, stay
   * beyond `idleTimeout`, and are replaced. They do not keep the program alive. Default: 0.
   */
  minWorkers?: number;
  /** A worker is replaced after so many tasks. Default: never. */
  maxTasksPerWorker?: number;
  /** Milliseconds after which an idle worker is ended. Default: never. */
  idleTimeout?: number;
  /** Milliseconds a worker has to start, and a task's module to load. Default: 30 000. */
  startTimeout?: number;
  /**
   * Milliseconds after which a worker that does not answer is ended as unresponsive. It is expected to answer while it
   * runs no task. One that runs a task may compute for as long as it likes (that is what a task's `timeout` is for),
   * unless it is a process that the operating system has stopped. Noticed after 1.5 times this at most. Where a worker has
   * no memory in common with the program, one that hangs between tasks is noticed only until the next one is sent to it.
   * Default: never.
   */
  heartbeat?: number;
  /** Whether a dead worker is replaced, or breaks the executor as in Python. Default: "replace". */
  onWorkerDeath?: "replace" | "break";
}

/** Their names. */
export const POOL_OPTIONS: readonly (keyof PoolOptions)[] = [
  ...EXECUTOR_OPTIONS,
  "initializer",
  "initializerArgs",
  "finalizer",
  "minWorkers",
  "maxTasksPerWorker",
  "idleTimeout",
  "startTimeout",
  "heartbeat",
  "onWorkerDeath",
];

/**
 * Runs tasks elsewhere and hands out a `Future` for each.
 *
 * The semantics are those of Python's `concurrent.futures.Executor`. Pending or running work keeps the program alive;
 * an idle executor never does.
 *
 * @example Whatever executor it is
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, type Executor } from "@concurrent/futures";
 *
 * await using executor: Executor = new EventLoopExecutor();
 * assert(executor.stats().queued === 0);
 * ```
 */
export abstract class Executor implements AsyncDisposable {
  /** Begins the workers' names. */
  abstract readonly name: string;

  /**
   * Submits a call of `task` and returns at once.
   *
   * Nothing is handed to a worker before the end of the tick: what is submitted together travels together, and `cancel()` in
   * the same tick always succeeds. So a program must not block its thread (`Atomics.wait`) in that tick for what the task is
   * to do; let the event loop turn first, and a worker be ready.
   *
   * @returns Settles with the task's outcome.
   * @throws {TypeError} When `task` is not a task this executor can run.
   * @throws {QueueFullError} When `maxQueue` tasks wait.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} After the executor broke.
   */
  abstract submit<A extends unknown[], R>(task: Task<A, R>, ...args: A): Future<Awaited<R>>;

  /**
   * Calls `task` with each element of `items`.
   *
   * Without `bufferSize` the whole source is taken at once, and every element runs even if nobody iterates.
   *
   * @example Which is which, and how far it is
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor();
   * const results = executor.map(JSON.parse, ["[1]", "[", "3"], { entries: true, ordered: false });
   * const spoilt: string[] = [];
   * for await (const { item, outcome } of results) if (outcome.status === "rejected") spoilt.push(item);
   * assert.deepEqual(spoilt, ["["]);
   * assert.deepEqual(results.progress, { done: 3, failed: 1, total: 3 });
   * ```
   *
   * @throws {TypeError} For a source that is not iterable, or an option of the wrong type.
   * @throws {RangeError} For an option out of its range.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} After the executor broke.
   */
  abstract map<T, R, Entries extends boolean = false>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, T, Awaited<R>>>;

  /** Calls `task` with the arguments each element of `items` lists; otherwise as `map`. */
  abstract starmap<A extends unknown[], R, Entries extends boolean = false>(
    task: Task<A, R>,
    items: Iterable<A> | AsyncIterable<A>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, A, Awaited<R>>>;

  /**
   * Calls a task that is a generator, and hands out what it yields while it runs. Nothing is submitted before the first
   * `next()`: see `TaskStream`. A `ReadableStream`, or whatever else can be iterated asynchronously, counts as a generator.
   *
   * The task's options `buffer` and `itemTimeout` say how many items are made ahead, and how long one may take.
   *
   * @returns What it yields. If the task returns no generator, the first `next()` rejects with a `TypeError`.
   * @throws {TypeError} When `task` is not a task this executor can run.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} After the executor broke.
   */
  abstract stream<A extends unknown[], R, I>(
    task: Task<A, R, Yields<I>>,
    ...args: A
  ): TaskStream<I, R>;
  /** The same of a task that returns what can be iterated: nothing is known of what that returns in the end. */
  abstract stream<A extends unknown[], I>(
    task: Task<A, AsyncIterable<I>>,
    ...args: A
  ): TaskStream<I, unknown>;

  /**
   * Streams `task` for each element of `sources`, and hands out the items of all.
   *
   * Lazy, as a stream: begins with the first `next()`. An error is thrown at its own position. A loop ends with it, and so do
   * all streams; who calls `next()` alone may go on behind it, with the next source if it has ended this one.
   *
   * @example The letters of many words
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * function* letters(word: string) {
   *   yield* word;
   * }
   *
   * await using executor = new EventLoopExecutor();
   * const all = await Array.fromAsync(executor.flatMap(letters, ["to", "be"]));
   * assert.equal(all.join(), "t,o,b,e");
   * ```
   *
   * @throws {TypeError} For a source that is not iterable, or an option of the wrong type.
   * @throws {RangeError} For an option out of its range.
   */
  flatMap<T, R, I>(
    task: Task<[T], R, Yields<I>>,
    sources: Iterable<T> | AsyncIterable<T>,
    options?: FlatMapOptions,
  ): MapResults<I> {
    return new FlatMap<T, I>(this, (source) => this.stream(task, source), sources, options);
  }

  /**
   * Begins nothing more until `resume()`. What runs goes on, and so does a call that a worker has in front of it and is about
   * to begin; what was sent ahead behind that is taken back. Tasks are taken as ever: they wait, and keep the program alive.
   * Calling it twice is harmless.
   *
   * @example Nothing begins meanwhile
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor();
   * executor.pause();
   * const future = executor.submit(() => "done");
   * await new Promise((resolve) => setTimeout(resolve));
   * assert(executor.paused && future.state === "pending");
   * executor.resume();
   * assert((await future) === "done");
   * ```
   *
   * @throws {ShutdownError} After `shutdown`, which resumes what is paused.
   * @throws {BrokenExecutorError} After the executor broke.
   */
  abstract pause(): void;

  /** Goes on after `pause()`; harmless where nothing is paused. */
  abstract resume(): void;

  /** Whether it is paused. */
  abstract readonly paused: boolean;

  /**
   * Takes no more tasks, and ends the workers when the work is done. One that is paused is resumed: what it has still runs.
   *
   * Calling it twice is harmless.
   *
   * @returns Resolves when all is done and every worker has ended; at once with `wait: false`.
   */
  abstract shutdown(options?: ShutdownOptions): Promise<void>;

  /**
   * Cancels what waits and what runs, and ends every worker now.
   *
   * @returns Resolves when every worker has ended. The executor is shut down.
   */
  abstract terminateWorkers(): Promise<void>;

  /** Resolves when the queue has room, or never will have again: then `submit` says why. */
  abstract readonly ready: Promise<void>;

  /** Counts tasks and workers. */
  abstract stats(): ExecutorStats;

  /**
   * Tells `listener` everything that happens from now on, synchronously, in the async context of this call
   * (`AsyncLocalStorage`). One that throws, or returns a promise that rejects, is reported.
   *
   * @returns Ends the listening when disposed.
   */
  abstract observe(listener: (event: TaskEvent) => void): Disposable;

  /** Waits for all work, then ends the workers: `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdown({ wait: true });
  }
}
