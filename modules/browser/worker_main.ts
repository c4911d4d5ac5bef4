/**
 * The entry of a worker of `ThreadPoolExecutor` in a browser.
 *
 * Importing it makes a Web Worker one of the pool's. A page needs it by name only where its bundler does not find the
 * worker by itself: see `createWorker` of the pool's options.
 *
 * @module
 */

// The worker's side of the seam (../core/seam/channel.ts) in a browser.

import "../core/disposal.ts";
import { sharedByThreads } from "../core/memory/shared_memory.ts";
import { NOTHING, sendMoving } from "../core/seam/transfer.ts";
import { serve } from "../core/serving/serve.ts";
import { contextSlot } from "../core/task_context.ts";
import type { LockManager, WorkerStart } from "./spawn_worker.ts";

/** What of a worker's global scope is used here. */
interface WorkerScope extends EventTarget {
  readonly navigator: { readonly locks?: LockManager };
  close(): void;
  postMessage(message: unknown): void;
}

contextSlot.loadHandles = () => import("../sync/mod.ts");

const scope = globalThis as unknown as WorkerScope;

scope.addEventListener("message", (event) => start((event as MessageEvent).data), { once: true });

async function start(given: WorkerStart): Promise<void> {
  const isLocked = await hold(given.lock);
  scope.postMessage(given.lock);
  run(given, isLocked);
}

/** Takes a lock for ever, so until this worker ends; false where there are none. */
function hold(lock: string): Promise<boolean> {
  const { locks } = scope.navigator;
  if (locks === undefined) return Promise.resolve(false);
  return new Promise((resolve) => {
    const held = () => {
      resolve(true);
      return new Promise(() => {});
    };
    locks.request(lock, held).catch(() => resolve(false));
  });
}

function run({ port, memory, lock }: WorkerStart, isLocked: boolean): void {
  const close = scope.close.bind(scope);
  const postMessage = scope.postMessage.bind(scope);
  // A task that closes its worker takes nothing along but itself. The code that runs is not stopped by it, so nothing
  // more may begin, nor get out.
  const exit = () => {
    served.flush();
    port.close();
    if (!isLocked) postMessage(lock);
    close();
  };
  scope.close = exit;
  const served = serve({
    memory: memory && sharedByThreads(memory),
    send: (message, transfer = NOTHING) =>
      sendMoving(transfer, (list) => port.postMessage(message, list)),
    listen: (onMessage) => {
      port.onmessage = ({ data }) => onMessage(data);
      port.onmessageerror = () => onMessage({ kind: "unreadable" });
    },
    exit,
  });

  // Thrown outside of any task: it is reported and costs none.
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    served.fault((event as ErrorEvent).error);
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    served.fault((event as PromiseRejectionEvent).reason);
  });
}
