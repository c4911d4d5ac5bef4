// Our processes on Bun.

import { ProcessPoolExecutor } from "@concurrent/futures/bun";
import type { Adapter } from "../contender.ts";
import { executorAdapter } from "./executor.ts";

export function adapter(variant: string | undefined): Adapter {
  return executorAdapter(
    (maxWorkers, limits) => new ProcessPoolExecutor({ maxWorkers, ...limits }),
    variant,
  );
}
