// What an observer of an executor is told, and the record behind `stats()`.

import type { Future } from "./future.ts";

/** Who runs tasks: a worker's number, unique in its executor, and its name. */
export interface WorkerIdentity {
  /** Counts from 0 in each executor; a replacement has a number of its own. */
  readonly id: number;
  /** `<executor name>_<id>`. */
  readonly name: string;
}

/** A worker and what it does at the moment. */
export interface WorkerStatus extends WorkerIdentity {
  /**
   * - `starting`: it takes no tasks yet.
   * - `idle`: it waits for a task.
   * - `busy`: it has a task, or is still held by one that was given up.
   * - `stopping`: it takes no more tasks and is about to end.
   */
  readonly state: "starting" | "idle" | "busy" | "stopping";
}

/** How far a task says it has come. */
export interface Progress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** Anything cloneable the task wants to show beside it. */
  readonly detail?: unknown;
}

/** What every event about a task says. */
export interface TaskEventBase {
  /** The task's number, unique in its executor; the same as `taskContext().id`. */
  readonly id: number;
  /** The task's display name. */
  readonly task: string;
  /** The task's future; absent for an element of `map` or `starmap`. */
  readonly future?: Future<unknown>;
  /** When, in milliseconds since the Unix epoch, on a clock that never runs backwards. */
  readonly at: number;
}

/** What every event about a worker says. */
export interface WorkerEventBase {
  /** The worker. */
  readonly worker: WorkerIdentity;
  /** When, in milliseconds since the Unix epoch, on a clock that never runs backwards. */
  readonly at: number;
}

/**
 * One thing that happened in an executor.
 *
 * A task's events come in the order submitted, started, progress, settled; `started` may come late for tasks too short
 * to be watched, never after `settled`. A task cancelled while it was pending has no `started`. One that is run again
 * after a lost worker is started again.
 */
export type TaskEvent =
  | (TaskEventBase & { readonly type: "submitted" })
  | (TaskEventBase & { readonly type: "started"; readonly worker: WorkerIdentity })
  | (TaskEventBase & { readonly type: "progress"; readonly progress: Progress })
  | (TaskEventBase & {
      readonly type: "settled";
      readonly outcome: "finished" | "failed" | "cancelled";
      /** The error of a failed or cancelled task. */
      readonly error?: unknown;
      readonly worker?: WorkerIdentity;
    })
  | (WorkerEventBase & { readonly type: "worker-started" })
  | (WorkerEventBase & {
      readonly type: "worker-exited";
      readonly exitCode?: number | undefined;
      readonly signal?: string | undefined;
      /** True where the runtime could not stop the worker's thread and it was left behind. */
      readonly abandoned: boolean;
    });
