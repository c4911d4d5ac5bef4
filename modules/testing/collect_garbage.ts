// collectGarbage, isCollected: forced collections, on each runtime by its own means, without a flag.
import v8 from "node:v8";
import vm from "node:vm";

/** Collects what nothing refers to any more; settles when weak references have seen it. */
export async function collectGarbage(): Promise<void> {
  // A WeakRef keeps its target until the current turn of the event loop is over.
  await nextTurn();
  forceCollection();
  await nextTurn();
}

/**
 * Collects garbage until that is gone, a few times at most: an engine that takes whatever lies on the stack for a reference
 * (Bun's) may see one there that nobody has any more.
 */
export async function isCollected(ref: WeakRef<object>): Promise<boolean> {
  for (let round = 0; round < MOST_ROUNDS && ref.deref() !== undefined; round++)
    await collectGarbage();
  return ref.deref() === undefined;
}

const MOST_ROUNDS = 20;

function forceCollection(): void {
  const { Bun: bun } = globalThis as { Bun?: { gc(force: boolean): void } };
  if (bun !== undefined) return bun.gc(true);
  v8.setFlagsFromString("--expose-gc");
  (vm.runInNewContext("gc") as () => void)();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
