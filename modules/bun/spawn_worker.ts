// Starts a thread: the host's side of the seam (../core/seam/channel.ts) on Bun.
//
// By the Web Worker, not `node:worker_threads`: that one takes six times as long to start, and keeps the program from
// ending when a thread cannot be stopped (docs/decisions/0012-bun-threads.md).

import type { Spawn } from "../core/seam/channel.ts";
import { linkThread, type ThreadPlatform } from "../workers/threads/link_thread.ts";
import { isOwnThread, whyNotStarted } from "../workers/worker_entry.ts";
import { WORKER_MARK } from "../workers/worker_mark.ts";

/**
 * A thread that was terminated and has not ended after so many looks of so many milliseconds never will: it runs a loop in
 * WebAssembly, which Bun does not interrupt. Others end within a few milliseconds, or within some hundred on a machine with
 * much else to do. Looks and not a time: a host that was itself without a turn has not heard of the end yet.
 */
const LOOKS = 50;
const LOOK_MS = 20;

/** What the user says of how each is started. */
export interface BunThreadStart {
  readonly env?: Record<string, string>;
  readonly argv?: string[];
}

/** Makes a `Spawn` for threads. */
export function spawnWorker(start: BunThreadStart = {}): Spawn {
  const findMain = () => new URL("./worker_main.ts", import.meta.url);
  const platform = (name: string): ThreadPlatform => ({
    whyNotStarted: (error) => whyNotStarted(findMain, error),
    // Not looked up before a worker has ended: it takes 3 ms to load.
    receive: (port) =>
      process.getBuiltinModule("node:worker_threads").receiveMessageOnPort(port as never),
    start(given, exited) {
      let error: unknown;
      const options = { name, ref: false, ...start };
      const worker = isOwnThread(findMain, Bun.isStandaloneExecutable)
        ? new Worker(Bun.main, { ...options, argv: [WORKER_MARK, ...(start.argv ?? [])] })
        : // As bundlers know it.
          new Worker(new URL("./worker_main.ts", import.meta.url), options);
      worker.postMessage(given, [given.port as never]);
      worker.addEventListener("error", (failure) => {
        error = failure.error ?? failure.message;
      });
      worker.addEventListener("close", ({ code }) => exited({ code, error }));
      return {
        terminate() {
          worker.terminate();
          let looks = 0;
          const looking = setInterval(() => {
            if (++looks < LOOKS) return;
            clearInterval(looking);
            exited({ abandoned: true });
          }, LOOK_MS);
          looking.unref();
          worker.addEventListener("close", () => clearInterval(looking));
        },
      };
    },
  });
  return (handlers, { name }) => linkThread(platform(name), handlers, name);
}
