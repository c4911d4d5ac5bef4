// Whoever is told what workers report.

import type { ConsoleLevel } from "../events.ts";
import type { Call } from "../work/work.ts";
import type { WorkerIdentity } from "../worker_identity.ts";

/** Whoever is told what workers report. */
export interface ReportListener {
  readonly observers: {
    /** Runs what tells observers of many things, one behind the other. */
    together<R>(tell: () => R): R;
  };
  /** The worker takes calls now, or has room for more. */
  onRoom(): void;
  /** A message has come: the event loop has turned. */
  onTurn(): void;
  /** The worker will never take calls: its initializer threw. */
  onFailed(worker: WorkerIdentity, error: unknown): void;
  /** An error that belongs to no call; a task that runs, where one may wait for ever for what has thrown it. */
  onFault(worker: WorkerIdentity, error: unknown, running?: string): void;
  /** Something was printed there, by a call or by none. */
  onPrinted(
    worker: WorkerIdentity,
    call: Call | undefined,
    level: ConsoleLevel,
    text: string,
  ): void;
}
