// ThreadPoolExecutor on Bun: the core's pool over workers of this runtime.

import { CloningExecutor } from "../core/cloning_executor.ts";
import { POOL_OPTIONS, type PoolOptions } from "../core/executor.ts";
import { readOptions } from "../core/options.ts";
import { assertRuntime } from "../workers/assert_runtime.ts";
import { closePoolsAtExit, restPoolsBeforeExit } from "../workers/close_pools_at_exit.ts";
import { readWords } from "../workers/start_options.ts";
import { fullEnv } from "../workers/threads/thread_options.ts";
import { spawnWorker } from "./spawn_worker.ts";

/** Options of a pool of threads. Bun cannot limit the memory of a thread. */
export interface ThreadPoolOptions extends PoolOptions {
  /**
   * Variables set for the threads, on top of this program's own; undefined takes one away. Read once, here. Default: this
   * program's.
   */
  env?: Record<string, string | undefined>;
  /** What the threads find in `process.argv`, behind the first two. Default: none. */
  args?: string[];
}

const THREAD_OPTIONS: readonly (keyof ThreadPoolOptions)[] = [...POOL_OPTIONS, "env", "args"];

/**
 * Runs tasks on threads of this program.
 *
 * Threads share memory (`SharedArrayBuffer`) and pass buffers without copying. They are no jail: a task has the
 * program's rights, and one that takes all memory ends the program. A busy thread can be stopped, except in a loop of
 * WebAssembly: such a one is abandoned, its place is taken by a new one, and it burns on until the program ends.
 *
 * @example Work on every core
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/bun";
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
   * @throws {UnsupportedRuntimeError} On another runtime than Bun.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: ThreadPoolOptions = {}) {
    assertRuntime("bun", "ThreadPoolExecutor");
    const { env, args, ...read } = readOptions(
      options,
      THREAD_OPTIONS,
      "create ThreadPoolExecutor",
    );
    const start = {
      ...(env === undefined ? {} : { env: fullEnv(env) }),
      ...(args === undefined ? {} : { argv: readWords(args, "args") }),
    };
    super(spawnWorker(start), read);
    closePoolsAtExit();
    restPoolsBeforeExit();
  }
}
