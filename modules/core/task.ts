// Naming a function by module and export: how work reaches a worker, where closures cannot.

import {
  assertBoolean,
  assertDuration,
  assertLimit,
  assertNumber,
  assertSignal,
  assertString,
} from "./checks.ts";
import { assertKey, type Key } from "./key.ts";
import { readOptions } from "./options.ts";
import { type RetryOptions, readRetries, retryLimit } from "./retry.ts";
import { keepFunction, nameModule, type TaskSource } from "./task_source.ts";
import type { Transferred } from "./transferred.ts";

export type { AnyFunction, TaskSource } from "./task_source.ts";
export type { PlatformObject, Transferred } from "./transferred.ts";

/** How a task is to be run. */
export interface TaskOptions<A extends unknown[] = unknown[]> {
  /** A name for people: in errors, events and the inspector. Default: the export's name. */
  name?: string;
  /** Milliseconds the task may run, counted from its start, not from `submit`. Default: no limit. */
  timeout?: number;
  /** Cancels the future when it aborts, interrupting the task if it runs. */
  signal?: AbortSignal;
  /** Higher runs first; equal ones in the order submitted. Default: 0. */
  priority?: number;
  /**
   * How often the task is run again after its worker was lost: at once if it is a number. A record says after what (errors,
   * too), and after which pauses. While it pauses the task counts as running for its user; an interrupt ends it. Default: 0.
   */
  retries?: number | RetryOptions;
  /** Milliseconds from `submit` before which the task does not begin; until then it is pending. Default: 0. */
  delay?: number;
  /**
   * Milliseconds from `submit` in which the task must begin; if it has not by then, its future fails with
   * `QueueTimeoutError`, and its code will never run. In a `map`, counted from when an element is taken. Default: no limit.
   */
  ttl?: number;
  /**
   * The name under which it shares a limit with others: how many of one key run at once says the executor (`perKey`). Elsewhere
   * it limits nothing.
   */
  key?: Key;
  /**
   * What to move to the worker instead of copying: a list, or a function from the arguments to a list. All of it is moved, or
   * nothing: if something in it cannot be, the call fails with a `DataCloneError`, and the task does not run.
   */
  transfer?: Transferred[] | ((...args: A) => Transferred[]);
  /**
   * How many items of a stream are made ahead of its reader, at most; of items that are bytes, each MiB counts as one.
   * Default: 32, and up to 256 for a reader that waits for each item while they come fast.
   */
  buffer?: number;
  /**
   * Milliseconds in which a stream must bring its next item, while it may make any: its reader may take its time. Counted
   * from the beginning of the call. Default: no limit.
   */
  itemTimeout?: number;
  /**
   * Has calls of one key, such as a user's, go to the same worker, which may have kept something of the call before: while it
   * lives, and unless more than twice as many calls wait there as for other workers on average, and at least four. A wish
   * and no promise; ten thousand keys are known. For `submit` and `stream`; where the executor has `perKey`, it is for
   * nothing. Default: any worker.
   */
  affinity?: Key;
  /**
   * Has `broadcast` call it in workers that start later, too, before their first task. Default: false.
   */
  remember?: boolean;
}

/**
 * A function named by its module and export, with options: what `submit` and `map` take.
 *
 * Made by {@linkcode task} and {@linkcode importTasks}. Immutable; `with` returns another.
 */
export class Task<A extends unknown[] = unknown[], R = unknown, I = undefined> {
  /** Where the function is. */
  readonly source: TaskSource;
  /** The options given so far. */
  readonly options: Readonly<TaskOptions<A>>;
  /** Carries the types of arguments and result; never set. */
  declare readonly types?: (...args: A) => R;
  /**
   * Carries the type of what a generator yields (`Yields`); never set. Either way of a function, for only a generator is
   * streamed, and nothing else is submitted.
   */
  declare readonly items?: (items: I) => I;

  /** Names a function; use {@linkcode task} or {@linkcode importTasks}. */
  constructor(source: TaskSource, options: Readonly<TaskOptions<A>> = {}) {
    this.source = source;
    this.options = options;
  }

  /** The display name. */
  get name(): string {
    return this.options.name ?? this.source.export;
  }

  /**
   * Returns the same task with options; those given before stay unless given again.
   *
   * @example A task with a limit
   * ```ts
   * import assert from "node:assert/strict";
   * import { task } from "@concurrent/futures";
   *
   * const square = task(import.meta.url, function square(n: number) { return n * n; });
   * const urgent = square.with({ timeout: 1_000, priority: 10, name: "urgent square" });
   * assert(urgent.name === "urgent square" && square.name === "square");
   * ```
   *
   * @throws {TypeError} For an option of the wrong type.
   * @throws {RangeError} For an option out of its range, and for `retries` together with `transfer`: what was moved to
   * a lost worker cannot be sent again.
   */
  with(options: TaskOptions<A>): Task<A, R, I> {
    const given = readOptions(options, TASK_OPTIONS, `set options of task "${this.name}"`);
    return new Task<A, R, I>(this.source, checked({ ...this.options, ...given }));
  }
}

/** Of a task that is a generator: what it yields. */
export interface Yields<I> {
  /** An item. */
  readonly yields: I;
}

/** What a generator function returns, synchronous or not; `T` is what comes with its end. */
// biome-ignore lint/suspicious/noExplicitAny: nothing is passed to `next`, whatever it would take
export type Generating<I = unknown, T = unknown> = Generator<I, T, any> | AsyncGenerator<I, T, any>;

/** The task that is made of a function of these arguments and this result. */
export type TaskOf<A extends unknown[], R> = [R] extends [never]
  ? Task<A, never>
  : 0 extends 1 & R
    ? Task<A, R>
    : [R] extends [Generating<infer I, infer T>]
      ? Task<A, T, Yields<Awaited<I>>>
      : Task<A, Awaited<R>>;

/**
 * Makes a task of a function in the module that has it, by the function's own name.
 *
 * The worker imports the module again, which names the function there, so what the module does at its top level is done there
 * too: guard a script's main part by `import.meta.main`.
 *
 * @example In the same file
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, task } from "@concurrent/futures";
 *
 * export const square = task(import.meta.url, function square(n: number) { return n * n; });
 *
 * await using executor = new EventLoopExecutor();
 * assert((await executor.submit(square, 4)) === 16);
 * ```
 *
 * @param module `import.meta.url` of the calling module.
 * @param fn A named function. The module may export nothing else under its name.
 * @throws {TypeError} When `module` is not an absolute URL, or `fn` is no function or has no name.
 */
export function task<A extends unknown[], R extends Generating>(
  module: URL | string,
  fn: (...args: A) => R,
): TaskOf<A, R>;
/** The same of a function that is no generator. */
export function task<A extends unknown[], R>(
  module: URL | string,
  fn: (...args: A) => R,
): Task<A, Awaited<R>>;
export function task<A extends unknown[], R>(
  module: URL | string,
  fn: (...args: A) => R,
): Task<A, Awaited<R>> {
  if (typeof fn !== "function")
    throw new TypeError(`Cannot make task: expected a function, got ${typeof fn}`);
  if (fn.name === "") {
    throw new TypeError(
      "Cannot make task: the function has no name; name it like the export that holds the task, and let a build that " +
        "minifies keep names",
    );
  }
  const href = nameModule(module);
  keepFunction(href, fn.name, fn);
  return new Task<A, Awaited<R>>({ module: href, export: fn.name, fn });
}

/** Tells whether `value` is a task, also one made by another copy of this library. */
export function isTask(value: unknown): value is Task<never[], unknown> {
  if (typeof value !== "object" || value === null) return false;
  // Not by its class: what importTasks makes has a proxy among its prototypes.
  const { source, options } = value as Partial<Task>;
  return (
    typeof source?.module === "string" &&
    typeof source.export === "string" &&
    typeof options === "object"
  );
}

const TASK_OPTIONS = [
  "name",
  "timeout",
  "signal",
  "priority",
  "retries",
  "delay",
  "ttl",
  "key",
  "transfer",
  "buffer",
  "itemTimeout",
  "affinity",
  "remember",
] as const;

/** Checks options that were read, and returns them. */
function checked<A extends unknown[]>(options: TaskOptions<A>): TaskOptions<A> {
  const { name, timeout, signal, priority, delay, ttl, key, transfer, buffer, itemTimeout } =
    options;
  if (name !== undefined) assertString(name, "name");
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (buffer !== undefined) assertLimit(buffer, "buffer", 1);
  if (itemTimeout !== undefined) assertDuration(itemTimeout, "itemTimeout");
  if (options.remember !== undefined) assertBoolean(options.remember, "remember");
  if (signal !== undefined) assertSignal(signal);
  if (priority !== undefined) assertNumber(priority, "priority", "a number", isOrdered);
  if (delay !== undefined)
    assertNumber(delay, "delay", "milliseconds from 0, and no end", isMoment);
  if (ttl !== undefined) assertDuration(ttl, "ttl");
  if (ttl !== undefined && delay !== undefined && ttl <= delay && delay > 0) {
    throw new RangeError(
      `Cannot use ttl: ${ttl} ms are over before the task may begin, which is after its delay of ${delay} ms`,
    );
  }
  if (key !== undefined) assertKey(key, "key");
  if (options.affinity !== undefined) assertKey(options.affinity, "affinity");
  const retries = options.retries === undefined ? 0 : readRetries(options.retries);
  if (transfer !== undefined && typeof transfer !== "function" && !Array.isArray(transfer)) {
    throw new TypeError(
      "Cannot use transfer: expected a list or a function from the arguments to a list",
    );
  }
  if (transfer !== undefined && retryLimit(retries) > 0) {
    throw new RangeError(
      "Cannot use retries with transfer: moved arguments cannot be sent a second time",
    );
  }
  return options.retries === undefined ? options : { ...options, retries };
}

/** What begins after no end would never begin. */
function isMoment(ms: number): boolean {
  return ms >= 0 && ms !== Number.POSITIVE_INFINITY;
}

/** NaN comes neither before nor after another number. */
function isOrdered(priority: number): boolean {
  return !Number.isNaN(priority);
}
