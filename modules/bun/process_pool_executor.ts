// ProcessPoolExecutor on Bun: the core's pool over subprocesses of this runtime.

import { UnsupportedRuntimeError } from "../core/errors.ts";
import type { PoolOptions } from "../core/executor.ts";
import { closePools, PoolExecutor } from "../core/pool_executor.ts";
import { spawnSubprocess } from "./spawn_subprocess.ts";

/** Options of a pool of processes. */
export interface ProcessPoolOptions extends PoolOptions {
  /** Variables set for the workers, on top of this program's own; undefined takes one away. Default: none. */
  env?: Record<string, string | undefined>;
  /** The workers' working directory. Default: this program's. */
  cwd?: string;
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
   * @throws {UnsupportedRuntimeError} On another runtime than Bun.
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
    const { env, cwd } = options;
    if (cwd !== undefined && typeof cwd !== "string")
      throw new TypeError("Cannot use cwd: expected a path");
    if (env !== undefined && (typeof env !== "object" || env === null)) {
      throw new TypeError("Cannot use env: expected a record of strings");
    }
    super(spawnSubprocess({ env, cwd }), options);
    // Once for all pools, and before the listeners of the program itself.
    if (!process.listeners("exit").includes(closePools))
      process.prependListener("exit", closePools);
  }
}
