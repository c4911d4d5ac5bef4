// Our processes on Deno.

import { ProcessPoolExecutor } from "@concurrent/futures/deno";
import type { Adapter } from "../contender.ts";
import { executorAdapter } from "./executor.ts";

export function adapter(variant: string | undefined): Adapter {
  return executorAdapter(
    (maxWorkers, limits) => new ProcessPoolExecutor({ maxWorkers, ...limits }),
    variant,
  );
}
