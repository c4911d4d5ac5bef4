// bytesEach(): what is kept costs so much of the heap.

import process from "node:process";

/** How much the heap grows by what `make` returns, for each of `count`. */
export function bytesEach(count: number, make: () => unknown): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const made = make();
  collectGarbage();
  const after = process.memoryUsage().heapUsed;
  // Used once more, so that it is not collected before.
  if (made === undefined) throw new TypeError("Nothing was made");
  return (after - before) / count;
}

/** Bun's own, or V8's if the flag that gives it was set. */
function collectGarbage(): void {
  const { Bun, gc } = globalThis as { Bun?: { gc(force: boolean): void }; gc?: () => void };
  if (Bun !== undefined) Bun.gc(true);
  else if (gc !== undefined) gc();
  else throw new TypeError("Cannot collect garbage: start with --v8-flags=--expose-gc");
}
