// The errors an executor answers with. A task's own errors are not here: they cross as they are (seam/pack.ts).

/**
 * What an error of this library is told apart by, whatever its message says and whichever copy of the library made it. It is
 * the error's `code`, or its `cfCode` where the platform gives errors of that name a `code` of its own. It does not change
 * from version to version, and crosses with the error. What each means, and what to do, is told in docs/errors.md, in this
 * order.
 *
 * @example Wait, or give up
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, type ErrorCode } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor({ maxWorkers: 1, maxQueue: 0 });
 * const first = executor.submit(() => 1);
 * try {
 *   executor.submit(() => 2);
 * } catch (error) {
 *   assert.equal((error as { code: ErrorCode }).code, "CF_QUEUE_FULL");
 * }
 * assert.equal(await first, 1);
 * ```
 */
export type ErrorCode =
  | "CF_CANCELLED"
  | "CF_TIMEOUT"
  | "CF_INVALID_STATE"
  | "CF_SHUT_DOWN"
  | "CF_QUEUE_FULL"
  | "CF_QUEUE_TIMEOUT"
  | "CF_GROUP_CLOSED"
  | "CF_BROKEN_EXECUTOR"
  | "CF_WORKER_LOST"
  | "CF_BROKEN_BARRIER"
  | "CF_DEADLOCK"
  | "CF_JOB_LOST"
  | "CF_PAYLOAD_TOO_LARGE"
  | "CF_UNSUPPORTED_RUNTIME"
  | "CF_NOT_PERMITTED"
  | "CF_NOT_A_TASK"
  | "CF_TASK_NOT_FOUND"
  | "CF_CANNOT_CROSS"
  | "CF_LARGE_ARGUMENT"
  | "CF_UNKNOWN_OPTION"
  | "CF_INVALID_OPTION"
  | "CF_CHANNEL_ENDED"
  | "CF_REMOTE_TRACEBACK";

/**
 * Gives an error that the platform has a class for its code. Where the platform has a `code` for it, too, ours is beside
 * that. It crosses with the error, as all of its own fields do.
 */
export function withCode<E extends Error>(error: E, code: ErrorCode): E {
  return Object.assign(error, { ["code" in error ? "cfCode" : "code"]: code });
}

/** The error for what cannot cross: the platform's own, with our code. */
export function dataCloneError(message: string): DOMException {
  return withCode(new DOMException(message, "DataCloneError"), "CF_CANNOT_CROSS");
}

/**
 * Tells that a future was cancelled before it had an outcome.
 *
 * `cause` is the reason given to `cancel({ reason })` or to the aborted signal, if any.
 *
 * @example A cancelled future rejects
 * ```ts
 * import assert from "node:assert/strict";
 * import { CancelledError, Future } from "@concurrent/futures";
 *
 * const future = new Future<number>();
 * future.cancel({ reason: "no longer needed" });
 * const error = await future.exception().catch((error) => error);
 * assert(error instanceof CancelledError && error.cause === "no longer needed");
 * ```
 */
export class CancelledError extends Error {
  /** The name of the class. */
  override readonly name: string = "CancelledError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_CANCELLED";
}

/**
 * Tells that time ran out: of a wait (`result({ timeout })`, `asCompleted`, `map`) or of a task (`task.with({ timeout })`).
 *
 * Its name and legacy `code` are those of the `DOMException` the web platform throws for the same reason.
 */
export class TimeoutError extends Error {
  /** The name of the class. */
  override readonly name: string = "TimeoutError";
  /** `DOMException.TIMEOUT_ERR`. */
  readonly code: number = 23;
  /** What it is told apart by, as its `code` is the platform's: see `ErrorCode`. */
  readonly cfCode: ErrorCode = "CF_TIMEOUT";
}

/** Tells that a future was asked for a transition its state does not allow, such as a second outcome. */
export class InvalidStateError extends Error {
  /** The name of the class. */
  override readonly name: string = "InvalidStateError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_INVALID_STATE";
}

/** Tells that an executor was shut down and takes no more tasks. */
export class ShutdownError extends Error {
  /** The name of the class. */
  override readonly name: string = "ShutdownError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_SHUT_DOWN";
}

/** Tells that an executor's queue holds `maxQueue` tasks; `await executor.ready` waits for room. */
export class QueueFullError extends Error {
  /** The name of the class. */
  override readonly name: string = "QueueFullError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_QUEUE_FULL";
}

/** Tells that a task had not begun when the time it may wait was over: `task.with({ ttl })`. Its code will never run. */
export class QueueTimeoutError extends TimeoutError {
  /** The name of the class. */
  override readonly name: string = "QueueTimeoutError";
  /** What it is told apart by: see `ErrorCode`. `code` is that of every `TimeoutError`. */
  override readonly cfCode: ErrorCode = "CF_QUEUE_TIMEOUT";
}

/** Tells that a task group has ended and takes no more children; `cause` is what ended it early, if anything did. */
export class GroupClosedError extends Error {
  /** The name of the class. */
  override readonly name: string = "GroupClosedError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_GROUP_CLOSED";
}

/** Tells that an executor can run nothing any more; `cause` is what broke it. */
export class BrokenExecutorError extends Error {
  /** The name of the class. */
  override readonly name: string = "BrokenExecutorError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_BROKEN_EXECUTOR";
}

/** What is known of a worker that ended while it ran a task. */
export interface WorkerLoss {
  /** The exit code, where the worker ended by itself. */
  readonly exitCode?: number | undefined;
  /** The name of the signal that ended it, where one did. */
  readonly signal?: string | undefined;
  /** The worker's id, as in events and in `taskContext()`. */
  readonly workerId: number;
  /** The name of the task whose outcome is lost. */
  readonly taskName: string;
  /** Whether it was called of an actor, which is lost with its worker. */
  readonly isActor?: boolean;
}

/**
 * Tells that a worker ended while it had this task: it was running it, or had run it a moment ago and not yet told the
 * outcome. Tasks it had not begun are not concerned: they run on another worker.
 */
export class WorkerLostError extends BrokenExecutorError {
  /** The name of the class. */
  override readonly name: string = "WorkerLostError";
  /** What it is told apart by: see `ErrorCode`. */
  override readonly code: ErrorCode = "CF_WORKER_LOST";
  /** The exit code, where the worker ended by itself. */
  readonly exitCode: number | undefined;
  /** The name of the signal that ended the worker, where one did. */
  readonly signal: string | undefined;
  /** The worker's id, as in events and in `taskContext()`. */
  readonly workerId: number;
  /** The name of the task whose outcome is lost. */
  readonly taskName: string;

  /** Describes the loss; `options.cause` is the worker's last uncaught error, where it had one. */
  constructor(loss: WorkerLoss, options?: ErrorOptions) {
    const how =
      loss.signal !== undefined
        ? `ended by ${loss.signal}`
        : loss.exitCode !== undefined
          ? `exited with code ${loss.exitCode}`
          : "ended";
    const whose = loss.isActor === true ? ", and its actor with it" : "";
    super(`Cannot finish task "${loss.taskName}": worker ${loss.workerId} ${how}${whose}`, options);
    this.exitCode = loss.exitCode;
    this.signal = loss.signal;
    this.workerId = loss.workerId;
    this.taskName = loss.taskName;
  }
}

/** Tells that an executor was constructed on a runtime that cannot run it; the message names one that can. */
export class UnsupportedRuntimeError extends Error {
  /** The name of the class. */
  override readonly name: string = "UnsupportedRuntimeError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_UNSUPPORTED_RUNTIME";
}

/**
 * Carries the stack a task's error had in its worker, as text, at the end of the error's `cause` chain.
 *
 * The source is CPython's `_RemoteTraceback`: a stack cannot cross, but the reader needs the task's own file and line.
 */
export class RemoteTraceback extends Error {
  /** The name of the class. */
  override readonly name: string = "RemoteTraceback";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_REMOTE_TRACEBACK";

  /** Takes the worker-side stack. */
  constructor(stack: string) {
    super(stack);
    // Its own stack would only show where the message was decoded.
    Object.defineProperty(this, "stack", { value: stack, configurable: true, writable: true });
  }
}

/** One step of a circle of waits. */
export interface DeadlockStep {
  /** Who waits: `task "move" (call 3 of ThreadPoolExecutor-0)`. */
  readonly task: string;
  /** For what, which the one of the next step holds: `lock "cache"`; or for whom. */
  readonly waitsFor: string;
}

/**
 * Tells that a wait would never have ended: it closed a circle of calls each of which waits for what the next one holds, or for
 * its result.
 * Only this wait was given up; the others go on.
 */
export class DeadlockError extends Error {
  /** The name of the class. */
  override readonly name: string = "DeadlockError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_DEADLOCK";
  /** The circle, from the call whose wait was given up; the last one waits for what that one holds. */
  readonly cycle: readonly DeadlockStep[];

  /** Describes the circle. */
  constructor(message: string, cycle: readonly DeadlockStep[] = [], options?: ErrorOptions) {
    super(message, options);
    this.cycle = cycle;
  }
}
