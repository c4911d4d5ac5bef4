// The errors of a queue: a job that it does not have any more, and a value that is too large for it.

import { BrokenExecutorError, type ErrorCode } from "../core/errors.ts";
import { registerErrorClass } from "../core/seam/unpack.ts";

/** Tells that the queue does not have a job, or not any more: it expired, was removed, or the server lost it. */
export class JobLostError extends BrokenExecutorError {
  /** The name of the class. */
  override readonly name: string = "JobLostError";
  /** What it is told apart by: see `ErrorCode`. */
  override readonly code: ErrorCode = "CF_JOB_LOST";
}

/** Tells that arguments or a result are too large for the queue, or nested too deep: see `maxPayload`. */
export class PayloadTooLargeError extends Error {
  /** The name of the class. */
  override readonly name: string = "PayloadTooLargeError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_PAYLOAD_TOO_LARGE";
}

registerErrorClass(JobLostError);
registerErrorClass(PayloadTooLargeError);
