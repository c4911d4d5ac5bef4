// Future: the read side of a task that runs elsewhere. States, transitions, callbacks.
//
// | from                | event                         | to        | answer                                   |
// |---------------------|-------------------------------|-----------|------------------------------------------|
// | pending             | cancel()                      | cancelled | true; false if the task begins just now, |
// |                     |                               |           | or if nobody can tell: then it is as was |
// | running             | cancel()                      | running   | false                                    |
// | pending, running    | cancel({ interrupt: true })   | cancelled | true at once                             |
// | cancelled, finished | cancel()                      | unchanged | true, false                              |
// | pending, running    | setResult, setException       | finished  |                                          |
// | cancelled, finished | setResult, setException       | unchanged | InvalidStateError; first outcome is kept |
// | pending             | setRunningOrNotifyCancel()    | running   | true                                     |
// | cancelled           | setRunningOrNotifyCancel()    | unchanged | false                                    |
// | running, finished   | setRunningOrNotifyCancel()    | unchanged | InvalidStateError                        |

import { inContextOfNow } from "./async_context.ts";
import { callListener, reportRejection } from "./call_listener.ts";
import {
  type Awaited,
  type AwaitedCall,
  callHere,
  waitForCalls,
  waitOfCall,
} from "./call_waits.ts";
import { assertDuration, assertNumber, assertSignal, typeName } from "./checks.ts";
import { CancelledError, InvalidStateError, TimeoutError } from "./errors.ts";
import { FUTURE } from "./future_symbol.ts";
import { readOptions } from "./options.ts";
import { printError } from "./print_error.ts";
import { withDeadline } from "./time/with_deadline.ts";
import { beginWait } from "./waits.ts";
import type { Progress, WorkerIdentity } from "./worker_identity.ts";

/** Where a future stands. Both "cancelled" and "finished" are done, and final. */
export type FutureState = "pending" | "running" | "cancelled" | "finished";

/** How to cancel. */
export interface CancelOptions {
  /** Also end a task that already runs. Default: false. */
  interrupt?: boolean;
  /** Becomes the `cause` of the `CancelledError` that waiters get. */
  reason?: unknown;
}

/** How long to wait for an outcome. Giving up does not touch the task. */
export interface ResultOptions {
  /** Milliseconds from the call; then `TimeoutError`. Default: no limit. */
  timeout?: number;
  /** Gives up with the signal's reason when it aborts. */
  signal?: AbortSignal;
}

/** What an executor knows of a task beyond its outcome. Times are milliseconds since the Unix epoch. */
export interface FutureDetails {
  /** When it was submitted. */
  readonly submittedAt?: number | undefined;
  /** When its task was started, the last time where it was retried. */
  readonly startedAt?: number | undefined;
  /** When it was done. */
  readonly finishedAt?: number | undefined;
  /** The latest report of the task. */
  readonly progress?: Progress | undefined;
  /** Who runs or ran it. */
  readonly worker?: WorkerIdentity | undefined;
}

/** Everything known of a future at one moment. Times are given while its executor is observed, and optional otherwise. */
export interface FutureSnapshot<T> extends FutureDetails {
  /** The state. */
  readonly state: FutureState;
  /** The result of a task that succeeded. */
  readonly value?: T;
  /** The error of a task that failed or was cancelled. */
  readonly error?: unknown;
}

/** How a future is done. */
export type Outcome = "finished" | "failed" | "cancelled";

/** An executor's side of a future: for authors of executors. */
export interface FutureControl {
  /** By which it waits; where it can be set, what waits is moved. Without it `priority` is 0 and cannot be set. */
  priority?: number;
  /**
   * Takes a pending future's task back. True promises that its code will never start; false says that it has begun; undefined
   * that nobody here can tell: the future stays pending, and `cancel()` answers false.
   */
  withdraw(): boolean | undefined;
  /** Tells whether the task of a future that is still pending has begun in fact. */
  begun(): boolean;
  /** Ends a running task whose future is cancelled next; `reason` is what its signal aborts with. */
  interrupt(reason: CancelledError): void;
  /** Runs once, when the future is done and before anyone else hears of it. */
  settled(outcome: Outcome): void;
  /** Runs when a failure that nobody had looked at is looked at. */
  looked(): void;
  /** Takes an error thrown by a done callback or progress listener, or what a promise it returned was rejected with. */
  report(error: unknown): void;
  /** The call that it is of, where a circle of calls that wait for each other can be told. Default: unknown. */
  call?(): AwaitedCall | undefined;
  /** What the executor knows beyond the outcome. */
  details(): FutureDetails | undefined;
  /** Calls `listener` for each report of the task from now on. */
  watchProgress(listener: (progress: Progress) => void): Disposable;
}

/** Kept without its type, so that a `Future<Cat>` is a `Future<Animal>`. */
type Listener = (future: never) => void;

const CANCEL_OPTIONS = ["interrupt", "reason"] as const;
const RESULT_OPTIONS = ["timeout", "signal"] as const;

const PENDING = 0;
const RUNNING = 1;
const CANCELLED = 2;
const SUCCEEDED = 3;
const FAILED = 4;
const STATE_NAMES: readonly FutureState[] = [
  "pending",
  "running",
  "cancelled",
  "finished",
  "finished",
];

const OUTCOMES = { [CANCELLED]: "cancelled", [SUCCEEDED]: "finished", [FAILED]: "failed" } as const;

/** Why a future is cancelled. Its error is made when first asked for: a stack is most of what cancelling thousands costs. */
class Cancellation {
  readonly #reason: unknown;
  #error: CancelledError | undefined = undefined;

  constructor(reason: unknown) {
    this.#reason = reason;
  }

  /** The same one each time. */
  get error(): CancelledError {
    this.#error ??= new CancelledError(
      "Cannot get result: future is cancelled",
      this.#reason === undefined ? undefined : { cause: this.#reason },
    );
    return this.#error;
  }
}

/**
 * Calls `listener` once `future` is done, at once if it is, without counting as a look at its outcome (wait.ts).
 * Returns how to stop.
 */
export function onceDone<F extends Future<unknown>>(
  future: F,
  listener: (future: F) => void,
): () => void {
  return future[FUTURE](listener as Listener);
}

/** The call that a future is of, where that is known. */
export let callOf: (future: Future<unknown>) => AwaitedCall | undefined;

/** The calls of those futures that are not done. */
export function* openCalls(futures: Iterable<Future<unknown>>): Iterable<AwaitedCall | undefined> {
  for (const future of futures) if (!future.done()) yield callOf(future);
}

/** Tells whether anyone has looked at the outcome, or asked to (for the report of unobserved failures). */
export let wasLookedAt: (future: Future<unknown>) => boolean;

/** Tells how a future is done, and undefined of one that is not, without the record that a snapshot is. */
export let outcomeOf: (future: Future<unknown>) => Outcome | undefined;

/** The value of a future that has one: to be asked for when `outcomeOf` says so. */
export let resultOf: <T>(future: Future<T>) => T;

/**
 * Stands for the outcome of a task that runs elsewhere, as Python's `concurrent.futures.Future` does, and can be awaited.
 *
 * Executors create futures; `submit` hands them out. A future is done when it is cancelled or finished, and stays so.
 * Awaiting it is `result()`. A failure nobody looks at never ends the program: it is reported once, when the executor
 * shuts down. Looking is `await`, `then`, `catch`, `finally`, `result`, `exception` and a done callback.
 *
 * Being a thenable, a future returned from an `async` function, or yielded by an `async function*`, turns into its value.
 *
 * The semantics are those of CPython's `Lib/concurrent/futures/_base.py`, except that a cancelled future is done at once
 * for every kind of waiter.
 *
 * @example Submit, look, await
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor();
 * const future = executor.submit((a: number, b: number) => a + b, 20, 22);
 * assert(!future.done());
 * assert((await future) === 42);
 * assert(future.state === "finished");
 * ```
 *
 * @example Settle one by hand, as an executor does
 * ```ts
 * import assert from "node:assert/strict";
 * import { Future } from "@concurrent/futures";
 *
 * const future = new Future<string>();
 * const seen: string[] = [];
 * future.addDoneCallback((done) => seen.push(done.state));
 * future.setResult("hello");
 * assert((await future.result()) === "hello" && seen[0] === "finished");
 * ```
 */
export class Future<T> implements PromiseLike<T> {
  static {
    wasLookedAt = (future) => future.#isLookedAt;
    // One of another copy of this library has a state of its own.
    callOf = (future) => (#control in future ? future.#control?.call?.() : undefined);
    outcomeOf = (future) =>
      #state in future
        ? OUTCOMES[future.#state as keyof typeof OUTCOMES]
        : outcomeIn((future as Future<unknown>).snapshot());
    resultOf = <T>(future: Future<T>) =>
      #state in future ? (future.#outcome as T) : ((future as Future<T>).snapshot().value as T);
  }

  #state = PENDING;
  /** The value of a future that succeeded, the error of a failed one, the `Cancellation` of a cancelled one. */
  #outcome: unknown = undefined;
  #isLookedAt = false;
  #control: FutureControl | undefined;
  /** One listener is by far the most common: no array for it. */
  #listeners: Listener | Listener[] | undefined = undefined;
  /** Made when first asked for: a future that is only waited on in bulk never allocates one. */
  #promise: Promise<T> | undefined = undefined;
  #resolvePromise: ((outcome: unknown) => void) | undefined = undefined;

  /** Creates a pending future; `control` is the executor's side of it, if an executor stands behind it. */
  constructor(control?: FutureControl) {
    this.#control = control;
  }

  /** Where it stands now. */
  get state(): FutureState {
    this.#noticeStart();
    return STATE_NAMES[this.#state] as FutureState;
  }

  /**
   * By which the task waits: higher runs first. To set it moves what waits, and what was sent ahead to a worker and has not
   * begun; one that runs, or is done, is left as it is. 0 where no executor stands behind it.
   *
   * @example One that cannot wait any longer
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor({ maxWorkers: 1 });
   * const order: string[] = [];
   * const [first, second] = ["first", "second"].map((name) => executor.submit(() => order.push(name)));
   * if (second !== undefined) second.priority = 5;
   * await Promise.all([first, second]);
   * assert.deepEqual(order, ["second", "first"]);
   * ```
   *
   * @throws {TypeError} When it is set to what is no number.
   * @throws {RangeError} When it is set to NaN.
   * @throws {InvalidStateError} When it is set and no executor stands behind the future.
   */
  get priority(): number {
    return this.#control?.priority ?? 0;
  }

  set priority(priority: number) {
    assertNumber(priority, "priority", "a number", (value) => !Number.isNaN(value));
    if (this.#control?.priority === undefined)
      throw new InvalidStateError("Cannot set priority: the future waits in no executor");
    this.#control.priority = priority;
  }

  /**
   * Cancels the task, if it can still be.
   *
   * Tells the truth at once: true for a pending future means that the task's code will never start. (An executor that
   * cannot tell at once whether a task has begun answers false, and the future stays pending.) A running task is
   * left alone, with the answer false, unless `interrupt` is set: then the future is cancelled at once, the task's
   * signal aborts, and a worker still busy after the executor's `interruptGrace` is ended and replaced.
   *
   * @param options Whether to interrupt, and why.
   * @returns Whether the future is cancelled now.
   *
   * @example Cancel what waits
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor({ maxWorkers: 1 });
   * const future = executor.submit(() => "never runs");
   * assert(future.cancel() && future.cancelled());
   * ```
   */
  cancel(given?: CancelOptions): boolean {
    const options = readOptions(given, CANCEL_OPTIONS, "cancel future");
    this.#noticeStart();
    if (this.#state === CANCELLED) return true;
    if (this.#state > RUNNING) return false;
    const isWithdrawn =
      this.#state === PENDING && (this.#control === undefined || this.#control.withdraw());
    if (this.#state === PENDING && isWithdrawn === false) this.#state = RUNNING;
    const cancellation = new Cancellation(options.reason);
    if (isWithdrawn !== true) {
      if (options.interrupt !== true) return false;
      this.#control?.interrupt(cancellation.error);
      // To tell the worker why, the reason was read: its getters are user code and may have come here first. Or the task
      // has ended meanwhile.
      if (this.done()) return this.cancelled();
    }
    this.#settle(CANCELLED, cancellation);
    return true;
  }

  /** Tells whether it was cancelled. */
  cancelled(): boolean {
    return this.#state === CANCELLED;
  }

  /** Tells whether its task runs now and was not cancelled. */
  running(): boolean {
    this.#noticeStart();
    return this.#state === RUNNING;
  }

  /** Tells whether it is cancelled or finished. */
  done(): boolean {
    return this.#state > RUNNING;
  }

  /**
   * Waits for the result. `await future` is the same without options.
   *
   * @param options How long to wait; the task goes on when the wait is given up.
   * @returns The task's value, once the future is done.
   * @throws {CancelledError} When the future is cancelled.
   * @throws {TimeoutError} When `timeout` milliseconds passed first.
   * @throws What the task threw: the very same object each time.
   */
  result(options?: ResultOptions): Promise<T> {
    this.#look();
    return options === undefined ? this.#awaited(undefined) : this.#within(options);
  }

  /** Waits with a limit. */
  async #within(given: ResultOptions): Promise<T> {
    const options = readOptions(given, RESULT_OPTIONS, "get result");
    if (options.timeout !== undefined) assertDuration(options.timeout, "timeout");
    if (options.signal !== undefined) assertSignal(options.signal);
    if (this.#state <= RUNNING) {
      const calls = waitForCalls({ all: () => openCalls([this]) });
      try {
        // Not on the promise that all who wait have in common: what a wait that was given up leaves there stays for good.
        await withDeadline(
          (onDone) => this.#watch(onDone),
          options,
          () =>
            new TimeoutError(
              `Cannot get result: future is still ${this.state} after ${options.timeout} ms`,
            ),
        );
      } finally {
        calls?.end();
      }
    }
    return await this.#asPromise();
  }

  /**
   * Waits for the error the task failed with.
   *
   * @param options How long to wait; the task goes on when the wait is given up.
   * @returns What the task threw, or undefined when it succeeded. A task may throw anything: use `result` or
   * `snapshot` to tell a thrown `undefined` from a success.
   * @throws {CancelledError} When the future is cancelled.
   * @throws {TimeoutError} When `timeout` milliseconds passed first.
   * @throws What the task threw, if that is a thenable or cannot be read: no promise can have such a thing for its value.
   */
  async exception(options?: ResultOptions): Promise<unknown | undefined> {
    try {
      await this.result(options);
    } catch (error) {
      const isOutcome = this.#state === FAILED && Object.is(error, this.#outcome);
      if (isOutcome && canBeFulfilled(error)) return error;
      throw error;
    }
    return undefined;
  }

  /**
   * Calls `callback` with this future once it is done; at once if it is already.
   *
   * Callbacks run synchronously, in the order added, each once, in the async context of this call (`AsyncLocalStorage`).
   * One that throws, or returns a promise that rejects, is reported to the executor's `onError`, or printed, and the rest
   * still run.
   */
  addDoneCallback(callback: (future: Future<T>) => void): void {
    if (typeof callback !== "function") {
      throw new TypeError(
        `Cannot add done callback: expected a function, got ${typeName(callback)}`,
      );
    }
    this.#look();
    this.#watch(this.#state > RUNNING ? callback : inContextOfNow(callback));
  }

  /** Awaits the result, as a promise does. */
  // biome-ignore lint/suspicious/noThenProperty: a Future is a thenable by contract
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#look();
    return this.#awaited(onFulfilled ?? undefined).then(onFulfilled, onRejected);
  }

  /** Handles a failure or a cancellation, as a promise does. */
  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  /** Runs `onFinally` once it is done, as a promise does. */
  finally(onFinally?: (() => void) | null): Promise<T> {
    this.#look();
    return this.#asPromise().finally(onFinally);
  }

  /**
   * Calls `listener` for each progress report of the task, starting with the latest one if there is any.
   *
   * It runs in the async context of this call (`AsyncLocalStorage`). If it throws, or returns a promise that rejects, that
   * is reported to the executor's `onError`, or printed.
   *
   * @returns Ends the listening when disposed.
   * @throws {TypeError} When `listener` is no function.
   */
  onProgress(listener: (progress: Progress) => void): Disposable {
    if (typeof listener !== "function") {
      throw new TypeError(
        `Cannot listen to progress: expected a function, got ${typeName(listener)}`,
      );
    }
    const latest = this.#control?.details()?.progress;
    if (latest !== undefined) callListener(listener, latest, (error) => this.#report(error));
    return this.#control?.watchProgress(inContextOfNow(listener)) ?? { [Symbol.dispose]() {} };
  }

  /** Reads everything known at this moment, without waiting. It is not a look at a failure. */
  snapshot(): FutureSnapshot<T> {
    const state = this.state;
    return {
      state,
      ...(this.#state === SUCCEEDED ? { value: this.#outcome as T } : {}),
      ...(this.#state === FAILED || this.#state === CANCELLED ? { error: this.#error } : {}),
      ...this.#control?.details(),
    };
  }

  /**
   * Marks a pending future as running. For executors and tests.
   *
   * @returns True when the task shall start now; false when the future was cancelled and it shall not.
   * @throws {InvalidStateError} When the future is running or finished.
   */
  setRunningOrNotifyCancel(): boolean {
    if (this.#state === CANCELLED) return false;
    if (this.#state !== PENDING) {
      throw new InvalidStateError(`Cannot start future: it is ${STATE_NAMES[this.#state]}`);
    }
    this.#state = RUNNING;
    return true;
  }

  /**
   * Finishes the future with a value. For executors and tests.
   *
   * @throws {InvalidStateError} When it is done already; the first outcome is kept.
   */
  setResult(value: T): void {
    this.#assertNotDone("set result");
    this.#settle(SUCCEEDED, value);
  }

  /**
   * Finishes the future with an error, which may be anything. For executors and tests.
   *
   * @throws {InvalidStateError} When it is done already; the first outcome is kept.
   */
  setException(error: unknown): void {
    this.#assertNotDone("set exception");
    this.#settle(FAILED, error);
  }

  /**
   * Calls `listener` once the future is done, at once if it is; that is no look at its outcome. Returns how to stop. For
   * `wait` and `asCompleted`, also of another copy of this library.
   *
   * @ignore
   */
  [FUTURE](listener: (future: never) => void): () => void {
    return this.#watch(listener);
  }

  /** Shows the state, and of a finished one the type of the outcome. */
  toString(): string {
    if (this.#state === SUCCEEDED)
      return `Future { finished, returned ${typeName(this.#outcome)} }`;
    if (this.#state === FAILED) return `Future { finished, raised ${typeName(this.#outcome)} }`;
    return `Future { ${this.state} }`;
  }

  /** Shows the same in Deno's `console.log`. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** Shows the same in Bun's and Node's `console.log`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** `Object.prototype.toString` names the class. */
  get [Symbol.toStringTag](): string {
    return "Future";
  }

  /** A task sent ahead may begin without a message: the control knows. */
  #noticeStart(): void {
    if (this.#state === PENDING && this.#control?.begun() === true) this.#state = RUNNING;
  }

  #assertNotDone(action: string): void {
    if (this.#state > RUNNING) {
      throw new InvalidStateError(`Cannot ${action}: ${this} is done`);
    }
  }

  /** The only way to done. Invariant 2: a future settles once; every caller has checked the state. */
  #settle(state: typeof CANCELLED | typeof SUCCEEDED | typeof FAILED, outcome: unknown): void {
    this.#state = state;
    this.#outcome = outcome;
    this.#control?.settled(OUTCOMES[state]);
    if (this.#promise !== undefined) this.#settlePromise(this.#promise);
    const listeners = this.#listeners;
    if (listeners === undefined) return;
    this.#listeners = undefined;
    if (typeof listeners === "function") this.#call(listeners);
    else for (const listener of listeners) this.#call(listener);
  }

  /** What a failed or cancelled future rejects with. */
  get #error(): unknown {
    // By the state, and not by looking at the outcome: what a task threw may throw when it is looked at.
    return this.#state === CANCELLED ? (this.#outcome as Cancellation).error : this.#outcome;
  }

  #settlePromise(promise: Promise<T>): void {
    if (this.#state === SUCCEEDED) {
      this.#resolvePromise?.(this.#outcome);
      this.#promise = undefined;
    } else {
      this.#resolvePromise?.(handled(Promise.reject(this.#error)));
      handled(promise);
    }
    this.#resolvePromise = undefined;
  }

  /** Its promise, for whoever waits for it, maybe a call that is waited for itself. */
  #awaited(listener: unknown): Promise<T> {
    const control = this.#control;
    if (this.#state > RUNNING || control?.call === undefined) return this.#asPromise();
    // Nearly always none: what is made for the note would be made for every `await`.
    const here = callHere();
    if (here === undefined) return this.#asPromise();
    const awaited: Awaited = {
      future: this,
      call: () => control.call?.(),
      whenDone: (done) => void this.#watch(done),
    };
    return waitOfCall(here, awaited, listener, () => this.#asPromise()) ?? this.#asPromise();
  }

  #asPromise(): Promise<T> {
    if (this.#state === SUCCEEDED) {
      const value = this.#outcome as T;
      // Of a promise `Promise.resolve` asks the constructor, which may be a getter, and throws what that throws.
      return typeof value === "object"
        ? new Promise((resolve) => resolve(value))
        : Promise.resolve(value);
    }
    this.#promise ??=
      this.#state > RUNNING
        ? handled(Promise.reject(this.#error))
        : // Of its resolvers only one is kept: it can reject, too.
          new Promise((resolve) => {
            this.#resolvePromise = resolve as (outcome: unknown) => void;
          });
    return this.#promise;
  }

  #look(): void {
    if (this.#isLookedAt) return;
    this.#isLookedAt = true;
    if (this.#state === FAILED) this.#control?.looked();
    else if (this.#state <= RUNNING) beginWait(this);
  }

  /** Adds a listener, or calls it at once on a done future. Returns how to take it away again. */
  #watch(listener: Listener): () => void {
    if (this.#state > RUNNING) {
      this.#call(listener);
      return () => {};
    }
    if (this.#listeners === undefined) this.#listeners = listener;
    else if (typeof this.#listeners === "function") this.#listeners = [this.#listeners, listener];
    else this.#listeners.push(listener);
    return () => this.#unwatch(listener);
  }

  #unwatch(listener: Listener): void {
    if (this.#listeners === listener) {
      this.#listeners = undefined;
    } else if (Array.isArray(this.#listeners)) {
      const index = this.#listeners.indexOf(listener);
      if (index >= 0) this.#listeners.splice(index, 1);
    }
  }

  #call(listener: Listener): void {
    try {
      const returned: unknown = listener(this as never);
      if (returned !== undefined) reportRejection(returned, (error) => this.#report(error));
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    if (this.#control === undefined) printError("Uncaught error in a callback of a future:", error);
    else this.#control.report(error);
  }
}

function outcomeIn(snapshot: FutureSnapshot<unknown>): Outcome | undefined {
  if (snapshot.state === "finished") return "value" in snapshot ? "finished" : "failed";
  return snapshot.state === "cancelled" ? "cancelled" : undefined;
}

/**
 * Keeps a promise that rejects from ending the program: whoever asks for it answers for its rejection by what they derive
 * from it.
 */
function handled<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => {});
  return promise;
}

/** Whether a promise can have `value` for its value: it takes a thenable for another promise, and waits for that. */
function canBeFulfilled(value: unknown): boolean {
  try {
    return typeof (value as { then?: unknown } | null | undefined)?.then !== "function";
  } catch {
    return false;
  }
}
