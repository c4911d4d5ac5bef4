// Ends a thread whose heap has overflowed, where Deno itself leaves it as it is.
//
// Deno ends such a thread cleanly when it happens in the turn of a timer. In a microtask, or in the turn of a message, it
// stops the code that runs and says nothing: the task would never settle. What it leaves behind is a larger limit, for
// V8 had to be given room to unwind.

import process from "node:process";
import { getHeapStatistics } from "node:v8";

/** Milliseconds between two looks. */
const LOOK_MS = 50;

/** Looks at the heap's limit again and again, and exits with `code` when it has grown. */
export function watchHeap(code: number): void {
  const { heap_size_limit: limit } = getHeapStatistics();
  const timer = setInterval(() => {
    if (getHeapStatistics().heap_size_limit > limit) process.exit(code);
  }, LOOK_MS);
  (timer as unknown as { unref?(): void }).unref?.();
}
