// EventLoopExecutor: bounded concurrency on the current event loop. The executor of the edge, of pages, and of tests.

import type { Actor, TaskOfClass } from "./actor.ts";
import { keepsContexts } from "./async_context.ts";
import { UnsupportedRuntimeError } from "./errors.ts";
import {
  EXECUTOR_OPTIONS,
  type ExecutorOptions,
  type MapOptions,
  type Mapped,
  type MapResults,
} from "./executor.ts";
import type { FlatMapOptions } from "./flat_map.ts";
import type { Future } from "./future.ts";
import type { CrewMember } from "./handle/crew_member.ts";
import { LoopWorker } from "./loop/loop_worker.ts";
import { readOptions } from "./options.ts";
import { Pool, type PoolKind } from "./pool.ts";
import { noteFree, OneEach } from "./scheduling/one_each.ts";
import type { Workforce } from "./scheduling/workforce.ts";
import type { Generating, Task, Yields } from "./task.ts";
import type { TaskStream } from "./task_stream.ts";

/** Python's figure for work that waits rather than computes: `min(32, cores + 4)`. */
const MOST_WORKERS = 32;
const WORKERS_BESIDE_CORES = 4;

/**
 * Runs tasks on the current event loop, at most `maxWorkers` at once.
 *
 * For work that waits: requests, files, timers. A task that computes blocks the loop here as anywhere; it belongs in a
 * thread or a process. Tasks may be plain functions; arguments and results are passed as they are, not copied. A task runs
 * in the async context (`AsyncLocalStorage`) of the call that submitted it.
 *
 * A task that ignores its signal cannot be stopped here: when interrupted it loses its place, is counted in
 * `stats().abandoned`, and runs on unheard.
 *
 * @example Ten requests, three at a time
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor({ maxWorkers: 3 });
 * const load = async (n: number) => await Promise.resolve(n * n);
 * const squares: number[] = [];
 * for await (const square of executor.map(load, [1, 2, 3])) squares.push(square);
 * assert(squares.join() === "1,4,9");
 * ```
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the methods are those of the class it extends
export class EventLoopExecutor extends Pool {
  /**
   * Creates an executor.
   *
   * @param options `maxWorkers` is how many tasks run at once; default: min(32, cores + 4).
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   * @throws {UnsupportedRuntimeError} For `captureConsole` on a platform without async contexts.
   */
  constructor(options: ExecutorOptions = {}) {
    const { maxWorkers = defaultWorkers(), ...rest } = readOptions(
      options,
      EXECUTOR_OPTIONS,
      "create EventLoopExecutor",
    );
    if (rest.captureConsole === true && !keepsContexts())
      throw new UnsupportedRuntimeError(
        "Cannot capture console: nothing tells on this platform which task prints; use threads",
      );
    super(LOOP, { ...rest, maxWorkers });
  }
}

/** Nothing else is there at run time: only types are wider, for functions are tasks here. */
export interface EventLoopExecutor {
  /** Submits a task or any function; otherwise as `Executor.submit`. */
  submit<A extends unknown[], R>(
    task: Task<A, R> | ((...args: A) => R),
    ...args: A
  ): Future<Awaited<R>>;

  /** Calls a task or any function once for each slot; otherwise as `PoolExecutor.broadcast`. */
  broadcast<A extends unknown[], R>(
    task: Task<A, R> | ((...args: A) => R),
    ...args: A
  ): Future<Awaited<R>>[];

  /** Makes an object of a class in a slot of its own; otherwise as `PoolExecutor.actor`. */
  actor<A extends unknown[], T>(
    of: TaskOfClass<A, T> | (new (...args: A) => T),
    ...args: A
  ): Promise<Actor<T>>;

  /** Maps a task or any function; otherwise as `Executor.map`. */
  map<T, R, Entries extends boolean = false>(
    task: Task<[T], R> | ((item: T) => R),
    items: Iterable<T> | AsyncIterable<T>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, T, Awaited<R>>>;

  /** Maps a task or any function over lists of arguments; otherwise as `Executor.starmap`. */
  starmap<A extends unknown[], R, Entries extends boolean = false>(
    task: Task<A, R> | ((...args: A) => R),
    items: Iterable<A> | AsyncIterable<A>,
    options?: MapOptions<Entries>,
  ): MapResults<Mapped<Entries, A, Awaited<R>>>;

  /** Streams a task or any generator function; otherwise as `Executor.stream`. */
  stream<A extends unknown[], R, I>(
    task: Task<A, R, Yields<I>> | ((...args: A) => Generating<I, R>),
    ...args: A
  ): TaskStream<Awaited<I>, R>;
  /** The same of a task that returns what can be iterated: nothing is known of what that returns in the end. */
  stream<A extends unknown[], I>(
    task: Task<A, AsyncIterable<I>> | ((...args: A) => AsyncIterable<I>),
    ...args: A
  ): TaskStream<I, unknown>;

  /** Streams a task or any generator function for each source; otherwise as `Executor.flatMap`. */
  flatMap<T, R, I>(
    task: Task<[T], R, Yields<I>> | ((source: T) => Generating<I, R>),
    sources: Iterable<T> | AsyncIterable<T>,
    options?: FlatMapOptions,
  ): MapResults<Awaited<I>>;
}

/** Slots of this event loop, each of which has one call at a time. */
const LOOP: PoolKind = {
  byReference: true,
  startsOneByOne: false,
  staff(_options, limits): Workforce {
    const free: CrewMember[] = [];
    const onFree = (worker: CrewMember) => noteFree(free, worker);
    return {
      loadsAll: true,
      hire: (worker, owner, _wanted, onLeft) =>
        new LoopWorker(worker, owner, limits, onFree, onLeft),
      assign: (queue) => new OneEach(queue, free),
    };
  },
};

function defaultWorkers(): number {
  return Math.min(
    MOST_WORKERS,
    Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1) + WORKERS_BESIDE_CORES,
  );
}
