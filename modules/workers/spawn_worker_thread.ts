// Starts a thread of `node:worker_threads`: the host's side of the seam (../core/seam/channel.ts) on Deno and Node.
//
// On Deno not the Web Worker: that one fires no event when a worker closes itself or exits, a busy one keeps the program
// from ending, and one out of memory ends the program (docs/decisions/0003-deno-threads.md). Node has only this.

import type { Spawn } from "../core/seam/channel.ts";
import { linkThread, type ThreadPlatform, type ThreadStart } from "./link_thread.ts";

/** The exit code of a thread whose heap has overflowed: that of an abort, as V8's own. */
const HEAP_OVERFLOW = 134;

/** What the worker's entry (worker_thread_main.ts) is given. */
export interface WorkerThreadStart {
  readonly given: ThreadStart;
  /** The code to exit with when its heap overflows, where that has a limit (watch_heap.ts). */
  readonly overflowCode: number | undefined;
}

/** How threads are started. */
export interface WorkerThreadSettings {
  /** MiB of heap. */
  readonly memoryLimit: number | undefined;
  /** Whether the runtime stops a busy thread that is terminated. One that it cannot stop runs on, abandoned. */
  readonly stopsBusyWorkers: boolean;
}

/** Makes a `Spawn` for threads. Looks the runtime's modules up now: importing this file touches nothing. */
export function spawnWorkerThread(options: WorkerThreadSettings): Spawn {
  const { receiveMessageOnPort, Worker } = process.getBuiltinModule("node:worker_threads");
  const { memoryLimit, stopsBusyWorkers } = options;
  const overflowCode = memoryLimit === undefined ? undefined : HEAP_OVERFLOW;
  const platform = (name: string): ThreadPlatform => ({
    receive: (port) => receiveMessageOnPort(port as never),
    start(given, exited) {
      let error: unknown;
      let unresponsive = false;
      const worker = new Worker(new URL("./worker_thread_main.ts", import.meta.url), {
        name,
        workerData: { given, overflowCode } satisfies WorkerThreadStart,
        transferList: [given.port as never],
        ...(memoryLimit === undefined
          ? {}
          : { resourceLimits: { maxOldGenerationSizeMb: memoryLimit } }),
      });
      worker.on("error", (failure) => {
        error = failure;
      });
      worker.on("exit", (code) => {
        if (code === overflowCode)
          error ??= new RangeError(
            `Worker ran out of memory: its memoryLimit is ${memoryLimit} MiB`,
          );
        exited({ code, error, abandoned: unresponsive });
      });
      worker.unref();
      return {
        terminate(isUnresponsive) {
          unresponsive = isUnresponsive && !stopsBusyWorkers;
          void worker.terminate();
        },
      };
    },
  });
  return (handlers, { name }) => linkThread(platform(name), handlers, name);
}
