// QueueTerms: what the terms of a task may ask of a queue, and how it is written there.

import type { RetryOptions } from "../../core/retry.ts";
import type { Terms } from "../../core/work/work.ts";

/** What BullMQ takes for a priority: lower is earlier, and 0, which is earliest, is left to others. */
const MIDDLE_PRIORITY = 1_000_000;

/** Throws for what the terms of a task ask that a queue cannot do. */
export function assertTerms({ priority, options }: Terms, priorities: boolean): void {
  if (priority !== 0 && !priorities)
    throw new RangeError("Cannot submit task: this queue was made with priorities: false");
  if (!Number.isInteger(priority) || Math.abs(priority) >= MIDDLE_PRIORITY)
    throw new RangeError(
      `Cannot submit task: a queue takes whole numbers within ±${MIDDLE_PRIORITY - 1} for a priority, got ${priority}`,
    );
  if (options.ttl !== undefined)
    throw new TypeError(
      "Cannot submit task: of what was sent to a queue nobody here knows whether it has begun, so it has no ttl; use revoke()",
    );
  if (options.affinity !== undefined)
    throw new TypeError(
      "Cannot submit task: a queue knows no worker that had the last call of a key, so there is no affinity",
    );
  if (typeof options.retries === "object" && typeof options.retries.on === "function")
    throw new TypeError(
      'Cannot submit task: a function for retries.on cannot be sent to an agent; use "lost" or "error"',
    );
}

/** One that was changed since it was checked is moved to what a queue has. */
export function asPriority(priority: number): number {
  const most = MIDDLE_PRIORITY - 1;
  return MIDDLE_PRIORITY - Math.round(Math.max(-most, Math.min(most, priority)));
}

/** Numbers as JSON has them. */
export function finite(number: number): number {
  return Math.min(number, Number.MAX_SAFE_INTEGER);
}

export function finiteRetries(retries: number | RetryOptions): number | RetryOptions {
  if (typeof retries === "number") return retries;
  const { delay, maxDelay } = retries;
  return {
    ...retries,
    ...(delay === undefined ? {} : { delay: finite(delay) }),
    ...(maxDelay === undefined ? {} : { maxDelay: finite(maxDelay) }),
  };
}
