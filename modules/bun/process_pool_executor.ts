// ProcessPoolExecutor on Bun: the core's pool over subprocesses of this runtime.

import { CloningExecutor } from "../core/cloning_executor.ts";
import { POOL_OPTIONS } from "../core/executor.ts";
import { pickOptions } from "../core/options.ts";
import { assertRuntime } from "../workers/assert_runtime.ts";
import { closePoolsAtExit, restPoolsBeforeExit } from "../workers/close_pools_at_exit.ts";
import {
  FLAGGED_PROCESS_OPTIONS,
  type FlaggedProcessOptions,
  processTraits,
  readProcessOptions,
} from "../workers/processes/process_options.ts";
import { spawnSubprocess } from "./spawn_subprocess.ts";

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
export class ProcessPoolExecutor extends CloningExecutor {
  /**
   * Creates a pool; no process is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Bun, and for `memoryLimit` on Windows.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: FlaggedProcessOptions = {}) {
    assertRuntime("bun", "ProcessPoolExecutor");
    const read = readProcessOptions(options, FLAGGED_PROCESS_OPTIONS);
    const { env, cwd, signals, execArgv } = read;
    const traits = processTraits(read);
    super(
      spawnSubprocess({ env, cwd, signals, execArgv }),
      pickOptions(read, POOL_OPTIONS),
      traits,
    );
    closePoolsAtExit();
    restPoolsBeforeExit();
  }
}
