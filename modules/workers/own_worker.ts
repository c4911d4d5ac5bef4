// Says that this program may be started as a worker of itself, and makes it one where it was.

import { contextSlot } from "../core/task_context.ts";
import { isHere } from "./assert_runtime.ts";

/**
 * To be called before the program's own code runs. On another runtime it does nothing.
 *
 * @param runtime whose pools start this program.
 * @param howStarted tells what makes this program a worker; false if it was not started as one.
 * @returns whether this is a worker, maybe one of the usual kind that loads the program for its tasks.
 */
export function asOwnWorker(
  runtime: "deno" | "bun" | "node",
  howStarted: () => (() => void) | false,
): boolean {
  if (!isHere(runtime)) return contextSlot.isServed === true;
  contextSlot.ownWorker ??= "possible";
  if (contextSlot.isServed === true) return true;
  const serve = howStarted();
  if (serve === false) return false;
  contextSlot.ownWorker = "running";
  serve();
  // The program's own code runs all the same, and must not use pools.
  contextSlot.loading = "this program";
  return true;
}
