/**
 * Lets a program on Deno be its own worker: one that is built into one file, by `deno compile`, `deno bundle` or another bundler.
 *
 * There the pools of `@concurrent/futures/deno` start the program itself for a worker. Importing this entry says that
 * they may, and makes the program a worker where they have. Its tasks are then those it has named by `task`, or by
 * `importTasks` with a second argument, in modules that it imports. In a program that runs from its modules this changes nothing.
 *
 * @example A program that may be built into one file
 * ```ts ignore
 * import { importTasks } from "@concurrent/futures";
 * import { ProcessPoolExecutor } from "@concurrent/futures/deno";
 * import { isWorker } from "@concurrent/futures/deno/worker";
 *
 * const jobs = importTasks(new URL("./jobs.ts", import.meta.url), () => import("./jobs.ts"));
 *
 * if (!isWorker) {
 *   await using pool = new ProcessPoolExecutor();
 *   console.log(await pool.submit(jobs.countPrimes, 1_000_000));
 * }
 * ```
 *
 * @module
 */

import { isMainThread, workerData } from "node:worker_threads";
import { asOwnWorker } from "../workers/own_worker.ts";
import { serveProcess } from "../workers/processes/serve_process.ts";
import { serveThread } from "../workers/serve_worker.ts";
import type { WorkerThreadStart } from "../workers/threads/spawn_worker_thread.ts";
import { isThreadOfPool, WORKER_MARK } from "../workers/worker_mark.ts";
import { mapFile } from "./mapped_memory.ts";

/**
 * Whether this is a worker: a program that guards its own work by it does that once, whether its workers run it or only load
 * it for its tasks.
 */
export const isWorker: boolean = asOwnWorker("deno", () => {
  if (isThreadOfPool(workerData)) return serveGiven;
  return isMainThread && Deno.args[0] === WORKER_MARK && (() => serveProcess(mapFile));
});

function serveGiven(): void {
  const { given, overflowCode } = workerData as WorkerThreadStart;
  serveThread(given, overflowCode);
}
