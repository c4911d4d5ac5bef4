// QueueName: what a queue may be called, on both sides.

import { assertString } from "../core/checks.ts";

/** Throws for what BullMQ, or a pattern of rights, would take for something else. */
export function assertQueueName(queue: unknown): asserts queue is string {
  assertString(queue, "queue");
  if (!/^[\w.@-]{1,100}$/.test(queue))
    throw new RangeError(
      "Cannot use queue: expected a name of 1 to 100 letters, digits, '.', '_', '-' or '@'",
    );
}
