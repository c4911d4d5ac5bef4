// The options that pools of processes have on every runtime, and their checks.

import { assertAmount, assertEither, assertString } from "../../core/checks.ts";
import { UnsupportedRuntimeError, withCode } from "../../core/errors.ts";
import { POOL_OPTIONS, type PoolOptions } from "../../core/executor.ts";
import { readOptions } from "../../core/options.ts";
import type { PoolTraits } from "../../core/pool_executor.ts";
import { readEnv, readWords } from "../start_options.ts";

/** Options of a pool of processes. */
export interface ProcessPoolOptions extends PoolOptions {
  /** Variables set for the workers, on top of this program's own; undefined takes one away. Read once, here. Default: none. */
  env?: Record<string, string | undefined>;
  /** The workers' working directory. Default: this program's. */
  cwd?: string;
  /**
   * The memory each process may have, in MiB, the runtime's own (some 40 MiB) included. One that has more is replaced
   * when it has finished what it runs. One that has a tenth more than that is ended at once; a task it runs is lost. It
   * is looked at every 10 ms, so one that grows fast may get beyond. Not on Windows. Default: no limit.
   */
  memoryLimit?: number;
  /**
   * What the workers do about SIGINT, SIGTERM and SIGHUP. A terminal's Ctrl-C reaches this program and its workers together,
   * and so does what ends a service. "ignore": nothing, for a program that heeds such a signal wants to finish what its
   * workers do; it ends them, and if it dies they die with it. What a task starts is not concerned, and a task may listen to
   * them itself. "default": they die of it, and a task they run is lost. Default: "ignore".
   */
  signals?: "ignore" | "default";
  /**
   * Lets debuggers into the workers, on this machine only: `workers()` tells each one's address (`inspector`, of `ws:`), which
   * `chrome://inspect` and editors take. Whoever knows it can run code there. "brk": a worker waits for a debugger, and loads
   * nothing before that has let it go on. There is no `startTimeout` and no `heartbeat` then: whoever has stopped a worker looks
   * at it. A task's own `timeout` counts on. Default: nobody.
   */
  inspect?: true | "brk";
}

/** Options of a pool of processes that are told flags. */
export interface FlaggedProcessOptions extends ProcessPoolOptions {
  /**
   * Flags of the runtime for the workers, behind those that they get of this program: `["--max-old-space-size=256"]` on Node,
   * `["--smol"]` on Bun. A process that does not start with them breaks the executor. Default: none.
   */
  execArgv?: string[];
}

/** Their names. */
export const PROCESS_OPTIONS: readonly (keyof ProcessPoolOptions)[] = [
  ...POOL_OPTIONS,
  "env",
  "cwd",
  "memoryLimit",
  "signals",
  "inspect",
];

/** Their names. */
export const FLAGGED_PROCESS_OPTIONS: readonly (keyof FlaggedProcessOptions)[] = [
  ...PROCESS_OPTIONS,
  "execArgv",
];

/**
 * Reads the options of a pool of processes.
 *
 * @param names All that there are on this runtime.
 */
export function readProcessOptions<O extends ProcessPoolOptions>(
  options: O,
  names: readonly (keyof O & string)[],
): O {
  const read = readOptions<O>(options, names, "create ProcessPoolExecutor");
  const { env, execArgv } = read as FlaggedProcessOptions;
  return {
    ...read,
    ...(env === undefined ? {} : { env: readEnv(env) }),
    ...(execArgv === undefined ? {} : { execArgv: readWords(execArgv, "execArgv") }),
  };
}

/** A runtime by its name. What has another may start this program itself: that one more is enough (worker_mark.ts). */
const RUNTIME = /(^|[\\/])(deno|bun|node)[^\\/]*$/i;

/**
 * Checks the options that only processes have.
 *
 * @returns what the pool itself must know of them.
 */
export function processTraits(options: ProcessPoolOptions): PoolTraits {
  const { cwd, memoryLimit, signals, inspect } = options;
  if (cwd !== undefined) assertString(cwd, "cwd");
  if (signals !== undefined) assertEither(signals, "signals", "ignore", "default");
  if (inspect !== undefined && inspect !== true && inspect !== "brk") {
    const got = typeof inspect === "string" ? `"${inspect}"` : String(inspect);
    throw withCode(
      new TypeError(`Cannot use inspect: expected true or "brk", got ${got}`),
      "CF_INVALID_OPTION",
    );
  }
  const startsOneByOne = !RUNTIME.test(process.execPath);
  const traits = { isProcess: true, startsOneByOne, inspect };
  if (memoryLimit === undefined) return traits;
  assertAmount(memoryLimit, "memoryLimit", "MiB");
  if (process.platform === "win32") {
    throw new UnsupportedRuntimeError(
      "Cannot use memoryLimit: nothing here tells a process's memory on Windows; use maxTasksPerWorker",
    );
  }
  return { ...traits, memoryLimit: memoryLimit * 2 ** 20 };
}
