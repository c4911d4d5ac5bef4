// The options that pools of `node:worker_threads` have on Deno and Node, and their checks.

import { assertAmount } from "../../core/checks.ts";
import { POOL_OPTIONS, type PoolOptions } from "../../core/executor.ts";
import { readOptions } from "../../core/options.ts";
import { readEnv, readWords } from "../start_options.ts";

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
  /**
   * Variables set for the threads, on top of this program's own; undefined takes one away. Read once, here; later changes of
   * `process.env` in the program or in a thread are not seen by others. Default: this program's.
   */
  env?: Record<string, string | undefined>;
  /** What the threads find in `process.argv`, behind the first two. Default: this program's own on Deno, none on Node. */
  args?: string[];
}

/** What V8 may take of a thread, in MiB. */
export interface ThreadLimits {
  /** For its stack: calls that are nested deeper throw a `RangeError`. */
  stackSizeMb?: number;
  /** For young objects. More lets tasks that make many of them run faster. */
  maxYoungGenerationSizeMb?: number;
  /** For compiled code. */
  codeRangeSizeMb?: number;
}

/** Their names. */
export const THREAD_OPTIONS: readonly (keyof ThreadPoolOptions)[] = [
  ...POOL_OPTIONS,
  "memoryLimit",
  "env",
  "args",
];

/** Options of a pool of threads that are told flags and limits: on Deno a thread with a stack of its own size ends the program. */
export interface FlaggedThreadOptions extends ThreadPoolOptions {
  /**
   * Flags for the threads, beside those that say how modules are found, which they get of this program: what Node lets a thread
   * have, as `["--no-warnings"]`. A flag that is for the whole process breaks the executor. Default: this program's.
   */
  execArgv?: string[];
  /** What V8 may take of each thread beside `memoryLimit`. Default: the runtime's own limits. */
  resourceLimits?: ThreadLimits;
}

/** Their names. */
export const FLAGGED_THREAD_OPTIONS: readonly (keyof FlaggedThreadOptions)[] = [
  ...THREAD_OPTIONS,
  "execArgv",
  "resourceLimits",
];

const LIMITS = ["stackSizeMb", "maxYoungGenerationSizeMb", "codeRangeSizeMb"] as const;

/** How each thread is started, as `new Worker` takes it. */
export interface ThreadStartOptions {
  readonly env?: Record<string, string>;
  readonly argv?: string[];
  readonly execArgv?: string[];
  readonly resourceLimits?: ThreadLimits;
}

/** Checks what threads are started with. */
export function threadStart(options: FlaggedThreadOptions): ThreadStartOptions {
  const { env, args, execArgv, resourceLimits } = options;
  return {
    ...(env === undefined ? {} : { env: fullEnv(env) }),
    ...(args === undefined ? {} : { argv: readWords(args, "args") }),
    ...(execArgv === undefined ? {} : { execArgv: readWords(execArgv, "execArgv") }),
    ...(resourceLimits === undefined ? {} : { resourceLimits: readLimits(resourceLimits) }),
  };
}

function readLimits(limits: ThreadLimits): ThreadLimits {
  if ("maxOldGenerationSizeMb" in Object(limits))
    throw new TypeError("Cannot use resourceLimits: give maxOldGenerationSizeMb as memoryLimit");
  const read = readOptions(limits, LIMITS, "use resourceLimits");
  for (const [name, value] of Object.entries(read)) assertAmount(value, name, "MiB");
  return read;
}

/** A thread has the variables that it is given, and no others. */
export function fullEnv(env: Record<string, string | undefined>): Record<string, string> {
  const all = Object.entries({ ...process.env, ...readEnv(env) });
  return Object.fromEntries(
    all.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/** Checks `memoryLimit`. */
export function threadMemory({ memoryLimit }: ThreadPoolOptions): number | undefined {
  if (memoryLimit !== undefined) assertAmount(memoryLimit, "memoryLimit", "MiB");
  return memoryLimit;
}
