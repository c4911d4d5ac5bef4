// What becomes of pools when their program ends: they are shut, so that a late `submit` throws instead of taking a task that
// never runs, and what tasks have printed gets out first.

import "./tell_runtime.ts";
import { closePools, restPools } from "../core/pool.ts";

/** To be called for each pool: there is one listener for all. */
export function closePoolsAtExit(): void {
  // Before the listeners of the program itself, which may submit.
  if (!process.listeners("exit").includes(closePools)) process.prependListener("exit", closePools);
  // Deno's `--watch` loads the program anew in the same process.
  if ("Deno" in globalThis) globalThis.addEventListener("unload", closePools);
}

/** The same where a worker writes its output by and by, as on Bun and Node. Deno's is out when the call returns. */
export function restPoolsBeforeExit(): void {
  if (!process.listeners("beforeExit").includes(restPools)) process.on("beforeExit", restPools);
}
