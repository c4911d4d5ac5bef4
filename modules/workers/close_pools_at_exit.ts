// Has every pool shut when the program exits, so that a late `submit` throws instead of taking a task that never runs.

import "./tell_runtime.ts";
import { closePools } from "../core/pool_executor.ts";

/** To be called for each pool: there is one listener for all. */
export function closePoolsAtExit(): void {
  // Before the listeners of the program itself, which may submit.
  if (!process.listeners("exit").includes(closePools)) process.prependListener("exit", closePools);
}
