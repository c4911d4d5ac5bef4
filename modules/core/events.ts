// What an observer of an executor is told.

import type { Future } from "./future.ts";
import type { Progress, WorkerIdentity } from "./worker_identity.ts";

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

/** Something that a call waits for or holds: a lock, a place of a semaphore, one side of an `RWLock`. */
export interface Hold {
  /** Its number: what was waited for and is held now has the same one. */
  readonly id: number;
  /** What it is of, for people: `lock "cache"`. */
  readonly of: string;
  /** Whether the call waits for it, holds it, or neither any more: it has given it back, or the wait up. */
  readonly state: "waits" | "holds" | "over";
}

/** A method of the console. */
export type ConsoleLevel = "debug" | "info" | "log" | "warn" | "error";

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
 *
 * A `hold` comes between `started` and `settled`, in a turn of its own; what has settled holds nothing. Of a lock that a
 * thread takes while nobody else asks for it, nothing is told until somebody does: the thread has told nobody either.
 *
 * `console` comes from executors made with `captureConsole`, in the order in which a worker printed: that of a task before it
 * settles, unless what it has left behind prints later. All that a worker printed comes before its `worker-exited`.
 */
export type TaskEvent =
  | (TaskEventBase & {
      readonly type: "submitted";
      /** The number of the `TaskGroup` whose child it is, the same for all its children; absent where it is of none. */
      readonly group?: number;
      /** The W3C trace context that goes with the call, where the executor is traced: `@concurrent/futures/otel`. */
      readonly traceparent?: string;
    })
  | (TaskEventBase & { readonly type: "started"; readonly worker: WorkerIdentity })
  | (TaskEventBase & { readonly type: "progress"; readonly progress: Progress })
  | (TaskEventBase & { readonly type: "hold"; readonly hold: Hold })
  | (TaskEventBase & {
      readonly type: "settled";
      readonly outcome: "finished" | "failed" | "cancelled";
      /** The error of a failed or cancelled task. */
      readonly error?: unknown;
      readonly worker?: WorkerIdentity;
    })
  | (WorkerEventBase & {
      readonly type: "console";
      /** The number of the task that printed it; absent where none did: a module that loads, or what a task has left behind. */
      readonly taskId?: number;
      /** The task's display name. */
      readonly task?: string;
      /** The task's future; absent for an element of `map` or `starmap`. */
      readonly future?: Future<unknown>;
      /** The console's method. */
      readonly level: ConsoleLevel;
      /** What it printed, formatted as a console does. */
      readonly text: string;
    })
  | (WorkerEventBase & { readonly type: "worker-started" })
  | (WorkerEventBase & {
      readonly type: "worker-exited";
      readonly exitCode?: number | undefined;
      readonly signal?: string | undefined;
      /** True where the runtime could not stop the worker's thread and it was left behind. */
      readonly abandoned: boolean;
    });
