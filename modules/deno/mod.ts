/**
 * Threads and processes on Deno: `ThreadPoolExecutor` and `ProcessPoolExecutor`.
 *
 * @example Two threads
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/deno";
 *
 * const tasks = importTasks<{ double(n: number): number }>(
 *   "data:text/javascript,export function double(n) { return 2 * n }",
 * );
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * assert((await pool.submit(tasks.double, 21)) === 42);
 * ```
 *
 * @module
 */

import "../workers/async_context.ts";
import { heedMark } from "../workers/worker_mark.ts";

export type { ThreadPoolOptions } from "../workers/threads/thread_options.ts";
export type {
  ProcessPermission,
  ProcessPermissionRecord,
  ProcessPermissions,
} from "./process_permissions.ts";
export { ProcessPoolExecutor, type ProcessPoolOptions } from "./process_pool_executor.ts";
export { ThreadPoolExecutor } from "./thread_pool_executor.ts";

heedMark();
