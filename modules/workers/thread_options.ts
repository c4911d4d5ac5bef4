// The options that pools of `node:worker_threads` have on Deno and Node, and their checks.

import { POOL_OPTIONS, type PoolOptions } from "../core/executor.ts";

/** Options of a pool of threads. */
export interface ThreadPoolOptions extends PoolOptions {
  /**
   * The heap each thread may take, in MiB; a task that takes more loses its worker, not the program. It does not count
   * what lies outside the heap, such as the contents of an `ArrayBuffer`, and V8 cannot stop a loop without a call or an
   * `await` that does nothing but make arrays of numbers (`for (;;) all.push(new Array(1000).fill(1.5))`): it grows beyond
   * the limit, until there is no memory. `ProcessPoolExecutor` bounds both. Default: the runtime's own limit, beyond which
   * the whole program ends.
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
  if (memoryLimit !== undefined && !(typeof memoryLimit === "number" && memoryLimit > 0)) {
    throw new RangeError(
      `Cannot use memoryLimit: expected MiB above 0, got ${String(memoryLimit)}`,
    );
  }
  return memoryLimit;
}
