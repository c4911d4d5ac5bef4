// callListener: calls what a user gave to be told by, and learns of its error, whichever way that comes.

import { FUTURE } from "./future_symbol.ts";

/**
 * Calls `listener`. What it throws is told to `report`, and so is what a promise that it returns is rejected with.
 *
 * @param report Must not throw.
 */
export function callListener<A>(
  listener: (argument: A) => unknown,
  argument: A,
  report: (error: unknown) => void,
): void {
  try {
    reportRejection(listener(argument), report);
  } catch (error) {
    report(error);
  }
}

/**
 * Tells `report` of the rejection of what a listener has returned, if it is a promise. A future is left alone: its executor
 * tells of a failure that nobody has looked at.
 *
 * @throws What is thrown when `returned` is looked at.
 */
export function reportRejection(returned: unknown, report: (error: unknown) => void): void {
  if (typeof returned !== "object" || returned === null) return;
  const { then, [FUTURE]: isFuture } = returned as { then?: unknown; [FUTURE]?: unknown };
  if (typeof then === "function" && isFuture === undefined)
    Reflect.apply(then, returned, [undefined, report]);
}
