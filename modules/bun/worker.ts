/**
 * Lets a program on Bun be its own worker: one that is built into one file by `bun build`, with `--compile` or without.
 *
 * There the pools of `@concurrent/futures/bun` start the program itself for a worker. Importing this entry says that
 * they may, and makes the program a worker where they have. Its tasks are then those it has named by `task`, or by
 * `importTasks` with a second argument, in modules that it imports. In a program that runs from its modules this changes nothing.
 *
 * @example A program that may be built into one file
 * ```ts ignore
 * import { importTasks } from "@concurrent/futures";
 * import { ProcessPoolExecutor } from "@concurrent/futures/bun";
 * import { isWorker } from "@concurrent/futures/bun/worker";
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

import { asOwnWorker } from "../workers/own_worker.ts";
import { serveThread } from "../workers/serve_worker.ts";
import type { ThreadStart } from "../workers/threads/link_thread.ts";
import { WORKER_MARK } from "../workers/worker_mark.ts";
import { serveSubprocess } from "./serve_subprocess.ts";

/**
 * Whether this is a worker: a program that guards its own work by it does that once, whether its workers run it or only load
 * it for its tasks.
 */
export const isWorker: boolean = asOwnWorker(
  "bun",
  () => process.argv[2] === WORKER_MARK && (Bun.isMainThread ? serveSubprocess : serveFirstMessage),
);

/** Serves a thread: the first message brings the port by which all others come. */
function serveFirstMessage(): void {
  process.argv.splice(2, 1);
  addEventListener("message", ({ data }) => serveThread(data as ThreadStart), {
    once: true,
  });
}
