// Sees from outside what a thread of Node has beside its heap, also while it computes.

import type { Worker } from "node:worker_threads";
import type { ProcessStatus } from "../../core/seam/channel.ts";

/** Bytes of buffers nobody has any more that V8 leaves lying: it collects no sooner. */
const UNCOLLECTED = 64 * 2 ** 20;
/** Milliseconds after which an answer says nothing of now. */
const STALE_MS = 100;

/**
 * Makes the look: it tells what was seen last, and asks for the next.
 *
 * Not the heap: V8 itself holds that to its limit, and only V8 knows what of it is garbage.
 *
 * @returns undefined where the runtime has no such look: Node before 22.16, and Deno.
 */
export function lookAtBuffers(worker: Worker): (() => ProcessStatus | undefined) | undefined {
  if (typeof worker.getHeapStatistics !== "function") return undefined;
  let seen: { memory: number; at: number } | undefined;
  let isAsking = false;
  const ask = async () => {
    isAsking = true;
    try {
      const { external_memory: bytes } = await worker.getHeapStatistics();
      seen = { memory: Math.max(0, bytes - UNCOLLECTED), at: performance.now() };
    } catch {
      // It has not started yet, or has ended.
    } finally {
      isAsking = false;
    }
  };
  return () => {
    if (!isAsking) void ask();
    if (seen === undefined || performance.now() - seen.at > STALE_MS) return undefined;
    return { stopped: false, memory: seen.memory };
  };
}
