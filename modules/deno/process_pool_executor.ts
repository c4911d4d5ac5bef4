// ProcessPoolExecutor on Deno: the core's pool over processes of this runtime.

import { CloningExecutor } from "../core/cloning_executor.ts";
import { UnsupportedRuntimeError } from "../core/errors.ts";
import { POOL_OPTIONS } from "../core/executor.ts";
import { pickOptions } from "../core/options.ts";
import { assertRuntime } from "../workers/assert_runtime.ts";
import { closePoolsAtExit } from "../workers/close_pools_at_exit.ts";
import {
  type ProcessPoolOptions as CommonOptions,
  PROCESS_OPTIONS,
  processTraits,
  readProcessOptions,
} from "../workers/processes/process_options.ts";
import { type ProcessPermissions, permissionFlags } from "./process_permissions.ts";
import { spawnProcess } from "./spawn_process.ts";

/** Options of a pool of processes. */
export interface ProcessPoolOptions extends CommonOptions {
  /**
   * What the workers may do: everything this program may ("inherit"), nothing ("none"), or what a record says. The
   * modules of tasks can always be loaded, with all that they import: a worker is shown those that were named by `importTasks`
   * and `task` before it starts, and gives its place to another one when a task comes that was not among them. A permission that this program has for some paths or hosts only is
   * not inherited, and must be named. Without `ffi: true` in a record, short tasks take longer. Default: "inherit".
   */
  permissions?: ProcessPermissions;
}

/**
 * Runs tasks in processes of their own.
 *
 * A process can always be killed, and what it does to itself (exit, crash, out of memory) costs the task it was running
 * and nothing else. It shares no memory with this program, and none outlives it, however it ends.
 *
 * Needs the permissions to run programs and to see the environment: `--allow-run --allow-env`. With leave to write to the
 * temporary folder, short tasks are many times faster. Where this program and its workers may load libraries (`--allow-ffi`),
 * they take a third of that: memory is mapped then, and not read and written. Nobody is asked for it.
 *
 * @example A task that may do nothing
 * ```ts
 * import assert from "node:assert/strict";
 * import { importTasks } from "@concurrent/futures";
 * import { ProcessPoolExecutor } from "@concurrent/futures/deno";
 *
 * const tasks = importTasks<{ look(): string; double(n: number): number }>(
 *   "data:text/javascript,export const look = () => Deno.readTextFileSync('/etc/hostname');" +
 *     "export const double = (n) => 2 * n;",
 * );
 * await using pool = new ProcessPoolExecutor({ permissions: "none" });
 * assert((await pool.submit(tasks.double, 21)) === 42);
 * assert(String(await pool.submit(tasks.look).exception()).startsWith("NotCapable"));
 * ```
 */
export class ProcessPoolExecutor extends CloningExecutor {
  /**
   * Creates a pool; no process is started yet.
   *
   * @throws {UnsupportedRuntimeError} On another runtime than Deno, for `memoryLimit` on Windows, and in a single executable
   * for `permissions`.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   * @throws {Deno.errors.NotCapable} For permissions that this program has not got itself.
   */
  constructor(options: ProcessPoolOptions = {}) {
    assertRuntime("deno", "ProcessPoolExecutor");
    const names = [...PROCESS_OPTIONS, "permissions"] as const;
    const read = readProcessOptions(options, names);
    const { env, cwd, permissions = "inherit", signals } = read;
    const traits = processTraits(read);
    if (Deno.build.standalone && permissions !== "inherit") {
      throw new UnsupportedRuntimeError(
        "Cannot use permissions: this program is a single executable, whose workers are that too, with the permissions " +
          'that it was built with; use "inherit"',
      );
    }
    const settings = { env, cwd, permissions: permissionFlags(permissions), signals };
    super(spawnProcess(settings), pickOptions(read, POOL_OPTIONS), traits);
    closePoolsAtExit();
  }
}
