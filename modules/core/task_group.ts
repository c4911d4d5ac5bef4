// TaskGroup: calls that belong together. None outlives the block that made it, and a failure of one ends the rest.
//
// | event                                   | open children      | later submits      | join()                    | disposal      |
// |-----------------------------------------|--------------------|--------------------|---------------------------|---------------|
// | a child fails, onFailure "cancel"       | are interrupted    | GroupClosedError   | throws that failure       | throws it (*) |
// | a child fails, onFailure "continue"     | go on              | are taken          | undefined in its place    | throws it (*) |
// | a child is cancelled by whoever has it  | go on              | are taken          | undefined in its place    |               |
// | the deadline passes, "throw"            | are interrupted    | GroupClosedError   | throws TimeoutError       | throws it     |
// | the deadline passes, "partial"          | are interrupted    | GroupClosedError   | undefined in their places |               |
// | cancel(), or the signal aborts          | are interrupted    | GroupClosedError   | throws CancelledError     |               |
// | disposal without join()                 | are interrupted    | GroupClosedError   | throws CancelledError (†) |               |
//
// (*) unless somebody has looked at it, or join() has been waited for.
// (†) if there were any: `return group.join()` without an await leaves the block first.

import { inContextOfNow } from "./async_context.ts";
import { waitForCalls } from "./call_waits.ts";
import {
  assertBoolean,
  assertCount,
  assertDuration,
  assertEither,
  assertSignal,
  typeName,
} from "./checks.ts";
import { CancelledError, GroupClosedError, TimeoutError } from "./errors.ts";
import { EventLoopExecutor } from "./event_loop_executor.ts";
import type { Executor } from "./executor.ts";
import { type Future, onceDone, openCalls, outcomeOf, resultOf, wasLookedAt } from "./future.ts";
import { HeldCall, look } from "./held_call.ts";
import { readOptions } from "./options.ts";
import { enterGroup, leaveGroup, numberGroup } from "./submitting_group.ts";
import type { Task } from "./task.ts";
import { BEFORE_OUTCOME, findTaskContext, taskContext } from "./task_context.ts";
import { Timer } from "./time/timer.ts";
import { whenAborted } from "./time/when_aborted.ts";
import { asCompleted, type CompletedFutures } from "./wait.ts";
import { areWaitsFollowed, beginWait } from "./waits.ts";

/** How a group's children live together. */
export interface TaskGroupOptions<Keep extends boolean = boolean> {
  /**
   * Cancels the group when it aborts. Default: the signal of the task in which the group is made, if it is made in one
   * before the task's first `await`.
   */
  signal?: AbortSignal;
  /** Milliseconds from the group's making, after which what is open is interrupted. Default: no limit. */
  deadline?: number;
  /**
   * What `join()` makes of a deadline that has passed: it throws `TimeoutError`, or resolves with what there is,
   * `undefined` for the children that were cut off. Default: "throw".
   */
  onDeadline?: "throw" | "partial";
  /** Whether a child's failure interrupts the others and ends the group, or is only noted. Default: "cancel". */
  onFailure?: "cancel" | "continue";
  /** How many children run at once; the others wait in the group. Default: as many as their executor runs. */
  maxRunning?: number;
  /** Whether results are kept for `join()`; without, it resolves with their number. Default: true. */
  keepResults?: Keep;
}

const OPTIONS = [
  "signal",
  "deadline",
  "onDeadline",
  "onFailure",
  "maxRunning",
  "keepResults",
] as const satisfies readonly (keyof TaskGroupOptions)[];

/** Slots of the executor behind `run()`. The group's own `maxRunning` is what limits. */
const MOST_RUNNING = 2 ** 31 - 1;

/** Why a group takes no more, and what was asked to end. */
interface Closed {
  readonly by: keyof typeof ENDED_BY;
  readonly cause: unknown;
  /** Whether children were open. */
  readonly isCut: boolean;
}

const LEFT = "Cannot join group: its block was left before; await join() within it";

const ENDED_BY = {
  failure: "a child's failure",
  deadline: "its deadline",
  cancel: "cancel()",
  disposal: "its disposal",
  winner: "any(), which has its result",
} as const;

/**
 * Groups calls whose lives end together: `join()` waits for all of them, a failure of one interrupts the others, and none
 * is left when the block that made the group is left.
 *
 * Leaving an `await using` block without `join()` interrupts what is open and waits for it. Use
 * {@linkcode TaskGroup.run} where the block's own errors shall decide: it is told how its body ended.
 *
 * A child of the executor that was interrupted is done at once, as everywhere; its worker has the executor's
 * `interruptGrace` to end. A child of `run()` is waited for until its function has ended in fact.
 *
 * A group that a task makes before its first `await` lives no longer than that call: what the task leaves open is
 * interrupted, and waited for, before its outcome is told; and it is cancelled by the task's signal.
 *
 * The semantics are those of Python's `asyncio.TaskGroup` and of Java's `StructuredTaskScope`.
 *
 * @typeParam R What the children resolve with.
 * @typeParam Keep Whether results are kept.
 *
 * @example All, or the first failure
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, TaskGroup } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor();
 * await using group = new TaskGroup<number>(executor);
 * for (const n of [1, 2, 3]) group.submit((n: number) => n * n, n);
 * group.run(async (signal) => (signal.aborted ? 0 : 100));
 * assert.deepEqual(await group.join(), [1, 4, 9, 100]);
 * ```
 *
 * @example The first success
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, TaskGroup } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor();
 * await using group = new TaskGroup<string>(executor);
 * group.run(async () => { throw new Error("the mirror is down") });
 * group.run(async () => "from the second mirror");
 * assert.equal(await group.any(), "from the second mirror");
 * ```
 */
export class TaskGroup<R = unknown, Keep extends boolean = true> implements AsyncDisposable {
  readonly #executor: Executor;
  /** By it, observers know its children. */
  readonly #number = numberGroup();
  readonly #onDeadline: "throw" | "partial";
  readonly #onFailure: "cancel" | "continue";
  readonly #maxRunning: number;
  /** In the order of submission: all children, or, where results are not kept, those that are not done. */
  readonly #children: Future<R>[] | Set<Future<R>>;
  /** How many are not done. */
  #open = 0;
  /** Those that wait for their turn. */
  readonly #held = new Map<Future<R>, HeldCall<R>>();
  readonly #failed: Future<R>[] = [];
  readonly #controller = new AbortController();
  /** Runs what `run()` is given; made for the first one. */
  #local: EventLoopExecutor | undefined = undefined;
  /** Functions of `run()` that have begun and not ended in fact, whatever became of their futures. */
  #inside = 0;
  #running = 0;
  #succeeded = 0;
  #winner: Future<R> | undefined = undefined;
  #isRace = false;
  #isAwaited = false;
  #closed: Closed | undefined = undefined;
  #isJoined = false;
  readonly #timer = new Timer();
  /** Stop listening to the signal, and being ended with the task that made the group. */
  #unlink: () => void = () => {};
  #forget: () => void = () => {};
  /** Iterations that want to be told of children to come. */
  readonly #iterations = new Set<CompletedFutures<Future<R>>>();
  /** Whoever waits for the group to change: that a child is done, or that it was closed. */
  #wake: PromiseWithResolvers<void> | undefined = undefined;
  readonly #onDone = (child: Future<R>): void => this.#noteDone(child);

  /**
   * Makes an empty group.
   *
   * @param executor Runs what `submit` is given. It is not shut down by the group.
   * @throws {TypeError} For what is no executor, and for an option of the wrong type or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(executor: Executor, options?: TaskGroupOptions<Keep>) {
    if (typeof (executor as Partial<Executor> | undefined)?.submit !== "function")
      throw new TypeError("Cannot create TaskGroup: expected an executor");
    const read = readOptions<TaskGroupOptions<Keep>>(options, OPTIONS, "create TaskGroup");
    const parent = findTaskContext();
    const { signal = parent?.signal, onDeadline = "throw", onFailure = "cancel" } = read;
    const { deadline = Number.POSITIVE_INFINITY, keepResults = true } = read;
    const { maxRunning = Number.POSITIVE_INFINITY } = read;
    if (signal !== undefined) assertSignal(signal);
    assertDuration(deadline, "deadline");
    assertEither(onDeadline, "onDeadline", "throw", "partial");
    assertEither(onFailure, "onFailure", "cancel", "continue");
    assertCount(maxRunning, "maxRunning", 1);
    assertBoolean(keepResults, "keepResults");
    this.#executor = executor;
    this.#onDeadline = onDeadline;
    this.#onFailure = onFailure;
    this.#maxRunning = maxRunning;
    this.#children = keepResults ? [] : new Set();
    // What is open holds the program, and an empty group need not.
    this.#timer.set(deadline, () => {
      this.#close("deadline", new TimeoutError(`Cannot finish group: ${deadline} ms are over`));
    });
    // By hand, and unlinked in the end: AbortSignal.any over a signal that lives long leaks on two runtimes.
    if (signal !== undefined)
      this.#unlink = whenAborted(signal, (reason) => this.#close("cancel", reason));
    const end = async () => {
      await this.#leave();
      await this.#rest();
    };
    this.#forget = parent?.[BEFORE_OUTCOME]?.(end) ?? this.#forget;
  }

  /**
   * Makes a group, calls `body` with it, and leaves nothing behind: when `body` returns, the children are joined; when it
   * throws, they are interrupted and waited for, and its error is thrown on.
   *
   * @returns What `body` has returned, once every child is done.
   * @throws What `body` throws, or what `join()` does.
   *
   * @example Two pages at once
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor, TaskGroup } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor();
   * const length = async (text: string) => text.length;
   * const total = await TaskGroup.run(executor, { deadline: 60_000 }, async (group) => {
   *   const [a, b] = [group.submit(length, "one"), group.submit(length, "three")];
   *   return (await a) + (await b);
   * });
   * assert.equal(total, 8);
   * ```
   */
  static async run<T, R = unknown>(
    executor: Executor,
    options: TaskGroupOptions | undefined,
    body: (group: TaskGroup<R, boolean>) => T | PromiseLike<T>,
  ): Promise<T>;
  /** The same with the default options. */
  static async run<T, R = unknown>(
    executor: Executor,
    body: (group: TaskGroup<R, boolean>) => T | PromiseLike<T>,
  ): Promise<T>;
  static async run<T, R = unknown>(
    executor: Executor,
    ...rest:
      | [options: TaskGroupOptions | undefined, body: (group: TaskGroup<R, boolean>) => T]
      | [body: (group: TaskGroup<R, boolean>) => T]
  ): Promise<Awaited<T>> {
    const [options, body] = rest.length === 1 ? [undefined, rest[0]] : rest;
    if (typeof body !== "function")
      throw new TypeError("Cannot run TaskGroup: expected a function that is given the group");
    const group = new TaskGroup<R, boolean>(executor, options);
    let value: Awaited<T>;
    try {
      value = await body(group);
    } catch (error) {
      group.#close("disposal", error);
      await group.#allDone();
      // One of them may be what was thrown, and the others are told of by nobody else.
      void group.failures;
      await group.#rest();
      throw error;
    }
    await group.join();
    await group[Symbol.asyncDispose]();
    return value;
  }

  /**
   * Submits a call to the group's executor. Of an `EventLoopExecutor` that may be any function.
   *
   * @returns Settles with the task's outcome. A child that waits for its turn (`maxRunning`) is pending.
   * @throws {GroupClosedError} After a failure, a deadline, `cancel()` or the disposal; its `cause` says which.
   * @throws What the executor's `submit` throws, where it is called at once; with `maxRunning` it may be the child's failure.
   */
  submit<A extends unknown[], T extends R>(
    task: Task<A, T | PromiseLike<T>> | ((...args: A) => T | PromiseLike<T>),
    ...args: A
  ): Future<Awaited<T>> {
    this.#assertOpen("submit");
    return this.#add(this.#executor, task as Task<A, Awaited<T>>, args);
  }

  /**
   * Calls a function on this event loop, with a signal that aborts when the child is to end.
   *
   * The function is begun in a later turn, in the async context of this call.
   *
   * @returns Settles with what the function returns or throws.
   * @throws {GroupClosedError} As `submit`.
   */
  run<T extends R>(fn: (signal: AbortSignal) => T | PromiseLike<T>): Future<Awaited<T>> {
    if (typeof fn !== "function")
      throw new TypeError(`Cannot run: expected a function, got ${typeName(fn)}`);
    this.#assertOpen("run");
    // What it submits is submitted by whoever has the group, not by a call of the group's own executor.
    const call = inContextOfNow(async (): Promise<Awaited<T>> => {
      const { signal } = taskContext();
      this.#inside++;
      try {
        return await fn(signal);
      } finally {
        this.#inside--;
        this.#notify();
      }
    });
    return this.#add(this.#runner(), call as unknown as Task<[], Awaited<T>>, []);
  }

  /**
   * Waits until every child is done, those added meanwhile too.
   *
   * @returns The results in the order of submission, `undefined` for a child that has none: one that failed under
   * `onFailure: "continue"`, was cancelled by whoever has its future, or was cut off under `onDeadline: "partial"`. With
   * `keepResults: false` their number.
   * @throws The first failure itself, unless `onFailure` is "continue"; `group.failures` has them all.
   * @throws {TimeoutError} When the deadline has passed, unless `onDeadline` is "partial".
   * @throws {CancelledError} After `cancel()`, or when the signal has aborted; its `cause` is the reason. And when the group's
   * block was left before its children had ended, as by `return group.join()` without an `await`.
   */
  async join(): Promise<Keep extends false ? number : R[]> {
    await this.#allDone();
    this.#isJoined = true;
    const early = this.#error();
    await this.#rest();
    if (early !== undefined) throw early.error;
    const children = this.#children;
    const results = Array.isArray(children)
      ? children.map((child) => (outcomeOf(child) === "finished" ? resultOf(child) : undefined))
      : this.#succeeded;
    return results as Keep extends false ? number : R[];
  }

  /**
   * Waits for the first success and interrupts the other children. Failures are collected until then, whatever
   * `onFailure` says.
   *
   * @returns What the first child to succeed has resolved with.
   * @throws {AggregateError} When no child succeeds; its `errors` are `group.failures`.
   * @throws {TimeoutError} When the deadline has passed.
   * @throws {CancelledError} After `cancel()`, or when the signal has aborted; its `cause` is the reason.
   */
  async any(): Promise<R> {
    this.#isRace = true;
    this.#beginWaits();
    const calls = waitForCalls({ inside: () => openCalls(this.#children) });
    while (this.#winner === undefined && this.#closed === undefined && this.#open > 0) {
      await this.#change();
      calls?.changed();
    }
    calls?.end();
    const winner = this.#winner;
    if (winner !== undefined) this.#close("winner", new CancelledError("Another child was first"));
    await this.#allDone();
    this.#isJoined = true;
    const failures = this.failures;
    await this.#rest();
    if (winner !== undefined) return resultOf(winner);
    const early = this.#closed?.by === "failure" ? undefined : this.#error();
    if (early !== undefined) throw early.error;
    throw new AggregateError(failures, "Cannot get any result: no child has succeeded");
  }

  /**
   * Interrupts every child that is open and takes no more. Does nothing to a group that is closed already.
   *
   * @param reason Becomes the `cause` of the children's `CancelledError`, and the reason of the signal.
   */
  cancel(reason?: unknown): void {
    this.#close("cancel", reason);
  }

  /** Aborts when the group ends early: with the failure, the deadline's error, or the reason of `cancel()`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Every failure so far, in the order in which they came. Asking for it is a look at them. */
  get failures(): readonly unknown[] {
    for (const child of this.#failed) look(child);
    return this.#failed.map((child) => child.snapshot().error);
  }

  /**
   * Hands out the children as they are done, those added meanwhile too; ends when none is open. With `keepResults: false`
   * those that were done before are not among them.
   */
  [Symbol.asyncIterator](): CompletedFutures<Future<R>> {
    const completed = asCompleted<Future<R>>(this.#children);
    this.#iterations.add(completed);
    return completed;
  }

  /**
   * Interrupts what is open and waits for it; after `join()` there is nothing left to do.
   *
   * @throws The first failure, or the deadline's error, unless it was looked at, or `join()` or `any()` was waited for, or
   * the group was cancelled.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const wasCancelled = this.#closed?.by === "cancel";
    await this.#leave();
    const isHeard = this.#isJoined || wasCancelled;
    const unseen = isHeard ? undefined : this.#failed.find((child) => !wasLookedAt(child));
    // Those that came with it are told of by nobody else: it stands for them, as it does in join().
    if (unseen !== undefined) void this.failures;
    await this.#rest();
    if (isHeard) return;
    if (this.#closed?.by === "deadline" && this.#onDeadline === "throw") throw this.#closed.cause;
    if (unseen !== undefined) throw unseen.snapshot().error;
  }

  #assertOpen(action: string): void {
    if (this.#closed === undefined) return;
    throw new GroupClosedError(
      `Cannot ${action} to group: it has ended by ${ENDED_BY[this.#closed.by]}`,
      this.#closed.cause === undefined ? undefined : { cause: this.#closed.cause },
    );
  }

  #add<A extends unknown[], T>(executor: Executor, task: Task<A, T>, args: A): Future<T> {
    const isHeld = this.#running >= this.#maxRunning || this.#held.size > 0;
    const call = isHeld ? this.#hold(executor, task, args) : this.#start(executor, task, args);
    const child = call as Future<unknown> as Future<R>;
    if (Array.isArray(this.#children)) this.#children.push(child);
    else this.#children.add(child);
    this.#open++;
    if (this.#iterations.size > 0)
      for (const iteration of this.#iterations) this.#tell(iteration, child);
    onceDone<Future<R>>(child, this.#onDone);
    if (this.#isAwaited) beginWait(child);
    // An observer is told in the midst of a submit, and may have ended the group: the child was not among the open ones yet.
    this.#interruptIfClosed(child);
    return call;
  }

  /** The place is taken first: an observer may add a sibling in the midst of this. */
  #start<A extends unknown[], T>(executor: Executor, task: Task<A, T>, args: A): Future<T> {
    this.#running++;
    try {
      return this.#submit(executor, task, args);
    } catch (error) {
      this.#running--;
      throw error;
    }
  }

  #submit<A extends unknown[], T>(executor: Executor, task: Task<A, T>, args: A): Future<T> {
    enterGroup(this.#number);
    try {
      return executor.submit(task, ...args) as Future<T>;
    } finally {
      leaveGroup();
    }
  }

  #interruptIfClosed(child: Future<R>): void {
    if (this.#closed !== undefined) child.cancel({ interrupt: true, reason: this.#closed.cause });
  }

  #hold<A extends unknown[], T>(executor: Executor, task: Task<A, T>, args: A): Future<T> {
    const call = new HeldCall<T>(() => this.#submit(executor, task, args));
    this.#held.set(
      call.future as Future<unknown> as Future<R>,
      call as HeldCall<unknown> as HeldCall<R>,
    );
    return call.future;
  }

  #noteDone(child: Future<R>): void {
    this.#open--;
    if (!Array.isArray(this.#children)) this.#children.delete(child);
    if (this.#held.size === 0 || !this.#held.delete(child)) this.#running--;
    const outcome = outcomeOf(child);
    if (outcome === "finished") {
      this.#succeeded++;
      this.#winner ??= child;
    } else if (outcome === "failed") {
      this.#failed.push(child);
      if (this.#onFailure === "cancel" && !this.#isRace)
        this.#close("failure", child.snapshot().error);
    }
    if (this.#held.size > 0) this.#startHeld();
    // Who joins waits for the last one, and is not woken by each.
    if (this.#open === 0 || this.#isRace) this.#notify();
  }

  #tell(iteration: CompletedFutures<Future<R>>, child: Future<R>): void {
    try {
      iteration.add(child);
    } catch {
      // It has ended: its reader was told so, or has left.
      this.#iterations.delete(iteration);
    }
  }

  #startHeld(): void {
    if (this.#closed !== undefined) return;
    for (const [child, call] of this.#held) {
      if (this.#running >= this.#maxRunning) return;
      this.#held.delete(child);
      this.#running++;
      call.start();
    }
  }

  /** Takes no more, and interrupts what is open. What closed the group first stays the reason. */
  #close(by: Closed["by"], cause: unknown): void {
    if (this.#closed !== undefined) return;
    this.#closed = { by, cause, isCut: this.#open > 0 };
    this.#timer.clear();
    this.#unlink();
    // Those that wait go first: each one that ends would start the next.
    if (this.#open > 0)
      for (const child of [...this.#held.keys(), ...this.#children])
        if (!child.done()) child.cancel({ interrupt: true, reason: cause });
    this.#controller.abort(cause);
    this.#notify();
  }

  /** Resolves when no child is open, and no function of `run()` is still at work. */
  async #allDone(): Promise<void> {
    this.#beginWaits();
    const calls = waitForCalls({ all: () => openCalls(this.#children) });
    while (this.#open > 0 || this.#inside > 0) await this.#change();
    calls?.end();
  }

  /** From now on somebody waits for every child, those added meanwhile too. */
  #beginWaits(): void {
    this.#isAwaited = true;
    if (!areWaitsFollowed()) return;
    for (const child of this.#children) if (!child.done()) beginWait(child);
  }

  async #leave(): Promise<void> {
    this.#close("disposal", undefined);
    await this.#allDone();
  }

  /** Leaves nothing behind: no clock, no listener. */
  async #rest(): Promise<void> {
    if (this.#closed === undefined) return;
    this.#timer.clear();
    this.#unlink();
    this.#forget();
    await this.#local?.shutdown();
  }

  #change(): Promise<void> {
    this.#wake ??= Promise.withResolvers();
    return this.#wake.promise;
  }

  #notify(): void {
    this.#wake?.resolve();
    this.#wake = undefined;
  }

  /** What a group that was closed has to say to whoever waits for it. */
  #error(): { error: unknown } | undefined {
    switch (this.#closed?.by) {
      case "failure":
        return { error: this.failures[0] };
      case "deadline":
        return this.#onDeadline === "throw" ? { error: this.#closed.cause } : undefined;
      case "cancel":
        return {
          error: new CancelledError("Cannot join group: it is cancelled", {
            cause: this.#closed.cause,
          }),
        };
      case "disposal":
        return this.#closed.isCut ? { error: new CancelledError(LEFT) } : undefined;
      default:
        return undefined;
    }
  }

  /** Never gives up a function that was interrupted: the group waits for it. */
  #runner(): EventLoopExecutor {
    this.#local ??= new EventLoopExecutor({
      name: "TaskGroup",
      maxWorkers: MOST_RUNNING,
      interruptGrace: Number.POSITIVE_INFINITY,
    });
    return this.#local;
  }
}
