/**
 * Threads in a browser: `ThreadPoolExecutor`.
 *
 * @example Two workers
 * ```ts ignore
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/browser";
 *
 * const tasks = importTasks<{ double(n: number): number }>(
 *   "data:text/javascript,export function double(n) { return 2 * n }",
 * );
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
 * console.log(await pool.submit(tasks.double, 21)); // 42
 * ```
 *
 * @module
 */

import "../core/disposal.ts";
import "../workers/async_context.ts";

export type { CreateWorker } from "./spawn_worker.ts";
export { ThreadPoolExecutor, type ThreadPoolOptions } from "./thread_pool_executor.ts";
