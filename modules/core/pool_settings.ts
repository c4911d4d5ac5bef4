// Reads what an option of a pool says, each by its kind: what it is where nobody has said it, and what is refused.

import {
  assertAmount,
  assertBoolean,
  assertCount,
  assertDuration,
  assertEither,
} from "./checks.ts";
import type { PoolOptions } from "./executor.ts";
import type { WireTask } from "./seam/messages.ts";
import { isTask } from "./task.ts";

export function count(
  value: number | undefined,
  name: string,
  least: number,
  fallback: number,
): number {
  if (value === undefined) return fallback;
  assertCount(value, name, least);
  return value;
}

export function flag(value: boolean | undefined, name: string): boolean {
  if (value !== undefined) assertBoolean(value, name);
  return value ?? false;
}

export function duration(value: number | undefined, name: string, fallback: number): number {
  if (value === undefined) return fallback;
  assertDuration(value, name);
  return value;
}

/** The milliseconds after which an idle worker is ended; undefined is never. */
export function idleTimeout(value: number | undefined): number | undefined {
  const limit = duration(value, "idleTimeout", Number.POSITIVE_INFINITY);
  return limit === Number.POSITIVE_INFINITY ? undefined : limit;
}

/** The milliseconds a worker may be silent; undefined is any number of them. */
export function heartbeat(value: number | undefined): number | undefined {
  if (value === undefined || value === Number.POSITIVE_INFINITY) return undefined;
  assertAmount(value, "heartbeat", "milliseconds");
  return value;
}

export function strict(onWorkerDeath: PoolOptions["onWorkerDeath"] = "replace"): boolean {
  assertEither(onWorkerDeath, "onWorkerDeath", "replace", "break");
  return onWorkerDeath === "break";
}

export function finalizer(task: unknown): WireTask | undefined {
  if (task === undefined) return undefined;
  if (!isTask(task)) {
    throw new TypeError(
      "Cannot use finalizer: expected a task; name it by importTasks or task(import.meta.url, …)",
    );
  }
  const { module, export: name } = task.source;
  return { module, export: name };
}
