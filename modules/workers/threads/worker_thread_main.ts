// The entry of a thread of `node:worker_threads`: the worker's side of the seam (../../core/seam/channel.ts) on Deno and Node.

import process from "node:process";
import { getHeapStatistics } from "node:v8";
import { workerData } from "node:worker_threads";
import { serveThread } from "../serve_worker.ts";
import type { WorkerThreadStart } from "./spawn_worker_thread.ts";

/** Milliseconds between two looks at the heap. */
const LOOK_MS = 50;

const { given, overflowCode } = workerData as WorkerThreadStart;
serveThread(given);
if (overflowCode !== undefined) watchHeap(overflowCode);

/**
 * Looks at the heap's limit again and again, and exits with `code` when it has grown: the heap has overflowed.
 *
 * Deno ends such a thread cleanly when it happens in the turn of a timer. In a microtask, or in the turn of a message, it
 * stops the code that runs and says nothing: the task would never settle. What it leaves behind is a larger limit, for
 * V8 had to be given room to unwind.
 */
function watchHeap(code: number): void {
  const { heap_size_limit: limit } = getHeapStatistics();
  const timer = setInterval(() => {
    if (getHeapStatistics().heap_size_limit > limit) process.exit(code);
  }, LOOK_MS);
  (timer as unknown as { unref?(): void }).unref?.();
}
