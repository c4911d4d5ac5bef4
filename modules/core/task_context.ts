// What a task sees of its own run: taskContext().

import type { WorkerIdentity } from "./events.ts";

/** A task's view of its own run. */
export interface TaskContext {
  /** The task's number, unique in its executor; the same as in its events. */
  readonly id: number;
  /** Who runs it. */
  readonly worker: WorkerIdentity;
  /** Aborts when the task is cancelled with `interrupt`, times out, or its executor is terminated. */
  readonly signal: AbortSignal;
  /**
   * Reports how far the task has come. Seen by `future.onProgress` and observers; of an element of `map`, by observers only.
   *
   * @param fraction From 0 to 1; what lies outside is moved to the nearer end.
   * @param detail Anything cloneable.
   * @throws {TypeError} When `fraction` is not a number.
   */
  progress(fraction: number, detail?: unknown): void;
}

/**
 * Where the running task's context is found. On `globalThis`, because a worker's main file and a user's module may load
 * two copies of this library and must still share it.
 */
interface ContextSlot {
  current: (() => TaskContext) | undefined;
  /** The module a worker is loading, in a realm of its own: a pool that is used meanwhile would start workers for ever. */
  loading: string | undefined;
}

const SLOT = Symbol.for("@concurrent/futures/task-context");

/** The slot of this realm. */
export const contextSlot: ContextSlot = findSlot();

/**
 * Returns the running task's signal, progress report, worker and id.
 *
 * Call it at the start of the task, before its first `await`, and keep what it returns: in an `EventLoopExecutor` tasks
 * take turns on one thread, and after an `await` nothing tells which of them is asking.
 *
 * @throws {ReferenceError} When no task is running here.
 *
 * @example Progress, and an early end
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, taskContext } from "@concurrent/futures";
 *
 * function count(to: number): number {
 *   const { signal, progress } = taskContext();
 *   let n = 0;
 *   for (; n < to && !signal.aborted; n++) progress(n / to);
 *   return n;
 * }
 *
 * await using executor = new EventLoopExecutor();
 * const future = executor.submit(count, 10);
 * assert((await future) === 10 && future.snapshot().progress?.fraction === 0.9);
 * ```
 */
export function taskContext(): TaskContext {
  if (contextSlot.current === undefined) {
    throw new ReferenceError(
      "Cannot get task context: no task is running here; call it before the task's first await",
    );
  }
  return contextSlot.current();
}

function findSlot(): ContextSlot {
  const realm = globalThis as { [SLOT]?: ContextSlot };
  realm[SLOT] ??= { current: undefined, loading: undefined };
  return realm[SLOT];
}
