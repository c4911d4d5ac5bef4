// The options that pools of `node:worker_threads` have on Deno and Node, and their checks.

import { assertAmount } from "../../core/checks.ts";
import { POOL_OPTIONS, type PoolOptions } from "../../core/executor.ts";

/** Options of a pool of threads. */
export interface ThreadPoolOptions extends PoolOptions {
  /**
   * The heap each thread may take, in MiB; a task that takes more loses its worker, not the program. Where it does not
   * hold, `ProcessPoolExecutor` does:
   *
   * - What lies outside the heap, such as the contents of an `ArrayBuffer` and the memory of WebAssembly, is held to the same
   *   number (and 64 MiB that V8 may leave uncollected) on Node from 22.16 on, looked at every 10 ms; on Deno it is not
   *   held at all, nor is a `SharedArrayBuffer` anywhere.
   * - Deno cannot stop a loop without an `await` or a call that does nothing but make arrays of numbers
   *   (`for (;;) all.push(new Array(1000).fill(1.5))`): it grows on until there is no memory, and no timeout ends the thread. It
   *   can if the program is started with `--v8-flags=--no-turboshaft-loop-unrolling`. On Node the pool sets that flag
   *   itself, for the whole program: V8 unrolls no loops in code it compiles from then on.
   * - On Node a single object that needs more than 16 MiB beyond the limit at once to grow (one huge array or `Map`) ends
   *   the program.
   *
   * Default: the runtime's own limit, beyond which the whole program ends.
   */
  memoryLimit?: number;
}

/** Their names. */
export const THREAD_OPTIONS: readonly (keyof ThreadPoolOptions)[] = [
  ...POOL_OPTIONS,
  "memoryLimit",
];

/** Checks `memoryLimit`. */
export function threadMemory({ memoryLimit }: ThreadPoolOptions): number | undefined {
  if (memoryLimit !== undefined) assertAmount(memoryLimit, "memoryLimit", "MiB");
  return memoryLimit;
}
