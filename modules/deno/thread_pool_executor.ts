// ThreadPoolExecutor on Deno: the core's pool over workers of this runtime.

import { CloningExecutor } from "../core/cloning_executor.ts";
import { POOL_OPTIONS } from "../core/executor.ts";
import { pickOptions, readOptions } from "../core/options.ts";
import type { Spawn } from "../core/seam/channel.ts";
import { assertRuntime } from "../workers/assert_runtime.ts";
import { closePoolsAtExit } from "../workers/close_pools_at_exit.ts";
import { spawnWorkerThread } from "../workers/threads/spawn_worker_thread.ts";
import {
  THREAD_OPTIONS,
  type ThreadPoolOptions,
  threadMemory,
  threadStart,
} from "../workers/threads/thread_options.ts";
import { assertPermitted, THREAD_PERMISSIONS } from "./needed_permissions.ts";
import { ownProgram } from "./own_program.ts";

/**
 * Runs tasks on threads of this program.
 *
 * Threads share memory (`SharedArrayBuffer`) and pass buffers without copying. They are no jail: a task has the
 * program's permissions. Deno cannot stop a thread that computes without a pause; one that is interrupted is abandoned,
 * its place is taken by a new one, and it burns on until it ends or the program does.
 *
 * Needs the permission to read the modules of the tasks.
 *
 * @example Work on every core
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/deno";
 *
 * const tasks = importTasks<{ sum(n: number): number }>(
 *   "data:text/javascript,export function sum(n) { let s = 0; for (let i = 1; i <= n; i++) s += i; return s }",
 * );
 * await using pool = new ThreadPoolExecutor();
 * const sums: number[] = [];
 * for await (const sum of pool.map(tasks.sum, [10, 100, 1000])) sums.push(sum);
 * assert(sums.join() === "55,5050,500500");
 * ```
 */
export class ThreadPoolExecutor extends CloningExecutor {
  /**
   * Creates a pool; no thread is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Deno.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: ThreadPoolOptions = {}) {
    assertRuntime("deno", "ThreadPoolExecutor");
    const read = readOptions(options, THREAD_OPTIONS, "create ThreadPoolExecutor");
    const memoryLimit = threadMemory(read);
    // A busy one that is terminated runs on: Deno 2.7 to 2.9.6 at least.
    const own = ownProgram();
    const start = threadStart(read);
    const spawn = spawnWorkerThread({
      own,
      memoryLimit,
      start,
      stopsBusyWorkers: false,
    });
    const spawnPermitted: Spawn = (...start) => {
      assertPermitted("start thread", THREAD_PERMISSIONS());
      return spawn(...start);
    };
    super(spawnPermitted, pickOptions(read, POOL_OPTIONS));
    closePoolsAtExit();
  }
}
