// ProcessPoolExecutor on Bun: the core's pool over subprocesses of this runtime.

import { UnsupportedRuntimeError } from "../core/errors.ts";
import type { PoolOptions } from "../core/executor.ts";
import { PoolExecutor } from "../core/pool_executor.ts";
import { closePoolsAtExit } from "../workers/close_pools_at_exit.ts";
import { spawnSubprocess } from "./spawn_subprocess.ts";

/** Options of a pool of processes. */
export interface ProcessPoolOptions extends PoolOptions {
  /** Variables set for the workers, on top of this program's own; undefined takes one away. Default: none. */
  env?: Record<string, string | undefined>;
  /** The workers' working directory. Default: this program's. */
  cwd?: string;
  /**
   * The memory each process may have, in MiB, the runtime's own (some 40 MiB) included. One that has more is replaced
   * when it has finished what it runs. One that has a tenth more than that is ended at once; a task it runs is lost. It
   * is looked at every 10 ms, so one that grows fast may get beyond. Not on Windows. Default: no limit.
   */
  memoryLimit?: number;
}

/**
 * Runs tasks in processes of their own.
 *
 * A process can always be killed, and what it does to itself (exit, crash, out of memory) costs the task it was running
 * and nothing else. It shares no memory with this program, and none outlives it, however it ends.
 *
 * @example Work on every core
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ProcessPoolExecutor } from "@concurrent/futures/bun";
 *
 * const tasks = importTasks<{ sum(n: number): number }>(
 *   "data:text/javascript,export function sum(n) { let s = 0; for (let i = 1; i <= n; i++) s += i; return s }",
 * );
 * await using pool = new ProcessPoolExecutor();
 * const sums: number[] = [];
 * for await (const sum of pool.map(tasks.sum, [10, 100, 1000])) sums.push(sum);
 * assert(sums.join() === "55,5050,500500");
 * ```
 */
export class ProcessPoolExecutor extends PoolExecutor {
  /**
   * Creates a pool; no process is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Bun, and for `memoryLimit` on Windows.
   * @throws {TypeError} For an option of the wrong type.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: ProcessPoolOptions = {}) {
    if (!("Bun" in globalThis)) {
      throw new UnsupportedRuntimeError(
        "Cannot create ProcessPoolExecutor: this is not Bun; on Deno use ThreadPoolExecutor of @concurrent/futures/deno, " +
          "elsewhere EventLoopExecutor of @concurrent/futures",
      );
    }
    const { env, cwd, memoryLimit } = options;
    if (cwd !== undefined && typeof cwd !== "string")
      throw new TypeError("Cannot use cwd: expected a path");
    if (env !== undefined && (typeof env !== "object" || env === null)) {
      throw new TypeError("Cannot use env: expected a record of strings");
    }
    if (memoryLimit !== undefined && !(typeof memoryLimit === "number" && memoryLimit > 0)) {
      throw new RangeError(
        `Cannot use memoryLimit: expected MiB above 0, got ${String(memoryLimit)}`,
      );
    }
    if (memoryLimit !== undefined && process.platform === "win32") {
      throw new UnsupportedRuntimeError(
        "Cannot use memoryLimit: nothing here tells a process's memory on Windows; use maxTasksPerWorker",
      );
    }
    super(spawnSubprocess({ env, cwd }), options, {
      memoryLimit: memoryLimit === undefined ? undefined : memoryLimit * 2 ** 20,
    });
    closePoolsAtExit();
  }
}
