// The word on the command line of a worker process that says what it is to be, and the end of a program that finds it and
// is no worker: one that was started in a worker's place would start workers of its own, and these again, without end.
//
// It stands on the command line, not in the environment: what a task starts must not find it, and Bun hands on the
// environment that a process was born with, whatever has been taken out of it (docs/decisions/0035-programs-in-one-file.md).

import { UnsupportedRuntimeError } from "../core/errors.ts";
import type { WorkerExit } from "../core/seam/channel.ts";
import { contextSlot } from "../core/task_context.ts";

/** Directly behind the entry of a worker; what stands behind the mark is for the entry. */
export const WORKER_MARK = "--concurrent-futures-worker";

/** The exit code of a program that finds the mark and is no worker: that of an error of the software itself. */
const NO_WORKER = 70;

/** What of a runtime is looked at here. A page has nothing of it. */
interface Runtime {
  readonly Deno?: { readonly args: readonly string[]; exit(code: number): never };
  readonly process?: {
    readonly argv?: readonly string[];
    exit(code: number): never;
  };
}

/**
 * Ends this program if it was started in the place of a worker; and in a worker, keeps what is preloaded from using pools:
 * each of their workers would preload it again. To be called when the library is imported.
 */
export function heedMark(): void {
  const { Deno } = globalThis as Runtime;
  // Not looked at on Deno, not even to see what it is: its first use takes 13 ms.
  const process = Deno === undefined ? (globalThis as Runtime).process : undefined;
  // Deno's arguments begin behind the entry.
  const behindEntry = Deno?.args ?? process?.argv?.slice(2);
  const at = Array.isArray(behindEntry) ? behindEntry.indexOf(WORKER_MARK) : -1;
  if (at > 0) {
    console.error(
      "Cannot go on: this program was started as a worker of a process pool, and is none. Its pool runs the program " +
        `itself in place of a runtime; ${advice()}`,
    );
    (Deno ?? process)?.exit(NO_WORKER);
  }
  if (at === 0) heedPreload();
}

/** To be called in a worker: keeps what runs before it serves from using pools. */
function heedPreload(): void {
  if (!contextSlot.isServed)
    contextSlot.loading = "a module that is preloaded (--import, --preload)";
}

/**
 * The same in a thread of a pool of Node; others preload nothing. To be called when a pool is made: what tells a thread from
 * the program takes 2 ms to load, and who makes no pool starts no workers.
 */
export function heedThread(): void {
  if (isThreadOfPool(process.getBuiltinModule("node:worker_threads").workerData)) heedPreload();
}

/** Whether a thread of `node:worker_threads` was started by a pool, by what it was given. */
export function isThreadOfPool(workerData: unknown): boolean {
  return typeof workerData === "object" && workerData !== null && "overflowCode" in workerData;
}

/** How a worker ended, with the cause where it was none. */
export function explained(exit: WorkerExit, hasSpoken: boolean): WorkerExit {
  if (hasSpoken || exit.code !== NO_WORKER) return exit;
  const error = new UnsupportedRuntimeError(
    `Cannot start process: "${process.execPath}" starts a program, not a runtime; ${advice()}`,
  );
  return { ...exit, error };
}

/** What is to be done about it, in a program that has not said yet that it may be its own worker. */
export function advice(): string {
  const runtime = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";
  return (
    `let it be its own worker: import { isWorker } from "@concurrent/futures/${runtime}/worker" in it, and do its own ` +
    "work only if (!isWorker)"
  );
}
