// What a worker goes by, for the scheduling and for whatever runs it.

import type { WireTask } from "../seam/messages.ts";

/** The milliseconds and numbers a worker goes by. */
export interface WorkerLimits {
  readonly interruptGrace: number;
  readonly startTimeout: number;
  readonly idleTimeout: number | undefined;
  readonly maxTasks: number;
  /** What a worker does before it ends, where that was planned. */
  readonly finalizer?: WireTask | undefined;
  /** Milliseconds a worker may be silent that runs no task. */
  readonly heartbeat: number | undefined;
  /** Bytes a worker may have, as its channel tells. */
  readonly memoryLimit: number | undefined;
  /** Values pass by reference: nothing is checked or encoded. */
  readonly byReference: boolean;
  /** What tasks print is told instead of printed. */
  readonly captureConsole: boolean;
  /** Tasks are looked at one by one. */
  readonly debug: boolean;
  /** Lets debuggers in; "brk" has it wait for one first. */
  readonly inspect?: true | "brk" | undefined;
}
