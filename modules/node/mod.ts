/**
 * Threads and processes on Node: `ThreadPoolExecutor` and `ProcessPoolExecutor`.
 *
 * Node 22.3 or newer; `await using` in a program of yours takes Node 24, or `shutdown()` at its end. In `node_modules` Node runs JavaScript only: this entry is for the package as it comes from npm.
 *
 * @example Two threads, in a module of JavaScript
 * ```js
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/node";
 *
 * const tasks = importTasks("data:text/javascript,export function double(n) { return 2 * n }");
 * await using pool = new ThreadPoolExecutor({ maxWorkers: 2 });
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
export type {
  FlaggedThreadOptions,
  ThreadLimits,
  ThreadPoolOptions,
} from "../workers/threads/thread_options.ts";
export { ProcessPoolExecutor, ThreadPoolExecutor } from "./executors.ts";

heedMark();
