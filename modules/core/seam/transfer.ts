// Transfer lists: what of a call's arguments, or of a result, is to be moved and not copied — read, proved, and taken away.
//
// Whether all of a list can be moved is known before anything of its call is sent: a call that fails has moved nothing, and
// its task does not run. Between processes nothing can be moved: it is copied, and gone for the sender all the same, as the
// contract is one. So is, between threads, what is copied sooner than a thread is woken.

import {
  bufferBytes,
  bufferOf,
  isArray,
  isArrayBuffer,
  isDetached,
  isInstance,
  isView,
  runtime,
} from "../brand.ts";
import { dataCloneError } from "../errors.ts";
import type { Transferred } from "../task.ts";

/** From some two hundred kilobytes on, the copies cost more than the waking. */
const COPIED_BYTES = 2 ** 17;

/** What is to be moved where nothing is. */
export const NOTHING: readonly Transferred[] = [];

const MOVE = "Cannot move what is listed";
const WAS_MOVED = "was moved before";
const BELONGS = "belongs to WebAssembly, or to the runtime";

/** So many bytes are copied sooner than a thread is woken; between processes, where nothing can be moved, all are. */
export function mostCopied(sharesBuffers: boolean | undefined): number {
  return sharesBuffers === false ? Number.POSITIVE_INFINITY : COPIED_BYTES;
}

/**
 * Reads a list that the user gave, once: it may be a proxy, or have an iterator of its own.
 *
 * @param what failed, for the error: `Cannot send task "load"`.
 * @param movesBuffersOnly Whether nothing but buffers can be moved there: to a process, or from one.
 * @throws {DOMException} A `DataCloneError` for what is no list, or has something in it that nobody could move.
 */
export function readTransferList(
  list: unknown,
  what: string,
  movesBuffersOnly: boolean,
): readonly Transferred[] {
  if (list === undefined || list === null) return NOTHING;
  if (!isArray(list)) throw dataCloneError(`${what}: its transfer is no list`);
  const moves = [...list];
  const seen = new Set();
  for (const [at, item] of moves.entries()) {
    const why = seen.has(item) ? "is in it twice" : whyUnmovable(item, movesBuffersOnly);
    if (why !== undefined) throw dataCloneError(`${what}: item ${at} of its transfer list ${why}`);
    seen.add(item);
  }
  return moves as Transferred[];
}

/**
 * Proves that all buffers of a list that was read can still be moved, without moving one. For platforms that send and move
 * in one, or move some and then find another that cannot be; `takeAway` needs no proof.
 *
 * @throws {DOMException} A `DataCloneError` for a buffer that was moved meanwhile, or belongs to somebody: the memory of a
 * WebAssembly instance, or what a runtime keeps for itself.
 */
export function assertMovable(moves: readonly Transferred[]): void {
  for (const [at, item] of moves.entries()) {
    if (!isArrayBuffer(item)) continue;
    const why = isDetached(item) ? WAS_MOVED : isTakeable(item) ? undefined : BELONGS;
    if (why !== undefined) throw dataCloneError(`${MOVE}: item ${at} ${why}`);
  }
}

/**
 * Whether a copy does as well as moving: all that is to be moved are the buffers of `values` that are bytes, and to wake
 * somebody for them takes longer than to copy them.
 *
 * @param moves as `readTransferList` returned them.
 */
export function isCopiedSooner(
  values: readonly unknown[],
  moves: readonly Transferred[],
  most: number,
): boolean {
  let size = 0;
  for (const item of moves) {
    const isTheirs = values.some(
      (value) => value === item || (isView(value) && bufferOf(value) === item),
    );
    if (!isTheirs || !isArrayBuffer(item)) return false;
    size += bufferBytes(item);
  }
  return size <= most;
}

/**
 * Whether a value is nothing but what is moved, or needs no look: a buffer of the list, a view of one, a primitive value.
 * Of everything else it must be certain that it can be sent before anything is moved: some platforms move first.
 */
export function isCarried(value: unknown, moves: readonly Transferred[]): boolean {
  if (typeof value === "function" || typeof value === "symbol") return false;
  if (typeof value !== "object" || value === null) return true;
  return moves.includes((isView(value) ? bufferOf(value) : value) as Transferred);
}

/**
 * Has a platform send something together with what is moved. If it refuses, no buffer is gone: platforms move those first
 * and then find that another thing in the list cannot be moved, so they are copied beside such, and taken away.
 *
 * @param send is given the list for the platform.
 * @throws {DOMException} A `DataCloneError`, whatever the platform calls it.
 */
export function sendMoving<T>(moves: readonly Transferred[], send: (list: Transferred[]) => T): T {
  if (moves.length === 0) return send([]);
  const buffers = moves.filter(isArrayBuffer);
  const isMixed = buffers.length > 0 && buffers.length < moves.length;
  if (isMixed) assertMovable(buffers);
  const list = isMixed
    ? moves.filter((item) => !buffers.includes(item as ArrayBuffer))
    : doubtfulFirst(moves, buffers);
  let sent: T;
  try {
    sent = send(list);
  } catch (error) {
    if (isInstance(error, DOMException) && error.name === "DataCloneError") throw error;
    throw dataCloneError(
      `${MOVE}: ${isInstance(error, Error) ? error.message : "the platform refused them"}`,
    );
  }
  if (isMixed) takeRest(buffers);
  return sent;
}

/**
 * Takes from the sender what is copied instead of moved: all of it, or nothing. What is no buffer stays.
 *
 * @throws {DOMException} As `assertMovable`.
 */
export function takeAway(moves: readonly Transferred[]): void {
  if (moves.length === 0) return;
  const buffers = moves.filter(isArrayBuffer);
  const [first] = buffers;
  if (buffers.length === 1 && first !== undefined ? take(first) : takeAll(buffers)) return;
  throw dataCloneError(`${MOVE}: a buffer ${buffers.some(isDetached) ? WAS_MOVED : BELONGS}`);
}

/** The same of what was sent a moment ago: what is gone already need not be taken. Never throws. */
export function takeRest(moves: readonly Transferred[]): void {
  for (const item of moves) if (isArrayBuffer(item)) take(item);
}

function whyUnmovable(item: unknown, movesBuffersOnly: boolean): string | undefined {
  if (typeof item !== "object" || item === null)
    return item === null || item === undefined ? `is ${item}` : `is a ${typeof item}`;
  if (isView(item)) return "is a view; list its buffer";
  if (isArrayBuffer(item)) return isDetached(item) ? WAS_MOVED : undefined;
  if (runtime.isProxy?.(item) === true) return "is a proxy";
  // What else can be moved between threads the platform knows.
  return movesBuffersOnly
    ? "is no ArrayBuffer, and nothing else is moved between processes"
    : undefined;
}

/** Taken once: to move a buffer runs nothing of the user's. Older platforms lack it. */
const transferTo: ((buffer: ArrayBuffer, length: number) => ArrayBuffer) | undefined =
  "transfer" in ArrayBuffer.prototype
    ? Function.prototype.call.bind(ArrayBuffer.prototype.transfer)
    : undefined;

/** Takes a buffer's bytes; false where nobody may. */
function take(buffer: ArrayBuffer): boolean {
  try {
    // To nothing, which frees the memory at once, and not when garbage is collected: the next copy finds it warm.
    if (transferTo !== undefined) transferTo(buffer, 0);
    else structuredClone(null, { transfer: [buffer] });
    return true;
  } catch {
    return false;
  }
}

/** Takes several; false where one of them may not be taken, and then all are left. */
function takeAll(buffers: ArrayBuffer[]): boolean {
  if (buffers.some((buffer) => runtime.isPinned?.(buffer) === true)) return false;
  try {
    // Deno, Node and Bun look at all of them before they take the first.
    structuredClone(null, { transfer: doubtfulFirst(buffers, buffers) });
    return true;
  } catch {
    return false;
  }
}

/** The memory of WebAssembly is made of pages. */
const PAGE_BYTES = 65_536;

/** What may belong to WebAssembly comes first: browsers take one after another, and stop at the first that they may not. */
function doubtfulFirst<T extends Transferred>(
  moves: readonly T[],
  buffers: readonly ArrayBuffer[],
): T[] {
  if (moves.length < 2 || buffers.length < moves.length) return [...moves];
  const size = (item: T) => Number(bufferBytes(item) % PAGE_BYTES !== 0);
  return [...moves].sort((one, other) => size(one) - size(other));
}

/**
 * Whether a buffer may be taken, which the engine tells only of one that it takes: but first it asks whether it may, and
 * then whether there is room for so much as no memory holds. To look for that room may take V8 some 50 ms.
 */
function isTakeable(buffer: ArrayBuffer): boolean {
  if (runtime.isPinned?.(buffer) === true) return false;
  if (transferTo === undefined || bufferBytes(buffer) % PAGE_BYTES !== 0) return true;
  try {
    transferTo(buffer, Number.MAX_SAFE_INTEGER);
  } catch (error) {
    return error instanceof RangeError;
  }
  return true;
}
