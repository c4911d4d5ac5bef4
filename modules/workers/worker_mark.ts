// The word on the command line of a worker process that says what it is to be, and the end of a program that finds it and
// is no worker: one that was started in a worker's place would start workers of its own, and these again, without end.
//
// It stands on the command line, not in the environment: what a task starts must not find it, and Bun hands on the
// environment that a process was born with, whatever has been taken out of it (docs/decisions/0035-programs-in-one-file.md).

import { UnsupportedRuntimeError } from "../core/errors.ts";
import type { WorkerExit } from "../core/seam/channel.ts";

/** Directly behind the entry of a worker; what stands behind the mark is for the entry. */
export const WORKER_MARK = "--concurrent-futures-worker";

/** The exit code of a program that finds the mark and is no worker: that of an error of the software itself. */
const NO_WORKER = 70;

/** What of a runtime is looked at here. A page has nothing of it. */
interface Runtime {
  readonly Deno?: { readonly args: readonly string[]; exit(code: number): never };
  readonly process?: { readonly argv?: readonly string[]; exit(code: number): never };
}

/** Ends this program if it was started in the place of a worker. To be called when the library is imported. */
export function endUnlessWorker(): void {
  const { Deno, process } = globalThis as Runtime;
  // Deno's arguments begin behind the entry. Not `process` there: its first use takes 13 ms.
  const behindEntry = Deno?.args ?? process?.argv?.slice(2);
  if (!(Array.isArray(behindEntry) && behindEntry.indexOf(WORKER_MARK) > 0)) return;
  console.error(
    "Cannot go on: this program was started as a worker of a process pool, and is none. Its pool runs the program " +
      "itself in place of a runtime, which is not supported yet: run it from its modules, or use EventLoopExecutor",
  );
  (Deno ?? process)?.exit(NO_WORKER);
}

/** How a worker ended, with the cause where it was none. */
export function explained(exit: WorkerExit, hasSpoken: boolean): WorkerExit {
  if (hasSpoken || exit.code !== NO_WORKER) return exit;
  const error = new UnsupportedRuntimeError(
    `Cannot start process: "${process.execPath}" starts a program, not a runtime; process pools are not supported ` +
      "there yet: run the program from its modules by its runtime, or use EventLoopExecutor",
  );
  return { ...exit, error };
}
