// TaskStream: the items of a task that is a generator, as its reader sees them.

import { inContextOfNow } from "./async_context.ts";
import { CancelledError } from "./errors.ts";
import type { Future } from "./future.ts";

/** The call of a stream, once it is submitted. */
export interface StreamedCall {
  /** What it returns in the end. */
  readonly future: Future<unknown>;
  /** The next item. */
  read(): Promise<IteratorResult<unknown, unknown>>;
  /** Has an error in the place of an item end it. */
  endWithError(): void;
  /** Reads no more; resolves when its code has ended. */
  leave(): Promise<void>;
}

/**
 * The items that a task yields while it runs, and what it returns.
 *
 * It is lazy: the task is submitted with the first `next()`, by `start()`, or when `future` is looked at. From then on
 * at most `buffer` items are made ahead of the reader; while they are not read, the task waits, and holds its worker. Where
 * the task does not say how many, these are 32, and up to 256 once a reader has waited for items that come fast.
 *
 * An error that the task throws comes at its own position, behind the items before it. An item that cannot cross is an error
 * in its place: a loop ends with it, and so does the task; who calls `next()` alone may go on behind it. If the worker is
 * lost, what has arrived is handed out first. Leaving the loop, `return()` or disposal interrupts the task and waits until its `finally` has run, for
 * which it has the executor's `interruptGrace`.
 *
 * @example Rows, until there are enough
 * ```ts
 * import assert from "node:assert/strict";
 * import { EventLoopExecutor } from "@concurrent/futures";
 *
 * function* count() {
 *   for (let n = 1; ; n++) yield n;
 * }
 *
 * await using executor = new EventLoopExecutor();
 * const seen: number[] = [];
 * for await (const n of executor.stream(count)) {
 *   seen.push(n);
 *   if (n === 3) break;
 * }
 * assert.deepEqual(seen, [1, 2, 3]);
 * ```
 */
export class TaskStream<Item, Return = unknown>
  implements AsyncIterableIterator<Item, Return | undefined>, AsyncDisposable
{
  #submit: ((nothing: undefined) => StreamedCall) | undefined;
  #work: StreamedCall | undefined = undefined;
  #isInLoop = false;

  /** @ignore */
  constructor(submit: () => StreamedCall) {
    // Its call belongs to whoever made the stream, whoever reads it: a response is read by the server.
    this.#submit = inContextOfNow(submit);
  }

  /**
   * Submits the task, if it has not been.
   *
   * @returns Itself.
   * @throws {QueueFullError} When `maxQueue` tasks wait.
   * @throws {ShutdownError} After `shutdown`.
   * @throws {BrokenExecutorError} After the executor broke.
   *
   * @example Ahead of its reader
   * ```ts
   * import assert from "node:assert/strict";
   * import { EventLoopExecutor } from "@concurrent/futures";
   *
   * await using executor = new EventLoopExecutor();
   * const stream = executor.stream(function* () {
   *   yield "made while nobody reads";
   * }).start();
   * assert.deepEqual(await stream.next(), { done: false, value: "made while nobody reads" });
   * ```
   */
  start(): this {
    this.#started();
    return this;
  }

  /**
   * The future of what the task returns: to cancel it, for its progress and its callbacks. Looking at it submits the task. It
   * is cancelled when the stream is left early. A stream that is full and that nobody reads never returns anything.
   */
  get future(): Future<Return> {
    return this.#started().future as Future<Return>;
  }

  /**
   * The next item; behind the last one, what the task returns, once; then `done`.
   *
   * @throws What the task threw, behind all items before; and for an item that cannot cross, a `DataCloneError`.
   */
  next(): Promise<IteratorResult<Item, Return | undefined>> {
    type Result = IteratorResult<Item, Return | undefined>;
    if (this.#work === undefined && this.#submit === undefined)
      return Promise.resolve({ done: true, value: undefined });
    try {
      return this.#started().read() as Promise<Result>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Reads no more, and interrupts the task; resolves when it has ended. One that was not submitted never is. */
  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#submit = undefined;
    await this.#work?.leave();
    return { done: true, value: undefined };
  }

  /** The same, and rejects with the error. */
  async throw(error: unknown): Promise<IteratorResult<Item, undefined>> {
    await this.return();
    throw error;
  }

  /** Itself, for a loop: from now on an error ends the stream, for a loop that is left by one tells nobody. */
  [Symbol.asyncIterator](): this {
    this.#isInLoop = true;
    this.#work?.endWithError();
    return this;
  }

  /** Reads no more: see `return`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  #started(): StreamedCall {
    if (this.#work === undefined) {
      if (this.#submit === undefined) throw new CancelledError("Cannot start stream: it was left");
      this.#work = this.#submit(undefined);
      if (this.#isInLoop) this.#work.endWithError();
      this.#submit = undefined;
    }
    return this.#work;
  }
}
