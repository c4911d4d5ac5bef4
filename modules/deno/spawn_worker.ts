// Starts a thread: the host's side of the seam (../core/channel.ts) on Deno.
//
// By `node:worker_threads`, not the Web Worker: that one fires no event when a worker closes itself or exits, a busy one
// keeps the program from ending, and one out of memory ends the program (docs/decisions/0003-deno-threads.md).

import type { Spawn } from "../core/channel.ts";
import { linkThread, type ThreadPlatform, type ThreadStart } from "../workers/link_thread.ts";

/** The exit code of a thread whose heap has overflowed (watch_heap.ts): that of an abort, as V8's own. */
export const HEAP_OVERFLOW = 134;

/** What the worker's entry (worker_main.ts) is given. */
export interface WorkerStart {
  readonly given: ThreadStart;
  /** Whether its heap has a limit. */
  readonly isLimited: boolean;
}

/** Makes a `Spawn` for threads. Looks the runtime's modules up now: importing this file touches nothing. */
export function spawnWorker(options: { memoryLimit: number | undefined }): Spawn {
  const { receiveMessageOnPort, Worker } = process.getBuiltinModule("node:worker_threads");
  const { memoryLimit } = options;
  const platform = (name: string): ThreadPlatform => ({
    receive: (port) => receiveMessageOnPort(port as never),
    start(given, exited) {
      let error: unknown;
      let unresponsive = false;
      const worker = new Worker(new URL("./worker_main.ts", import.meta.url), {
        name,
        workerData: { given, isLimited: memoryLimit !== undefined } satisfies WorkerStart,
        transferList: [given.port as never],
        ...(memoryLimit === undefined
          ? {}
          : { resourceLimits: { maxOldGenerationSizeMb: memoryLimit } }),
      });
      worker.on("error", (failure) => {
        error = failure;
      });
      // One that was busy when it was terminated runs on: Deno 2.7 to 2.9.6 at least.
      worker.on("exit", (code) => {
        if (memoryLimit !== undefined && code === HEAP_OVERFLOW)
          error ??= new RangeError(
            `Worker ran out of memory: its memoryLimit is ${memoryLimit} MiB`,
          );
        exited({ code, error, abandoned: unresponsive });
      });
      worker.unref();
      return {
        terminate(isUnresponsive) {
          unresponsive = isUnresponsive;
          void worker.terminate();
        },
      };
    },
  });
  return (handlers, { name }) => linkThread(platform(name), handlers, name);
}
