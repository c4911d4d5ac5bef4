// The errors of waiting together: a barrier that will never be full, and a wait that would never have ended.

import type { ErrorCode } from "../core/errors.ts";
import { registerErrorClass } from "../core/seam/unpack.ts";

/** Tells that a barrier will not be full any more: somebody who waited at it gave up, or was lost. */
export class BrokenBarrierError extends Error {
  /** The name of the class. */
  override readonly name: string = "BrokenBarrierError";
  /** What it is told apart by: see `ErrorCode`. */
  readonly code: ErrorCode = "CF_BROKEN_BARRIER";
}

/** One step of a circle of waits. */
export interface DeadlockStep {
  /** Who waits: `task "move" (call 3 of ThreadPoolExecutor-0)`. */
  readonly task: string;
  /** For what, which the one of the next step holds: `lock "cache"`. */
  readonly waitsFor: string;
}

/**
 * Tells that a wait would never have ended: it closed a circle of calls each of which waits for what the next one holds.
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

registerErrorClass(BrokenBarrierError);
registerErrorClass(DeadlockError);
