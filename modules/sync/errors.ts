// The errors of waiting together: a barrier that will never be full, and a wait that would never have ended.

import { DeadlockError, type ErrorCode } from "../core/errors.ts";
import { registerErrorClass } from "../core/seam/unpack.ts";

export { DeadlockError, type DeadlockStep } from "../core/errors.ts";

/** Tells that a barrier will not be full any more: somebody who waited at it gave up, or was lost. */
export class BrokenBarrierError extends Error {
  /** The name of the class. */
  override readonly name: string = "BrokenBarrierError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_BROKEN_BARRIER";
}

registerErrorClass(BrokenBarrierError);
registerErrorClass(DeadlockError);
