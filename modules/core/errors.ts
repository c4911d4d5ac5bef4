// The errors an executor answers with. A task's own errors are not here: they cross as they are (seam/pack.ts).

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
}

/** Tells that a future was asked for a transition its state does not allow, such as a second outcome. */
export class InvalidStateError extends Error {
  /** The name of the class. */
  override readonly name: string = "InvalidStateError";
}

/** Tells that an executor was shut down and takes no more tasks. */
export class ShutdownError extends Error {
  /** The name of the class. */
  override readonly name: string = "ShutdownError";
}

/** Tells that an executor's queue holds `maxQueue` tasks; `await executor.ready` waits for room. */
export class QueueFullError extends Error {
  /** The name of the class. */
  override readonly name: string = "QueueFullError";
}

/** Tells that a task group has ended and takes no more children; `cause` is what ended it early, if anything did. */
export class GroupClosedError extends Error {
  /** The name of the class. */
  override readonly name: string = "GroupClosedError";
}

/** Tells that an executor can run nothing any more; `cause` is what broke it. */
export class BrokenExecutorError extends Error {
  /** The name of the class. */
  override readonly name: string = "BrokenExecutorError";
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
}

/**
 * Tells that a worker ended while it had this task: it was running it, or had run it a moment ago and not yet told the
 * outcome. Tasks it had not begun are not concerned: they run on another worker.
 */
export class WorkerLostError extends BrokenExecutorError {
  /** The name of the class. */
  override readonly name: string = "WorkerLostError";
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
    super(`Cannot finish task "${loss.taskName}": worker ${loss.workerId} ${how}`, options);
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
}

/**
 * Carries the stack a task's error had in its worker, as text, at the end of the error's `cause` chain.
 *
 * The source is CPython's `_RemoteTraceback`: a stack cannot cross, but the reader needs the task's own file and line.
 */
export class RemoteTraceback extends Error {
  /** The name of the class. */
  override readonly name: string = "RemoteTraceback";

  /** Takes the worker-side stack. */
  constructor(stack: string) {
    super(stack);
    // Its own stack would only show where the message was decoded.
    Object.defineProperty(this, "stack", { value: stack, configurable: true, writable: true });
  }
}
