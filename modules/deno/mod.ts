/**
 * Threads on Deno: `ThreadPoolExecutor`.
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

export { ThreadPoolExecutor, type ThreadPoolOptions } from "./thread_pool_executor.ts";
