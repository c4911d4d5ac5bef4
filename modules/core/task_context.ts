// What a task sees of its own run: taskContext(). And what it says of its result: move().

import type { Holdings } from "./seam/holdings.ts";
import type { LinkWord } from "./seam/messages.ts";
import type { WireHandle } from "./seam/packed.ts";
import type { Transferred } from "./transferred.ts";
import type { WorkerIdentity } from "./worker_identity.ts";

/** A task's view of its own run. */
export interface TaskContext {
  /** The task's number, unique in its executor; the same as in its events. */
  readonly id: number;
  /** Who runs it. */
  readonly worker: WorkerIdentity;
  /** Aborts when the task is cancelled with `interrupt`, times out, or its executor is terminated. */
  readonly signal: AbortSignal;
  /**
   * Reports how far the task has come. Seen by `future.onProgress` and observers; of an element of `map`, by observers only.
   *
   * @param fraction From 0 to 1; what lies outside is moved to the nearer end.
   * @param detail Anything cloneable.
   * @throws {TypeError} When `fraction` is not a number.
   */
  progress(fraction: number, detail?: unknown): void;
}

/** Has something done at the end of a call: for what must not outlive it. */
export const BEFORE_OUTCOME: unique symbol = Symbol.for("@concurrent/futures/before-outcome");

/** Opens a link to the host (call_links.ts). */
export const OPEN_LINK: unique symbol = Symbol.for("@concurrent/futures/open-link");

/** Where a function that submits a task has that task: a worker that finds it calls the task's own function. */
export const TASK_OF: unique symbol = Symbol.for("@concurrent/futures/task-of");

/** A link as the running call has it: words, and no knowledge of them. */
export interface LinkPlug {
  /** Says a word, and nothing once the call has ended; throws what the platform throws for a value that cannot cross. */
  say(word: LinkWord, transfer?: readonly Transferred[]): void;
  /** Values pass as they are. */
  readonly byReference: boolean;
  /** Whether the host is another process. */
  readonly isProcess: boolean;
  /** Whether what is small and not the user's travels best as a text. Default: false. */
  readonly takesTexts?: boolean;
  /** Waits in place for what the host says next, where there are rings. */
  attend?(isAwaited: () => boolean): void;
  /** The name of the task that runs. */
  readonly taskName: string;
  /** Runs code of the call, so that it finds its context. */
  enter<R>(run: () => R): R;
}

/** What a task's context is within this library. */
export interface OpenContext extends TaskContext {
  /**
   * Calls `end`, and waits for it, when the call's own code has ended and before its outcome is told. `end` must not throw.
   *
   * @returns Forgets it.
   */
  [BEFORE_OUTCOME](end: () => Promise<void>): () => void;
  /**
   * Opens a link.
   *
   * @param to The name of the service.
   * @param hear Takes what the host says, and undefined when the call ends.
   * @param flush Says at once what is held back: the worker is about to exit.
   * @throws {ReferenceError} When the call has ended.
   */
  [OPEN_LINK](to: string, hear: (word: LinkWord | undefined) => void, flush?: () => void): LinkPlug;
}

/** A handle that has arrived at a worker, and is made when the call begins that it was given to. */
export class ArrivedHandle {
  readonly wire: WireHandle;
  /** What has arrived of a shared value. A call that has it has it, though the worker is told to let it go. */
  readonly kept: { readonly value: unknown } | undefined;

  constructor(wire: WireHandle) {
    this.wire = wire;
    this.kept = contextSlot.arrived?.get(wire.id);
  }
}

/** The kind of a handle that stands for a value, which its worker has (shared_value.ts). */
export const SHARED = "shared value";

/** What is known of shared values, once there are any. */
export interface ShareBook {
  has(value: object): boolean;
  /**
   * Tells of one to a worker, and what it is if that has not got it.
   *
   * @param refuse Makes the error for what cannot be told.
   * @throws {Error} That.
   */
  describe(
    value: object,
    link: { readonly isProcess: boolean; readonly holdings: Holdings },
    refuse: (what: string) => Error,
  ): WireHandle;
  /** Makes one that has crossed. */
  open(arrived: ArrivedHandle): object;
}

/** A class whose instances cross as what it says of them (register_class.ts). */
export interface RegisteredClass {
  readonly name: string;
  readonly toWire: (instance: object) => unknown;
  readonly fromWire: (wire: unknown) => object;
}

/** Such classes, once there are any. */
export interface ClassBook {
  readonly byPrototype: WeakMap<object, RegisteredClass>;
  readonly byName: Map<string, RegisteredClass>;
}

/** What is known of handles, once there are any: filled in by what makes them. Nothing of this looks at a user's object. */
export interface HandleBook {
  /** Notes a new handle, and the way from it to what it is of. */
  note(handle: object, seat: unknown): void;
  has(value: object): boolean;
  /**
   * Tells of a handle to a worker.
   *
   * @param isProcess Whether that sees no memory of ours.
   * @throws {TypeError} When it is of another program.
   */
  describe(handle: object, isProcess: boolean): WireHandle;
  /** Makes one that has crossed: for one call, or for whichever runs when it is used. */
  open(wire: WireHandle, context: OpenContext | undefined): object;
  /** Makes of a handle that of a call on this event loop. */
  lend(handle: object, context: OpenContext): object;
}

/**
 * Where the running task's context is found. On `globalThis`, because a worker's main file and a user's module may load
 * two copies of this library and must still share it.
 */
interface ContextSlot {
  current: (() => OpenContext) | undefined;
  /** The module a worker is loading, in a realm of its own: a pool that is used meanwhile would start workers for ever. */
  loading: string | undefined;
  /** Whether a worker's entry has begun here. What the worker runs before it is preloaded. */
  isServed?: boolean;
  /** Whether this program may be started as a worker of itself, or is such a worker: that runs nothing it has not named. */
  ownWorker?: "possible" | "running";
  /** How it loads the modules it has named, by their URL; and its functions, by the URL and a name (task.ts). */
  loaders?: Map<string, () => unknown>;
  /** Whom links of calls are opened to, by name: filled in by what is built on them (call_links.ts). */
  services?: Map<string, unknown>;
  /** The executors of this program: filled in by what makes them (call_links.ts). */
  crowds?: Set<() => Iterable<unknown>>;
  /** What is known of handles, once there are any. */
  handles?: HandleBook;
  /** The same of shared values. */
  shares?: ShareBook;
  /** Classes of a program's own whose instances cross. */
  classes?: ClassBook;
  /** What has crossed of shared values, by their ids. Of a worker only: what it would keep for a host it could be asked to. */
  arrived?: Map<string, { readonly value: unknown }>;
  /** How a worker loads what makes handles, when the first one has come: told by its entry. */
  loadHandles?: () => Promise<unknown>;
  /** What is to be moved of results; made when a task first asks for it. */
  moves: WeakMap<object, readonly Transferred[]> | undefined;
}

const SLOT = Symbol.for("@concurrent/futures/task-context");

/** The slot of this realm. */
export const contextSlot: ContextSlot = findSlot();

/** The key of a function among the loaders. No URL has such a character in it. */
export function functionKey(module: string, name: string): string {
  return `${module}\n${name}`;
}

/**
 * The fraction that a task reports, within 0 and 1.
 *
 * @throws {TypeError} For what is no number.
 */
export function fractionOf(reported: unknown): number {
  if (typeof reported !== "number" || Number.isNaN(reported)) {
    throw new TypeError(
      `Cannot report progress: expected a fraction from 0 to 1, got ${String(reported)}`,
    );
  }
  return Math.min(1, Math.max(0, reported));
}

/**
 * Returns the running task's signal, progress report, worker and id.
 *
 * Call it at the start of the task, before its first `await`, and keep what it returns: in an `EventLoopExecutor` tasks
 * take turns on one thread, and after an `await` nothing tells which of them is asking.
 *
 * @throws {ReferenceError} When no task is running here.
 *
 * @example Progress, and an early end
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, taskContext } from "@concurrent/futures";
 *
 * function count(to: number): number {
 *   const { signal, progress } = taskContext();
 *   let n = 0;
 *   for (; n < to && !signal.aborted; n++) progress(n / to);
 *   return n;
 * }
 *
 * await using executor = new EventLoopExecutor();
 * const future = executor.submit(count, 10);
 * assert((await future) === 10 && future.snapshot().progress?.fraction === 0.9);
 * ```
 */
export function taskContext(): TaskContext {
  if (contextSlot.current === undefined) {
    throw new ReferenceError(
      "Cannot get task context: no task is running here; call it before the task's first await",
    );
  }
  return contextSlot.current();
}

/** The running task's context, if a task is running here. */
export function findTaskContext(): OpenContext | undefined {
  try {
    return contextSlot.current?.();
  } catch {
    // Between two calls of a worker there is a context to be asked, and no task.
    return undefined;
  }
}

/**
 * Has a task's result moved to the host instead of copied, or what of it is listed: for large buffers. What was moved is
 * gone for the worker.
 *
 * Between processes everything is copied, and gone for the sender all the same. In an `EventLoopExecutor` results pass as
 * they are. What travels the other way is named by the task's option `transfer`.
 *
 * @param value The result to return.
 * @param transfer What of it to move. Default: the value itself, or the buffer it is a view of. If something in it cannot be
 * moved, the task fails with a `DataCloneError`, and nothing is moved.
 * @returns The value.
 * @throws {TypeError} When the value is no object, or there is nothing in it to move and nothing is listed.
 *
 * @example A buffer that is made in a worker
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor, move } from "@concurrent/futures";
 *
 * const zeros = (length: number) => move(new Uint8Array(length));
 *
 * await using executor = new EventLoopExecutor();
 * assert.equal((await executor.submit(zeros, 1_000_000)).length, 1_000_000);
 * ```
 */
export function move<T extends object>(value: T, transfer?: readonly Transferred[]): T {
  if (typeof value !== "object" || value === null)
    throw new TypeError(
      `Cannot move result: expected an object, got ${value === null ? "null" : typeof value}`,
    );
  const list = transfer ?? movable(value);
  if (!Array.isArray(list))
    throw new TypeError("Cannot move result: expected a list of what to move");
  contextSlot.moves ??= new WeakMap();
  contextSlot.moves.set(value, list);
  return value;
}

function movable(value: object): readonly Transferred[] {
  if (ArrayBuffer.isView(value)) return [value.buffer as ArrayBuffer];
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (MOVABLE.has(kind)) return [value as Transferred];
  throw new TypeError(`Cannot move result: list what of the ${kind} is to be moved`);
}

const MOVABLE = new Set([
  "ArrayBuffer",
  "MessagePort",
  "ReadableStream",
  "WritableStream",
  "TransformStream",
]);

function findSlot(): ContextSlot {
  const realm = globalThis as { [SLOT]?: ContextSlot };
  realm[SLOT] ??= { current: undefined, loading: undefined, moves: undefined };
  return realm[SLOT];
}
