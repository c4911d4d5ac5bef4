// Starts a thread: the host's side of the seam (../core/channel.ts) on Deno.
//
// By `node:worker_threads`, not the Web Worker: that one fires no event when a worker closes itself or exits, a busy one
// keeps the program from ending, and one out of memory ends the program (docs/decisions/0003-deno-threads.md).

import type { Spawn } from "../core/channel.ts";
import { linkThread, type ThreadPlatform } from "../workers/link_thread.ts";

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
        workerData: given,
        transferList: [given.port as never],
        ...(memoryLimit === undefined
          ? {}
          : { resourceLimits: { maxOldGenerationSizeMb: memoryLimit } }),
      });
      worker.on("error", (failure) => {
        error = failure;
      });
      // One that was busy when it was terminated runs on: Deno 2.7 to 2.9.6 at least.
      worker.on("exit", (code) => exited({ code, error, abandoned: unresponsive }));
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
