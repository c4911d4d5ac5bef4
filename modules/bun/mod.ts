/**
 * Threads and processes on Bun: `ThreadPoolExecutor` and `ProcessPoolExecutor`.
 *
 * @example Two processes
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ProcessPoolExecutor } from "@concurrent/futures/bun";
 *
 * const tasks = importTasks<{ double(n: number): number }>(
 *   "data:text/javascript,export function double(n) { return 2 * n }",
 * );
 * await using pool = new ProcessPoolExecutor({ maxWorkers: 2 });
 * assert((await pool.submit(tasks.double, 21)) === 42);
 * ```
 *
 * @module
 */

import "../workers/async_context.ts";
import { heedMark } from "../workers/worker_mark.ts";

export type {
  FlaggedProcessOptions,
  ProcessPoolOptions,
} from "../workers/processes/process_options.ts";
export { ProcessPoolExecutor } from "./process_pool_executor.ts";
export { ThreadPoolExecutor, type ThreadPoolOptions } from "./thread_pool_executor.ts";

heedMark();
