// Starts a Web Worker: the host's side of the seam (../core/seam/channel.ts) in a browser.
//
// No event tells that a worker has closed itself. So it holds a lock of `navigator.locks` all its life, for which the
// host waits: browsers release it on the worker's death, whatever the cause (docs/decisions/0016-browser-threads.md).
// A sandboxed frame has no locks: there a worker that closes itself says so, by the same word a second time.

import type { Spawn, WorkerExit } from "../core/seam/channel.ts";
import { linkThread, type Thread, type ThreadStart } from "../workers/threads/link_thread.ts";

/** What the worker's entry (worker_main.ts) is sent first. */
export interface WorkerStart extends ThreadStart {
  /** The name of the lock to hold; the worker says it to the page when it begins, and where it has no lock, when it ends. */
  readonly lock: string;
}

/** Makes a worker that runs `@concurrent/futures/browser/worker`, or a module that imports it. */
export type CreateWorker = (options: { type: "module"; name: string }) => Worker;

/** `navigator.locks`, as far as it is used here. */
export interface LockManager {
  /** Rejects where there are none: in a frame without an origin. */
  request(name: string, held: () => unknown): Promise<unknown>;
  request(name: string, options: { signal: AbortSignal }, held: () => unknown): Promise<unknown>;
}

/** Bundlers know the worker's file by exactly this expression. */
const createOwnWorker: CreateWorker = ({ name }) =>
  new Worker(new URL("./worker_main.ts", import.meta.url), { type: "module", name });

/** Makes a `Spawn` for Web Workers. */
export function spawnWorker(createWorker: CreateWorker = createOwnWorker): Spawn {
  const { crossOriginIsolated } = globalThis as { crossOriginIsolated?: boolean };
  return (handlers, { name }) =>
    linkThread(
      {
        sharesMemory: crossOriginIsolated === true,
        start: (given, exited) => start(createWorker({ type: "module", name }), given, exited),
      },
      handlers,
      name,
    );
}

function start(worker: Worker, given: ThreadStart, exited: (exit: WorkerExit) => void): Thread {
  const { locks } = navigator as unknown as { locks: LockManager };
  const lock = `@concurrent/futures ${crypto.randomUUID()}`;
  const [starting, living] = [new AbortController(), new AbortController()];
  const end = (exit: WorkerExit) => {
    starting.abort();
    living.abort();
    exited(exit);
  };
  // Before it holds its lock a worker can only fail to load; afterwards it keeps its errors to itself.
  worker.addEventListener(
    "error",
    (event) => {
      worker.terminate();
      end({ error: loadFailure(event) });
    },
    { signal: starting.signal },
  );
  worker.addEventListener(
    "message",
    ({ data }) => {
      if (data !== lock) return;
      const hasBegun = starting.signal.aborted;
      if (hasBegun) return afterMessages(() => end({}));
      starting.abort();
      locks
        .request(lock, { signal: living.signal }, () => afterMessages(() => end({})))
        .catch(() => {}); // Given up: the end is known. Or refused: the worker will say it.
    },
    { signal: living.signal },
  );
  worker.postMessage({ ...given, lock } satisfies WorkerStart, [given.port as MessagePort]);
  return {
    terminate() {
      worker.terminate();
      // Now, not with the lock: Chromium lets a busy worker run on for up to two seconds, and fails the requests it
      // waits for at once. What comes of that is no outcome.
      end({});
    },
  };
}

/** Calls `then` when every message that has come is delivered: this one is behind them. */
function afterMessages(then: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    port1.close();
    then();
  };
  port2.postMessage(null);
}

/** A script that cannot be fetched is an event without an error, or a word. */
function loadFailure(event: ErrorEvent): unknown {
  event.preventDefault();
  const why = event.message || "its module, or one that it imports, cannot be fetched";
  return event.error ?? new ReferenceError(`Cannot load worker: ${why}`);
}
