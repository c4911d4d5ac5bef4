// Retrying: whether a call that has failed runs again, and the pause before it does.

import { assertBoolean, assertDuration, assertLimit, assertNumber, typeName } from "./checks.ts";
import { readOptions } from "./options.ts";

/** Each pause is so many times the one before, unless said otherwise. */
const DEFAULT_FACTOR = 2;
/** Milliseconds no pause is longer than, unless said otherwise: pauses that grow would soon outlast any outage. */
const DEFAULT_MAX_DELAY = 30_000;

/** How often a task is run again that has failed, after what, and after which pauses. */
export interface RetryOptions {
  /** How often it is run again: three runs have a limit of 2. */
  limit: number;
  /**
   * After what.
   *
   * - `"lost"`: its worker was lost.
   * - `"error"`: that too, or it threw, or ran out of its `timeout`.
   * - a function: asked for each of these, with the error. True runs it again. One that throws, or returns a promise, is
   *   reported, and the call has failed.
   *
   * What could not be sent, or was not begun within its `ttl`, is not run again. Default: "lost".
   */
  on?: "lost" | "error" | ((error: unknown) => boolean);
  /** Milliseconds before the first time. Default: 0. */
  delay?: number;
  /** Each pause is so many times the one before. Default: 2. */
  factor?: number;
  /** No pause is longer, in milliseconds. Default: 30 000. */
  maxDelay?: number;
  /**
   * Whether each pause is drawn between 0 and its value, so that calls that failed together do not come back together.
   * Default: false.
   */
  jitter?: boolean;
}

/** Their names. */
export const RETRY_OPTIONS = ["limit", "on", "delay", "factor", "maxDelay", "jitter"] as const;

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
  const { limit, on, delay, factor, maxDelay, jitter } = retries;
  assertLimit(limit, "retries.limit", 0);
  if (on !== undefined && on !== "lost" && on !== "error" && typeof on !== "function") {
    const got = typeof on === "string" ? `"${on}"` : typeName(on);
    throw new TypeError(
      `Cannot use retries.on: expected "lost", "error" or a function, got ${got}`,
    );
  }
  if (delay !== undefined) assertDuration(delay, "retries.delay");
  if (maxDelay !== undefined) assertDuration(maxDelay, "retries.maxDelay");
  if (factor !== undefined)
    assertNumber(factor, "retries.factor", "a number from 1", (f) => f >= 1 && Number.isFinite(f));
  if (jitter !== undefined) assertBoolean(jitter, "retries.jitter");
  return retries;
}

/** How often a call may be run again. */
export function retryLimit(retries: number | RetryOptions = 0): number {
  return typeof retries === "number" ? retries : retries.limit;
}

/** Whether a call is run again after what it has thrown itself, or may be: a function decides that of each error. */
export function coversErrors(retries: number | RetryOptions | undefined): boolean {
  return typeof retries === "object" && retries.on !== undefined && retries.on !== "lost";
}

/**
 * Milliseconds before a call is run again that has failed.
 *
 * @param failures How often it had failed before.
 * @param random Draws a number from 0 to 1.
 */
export function retryPause(
  retries: number | RetryOptions,
  failures: number,
  random: () => number = Math.random,
): number {
  if (typeof retries === "number") return 0;
  const { delay = 0, factor = DEFAULT_FACTOR, maxDelay = DEFAULT_MAX_DELAY, jitter } = retries;
  // No power of it is infinite where nothing is to grow: 0 times that is no number.
  const pause = delay === 0 ? 0 : Math.min(delay * factor ** failures, maxDelay);
  return jitter === true ? pause * random() : pause;
}
