// What is moved with a message, and what is sooner copied and taken away.

import type { Transferred } from "../task.ts";

/** From some two hundred kilobytes on, the copies cost more than the waking. */
const COPIED_BYTES = 2 ** 17;

/**
 * Whether a copy does as well as moving: all that is to be moved are the buffers of `values` that are bytes, each once, and
 * to wake somebody for them takes longer than to copy them.
 */
export function isCopiedSooner(
  values: readonly unknown[],
  moves: readonly Transferred[],
  most: number,
): boolean {
  let size = 0;
  for (const [index, item] of moves.entries()) {
    const isTheirs = values.some(
      (value) => value === item || (ArrayBuffer.isView(value) && value.buffer === item),
    );
    if (!isTheirs || !(item instanceof ArrayBuffer) || moves.indexOf(item) !== index) return false;
    size += item.byteLength;
  }
  return size <= most;
}

/** Takes from the sender what was copied instead of moved: it is gone all the same, as the contract is one. */
export function takeAway(moves: readonly Transferred[]): void {
  for (const item of moves) {
    // To nothing, which frees the memory at once, and not when garbage is collected: the next copy finds it warm.
    if (item instanceof ArrayBuffer && "transfer" in item) item.transfer(0);
    else structuredClone(null, { transfer: [item as unknown as ArrayBuffer] });
  }
}

/** The same; false for what cannot be taken, such as the memory of a WebAssembly instance. */
export function mayTakeAway(moves: readonly Transferred[]): boolean {
  try {
    takeAway(moves);
    return true;
  } catch {
    return false;
  }
}

/** So many bytes are copied sooner than a thread is woken; between processes, where nothing can be moved, all are. */
export function mostCopied(sharesBuffers: boolean | undefined): number {
  return sharesBuffers === false ? Number.POSITIVE_INFINITY : COPIED_BYTES;
}
