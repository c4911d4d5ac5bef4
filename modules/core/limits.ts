// Limits of an executor beside maxWorkers: how many calls of a key run at once, and how many begin in a time.

import { assertAmount, assertFunction, assertLimit } from "./checks.ts";
import type { Key } from "./key.ts";
import { readOptions } from "./options.ts";
import type { AnyFunction, Task } from "./task.ts";

/** How many calls of each key run at once. */
export interface PerKeyOptions {
  /**
   * Tells the key of a call from its task (or function) and arguments; undefined is none, and no limit. Asked at `submit`, and
   * of a `map` when an element is taken; a key that the task has itself (`task.with({ key })`) comes first. If it throws, or
   * tells what is no key, that call fails.
   */
  key?: (
    // biome-ignore lint/suspicious/noExplicitAny: whatever task is submitted
    task: Task<any[], unknown, any> | AnyFunction,
    args: readonly unknown[],
  ) => Key | undefined;
  /**
   * How many calls of one key run at once. Those beyond wait in a queue of their own, and hold nobody up. One that waits
   * for what it has submitted to the same executor does not count while all of its key do: what they wait for may be of that key.
   */
  maxRunning: number;
}

/** How many calls begin in a time. */
export interface RateOptions {
  /** So many calls … */
  limit: number;
  /** … in so many milliseconds: evenly spaced, one each `per / limit`. */
  per: number;
  /** How many may begin at once after a pause. Default: 1. */
  burst?: number;
}

/** Options that were checked. */
export interface Rhythm {
  /** Milliseconds from one call to the next. */
  readonly interval: number;
  readonly burst: number;
}

/**
 * Reads what the user gave for `perKey`.
 *
 * @throws {TypeError} For what it cannot be.
 * @throws {RangeError} For a number out of its range.
 */
export function readPerKey(given: unknown): PerKeyOptions | undefined {
  if (given === undefined) return undefined;
  const perKey = readOptions<PerKeyOptions>(
    given as PerKeyOptions,
    ["key", "maxRunning"],
    "use perKey",
  );
  if (perKey.key !== undefined) assertFunction(perKey.key, "perKey.key");
  assertLimit(perKey.maxRunning, "perKey.maxRunning", 1);
  return perKey;
}

/**
 * Reads what the user gave for `rate`.
 *
 * @throws {TypeError} For what it cannot be.
 * @throws {RangeError} For a number out of its range.
 */
export function readRate(given: unknown): Rhythm | undefined {
  if (given === undefined) return undefined;
  const {
    limit,
    per,
    burst = 1,
  } = readOptions<RateOptions>(given as RateOptions, ["limit", "per", "burst"], "use rate");
  assertLimit(limit, "rate.limit", 1);
  assertAmount(per, "rate.per", "milliseconds");
  if (per === Number.POSITIVE_INFINITY)
    throw new RangeError("Cannot use rate.per: expected milliseconds above 0, got Infinity");
  assertLimit(burst, "rate.burst", 1);
  return { interval: per / limit, burst };
}
