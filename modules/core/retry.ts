// Retrying: whether a call whose worker was lost runs again, and the pause before it does.

import { assertDuration, assertLimit, assertNumber } from "./checks.ts";
import { readOptions } from "./options.ts";

/** Each pause is so many times the one before, unless said otherwise. */
const DEFAULT_FACTOR = 2;

/** How often a task is run again after its worker was lost, and after which pauses. */
export interface RetryOptions {
  /** How often. */
  limit: number;
  /** Milliseconds before the first time. */
  delay: number;
  /** Each pause is so many times the one before. Default: 2. */
  factor?: number;
  /** No pause is longer, in milliseconds. Default: no limit. */
  maxDelay?: number;
}

const RETRY_OPTIONS = ["limit", "delay", "factor", "maxDelay"] as const;

/**
 * Reads what the user gave for `retries`.
 *
 * @throws {TypeError} For what it cannot be.
 * @throws {RangeError} For a number out of its range.
 */
export function readRetries(given: unknown): number | RetryOptions {
  if (typeof given !== "object" || given === null) {
    assertLimit(given, "retries", 0);
    return given;
  }
  const retries = readOptions<RetryOptions>(given as RetryOptions, RETRY_OPTIONS, "use retries");
  const { limit, delay, factor, maxDelay } = retries;
  assertLimit(limit, "retries.limit", 0);
  assertDuration(delay, "retries.delay");
  if (maxDelay !== undefined) assertDuration(maxDelay, "retries.maxDelay");
  if (factor !== undefined)
    assertNumber(factor, "retries.factor", "a number from 1", (f) => f >= 1 && Number.isFinite(f));
  return retries;
}

/** How often a call may be run again. */
export function retryLimit(retries: number | RetryOptions = 0): number {
  return typeof retries === "number" ? retries : retries.limit;
}

/**
 * Milliseconds before a call is run again whose worker was lost; undefined when it may not.
 *
 * @param losses How often that has happened to it before.
 */
export function retryPause(
  retries: number | RetryOptions | undefined,
  losses: number,
): number | undefined {
  if (losses >= retryLimit(retries)) return undefined;
  if (typeof retries !== "object") return 0;
  const { delay, factor = DEFAULT_FACTOR, maxDelay = Number.POSITIVE_INFINITY } = retries;
  return Math.min(delay * factor ** losses, maxDelay);
}
