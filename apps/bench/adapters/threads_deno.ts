// Our threads on Deno.

import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import type { Adapter } from "../contender.ts";
import { executorAdapter } from "./executor.ts";

export function adapter(variant: string | undefined): Adapter {
  return executorAdapter(
    (maxWorkers, limits) => new ThreadPoolExecutor({ maxWorkers, ...limits }),
    variant,
  );
}
