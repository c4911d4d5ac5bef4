// Who runs a task, and how far it says it has come: what all rooms of the core and its users speak of.

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
  /** The address (`ws:`) at which a debugger reaches it, once it is known: of a pool made with `inspect`. */
  readonly inspector?: string;
}

/** How far a task says it has come. */
export interface Progress {
  /** From 0 to 1. */
  readonly fraction: number;
  /** Anything cloneable the task wants to show beside it. */
  readonly detail?: unknown;
}
