// wait and asCompleted: waiting for several futures, of one executor or of many.

import { TimeoutError } from "./errors.ts";
import { type Future, onceDone } from "./future.ts";
import { FUTURE } from "./future_symbol.ts";
import { readOptions } from "./options.ts";
import { assertDuration, MAX_TIMER } from "./time/milliseconds.ts";
import { whenAborted } from "./time/when_aborted.ts";

/** When `wait` returns. */
export type ReturnWhen = "ALL_COMPLETED" | "FIRST_COMPLETED" | "FIRST_EXCEPTION";

/** How long to wait, and for what. */
export interface WaitOptions {
  /** Milliseconds; running out is not an error. Default: no limit. */
  timeout?: number;
  /**
   * - `ALL_COMPLETED` (default): when every future is done.
   * - `FIRST_COMPLETED`: when any is.
   * - `FIRST_EXCEPTION`: when any has failed, or every one is done. A cancelled future has not failed.
   */
  returnWhen?: ReturnWhen;
}

/** The futures waited for, by what became of them. */
export interface WaitResult<F> {
  /** Those that are done. */
  done: Set<F>;
  /** Those that are not. */
  notDone: Set<F>;
}

/** How long `asCompleted` waits. */
export interface AsCompletedOptions {
  /** Milliseconds from the call until the last future must be done. Default: no limit. */
  timeout?: number;
  /** Ends the iteration with the signal's reason when it aborts. */
  signal?: AbortSignal;
}

/** The futures of `asCompleted`, one by one. */
export interface CompletionIterator<F, Twin> {
  /** Tells the two sides of {@linkcode CompletedFutures} apart; never set. */
  readonly twin?: Twin;
  /** The next future that is done; `done` after the last one. */
  next(): Promise<IteratorResult<F, undefined>>;
  /** Ends the iteration. The futures are not touched. */
  return(): Promise<IteratorResult<F, undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): CompletedFutures<F>;
}

/**
 * The futures of `asCompleted`, to iterate with `for await`.
 *
 * A union of two equal sides, because TypeScript would otherwise take what comes out of `for await` for the *value* of a
 * future: it unwraps thenables there, which no runtime does. The checker does not for a union; wait_test.ts proves it
 * for the pinned version.
 */
export type CompletedFutures<F> = CompletionIterator<F, "one"> | CompletionIterator<F, "other">;

const WAIT_OPTIONS = ["timeout", "returnWhen"] as const;
const AS_COMPLETED_OPTIONS = ["timeout", "signal"] as const;

/** A future of whatever type: futures of different types are waited for together. */
export type AnyFuture = Future<unknown>;

/**
 * Waits for several futures, of any executors. Waiting is not a look at their outcomes.
 *
 * The semantics are those of Python's `concurrent.futures.wait`, except that a cancelled future is done at once.
 *
 * @param futures Any iterable; duplicates collapse.
 * @returns Which futures are done and which are not, at the moment of returning.
 * @throws {TypeError} For something that is not a future.
 *
 * @example The first of two
 * ```ts
 * import assert from "node:assert/strict";
 * import { Future, wait } from "@concurrent/futures";
 *
 * const [a, b] = [new Future<string>(), new Future<string>()];
 * a.setResult("first");
 * const { done, notDone } = await wait([a, b], { returnWhen: "FIRST_COMPLETED" });
 * assert(done.has(a) && notDone.has(b));
 * ```
 */
export async function wait<F extends AnyFuture>(
  futures: Iterable<F>,
  options?: WaitOptions,
): Promise<WaitResult<F>> {
  const { timeout, returnWhen = "ALL_COMPLETED" } = readOptions(options, WAIT_OPTIONS, "wait");
  const all = futureSet(futures, "wait");
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  const isEnough = enough(returnWhen);
  let open = 0;
  for (const future of all) if (!future.done()) open++;
  if (open > 0 && ![...all].some((future) => future.done() && isEnough(future))) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onDone = (future: F) => {
      open--;
      if (open === 0 || isEnough(future)) resolve();
    };
    const timer = startTimer(timeout, resolve);
    const stops = [...all]
      .filter((future) => !future.done())
      .map((future) => onceDone(future, () => onDone(future)));
    await promise;
    clearTimeout(timer);
    for (const stop of stops) stop();
  }
  const done = new Set<F>();
  const notDone = new Set<F>();
  for (const future of all) (future.done() ? done : notDone).add(future);
  return { done, notDone };
}

/**
 * Hands out futures as they are done: first those that are already, then the others in the order they finish.
 *
 * Each future comes once, done, so reading its outcome does not wait. The deadline counts from this call, not from the
 * first iteration. The semantics are those of Python's `concurrent.futures.as_completed`.
 *
 * It is an iterator written by hand: an async generator would await each future and hand out its value.
 *
 * @param futures Any iterable; duplicates collapse.
 * @returns The futures; throws `TimeoutError` when time runs out, and then ends.
 * @throws {TypeError} For something that is not a future.
 *
 * @example Whichever is ready
 * ```ts
 * import assert from "node:assert/strict";
 * import { asCompleted, EventLoopExecutor } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor();
 * const futures = [3, 1, 2].map((n) => executor.submit((n: number) => n * 10, n));
 * let sum = 0;
 * for await (const future of asCompleted(futures)) sum += await future;
 * assert(sum === 60);
 * ```
 */
export function asCompleted<F extends AnyFuture>(
  futures: Iterable<F>,
  options?: AsCompletedOptions,
): CompletedFutures<F> {
  const limits = readOptions(options, AS_COMPLETED_OPTIONS, "asCompleted");
  return new Completions<F>(futureSet(futures, "asCompleted"), limits);
}

class Completions<F extends AnyFuture> implements CompletionIterator<F, "one"> {
  readonly #total: number;
  readonly #stops = new Map<F, () => void>();
  /** Done and not handed out; a future that was is not kept. */
  #ready: F[] = [];
  #readers: PromiseWithResolvers<IteratorResult<F, undefined>>[] = [];
  #failure: { error: unknown } | undefined = undefined;
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening: () => void = () => {};

  constructor(futures: Set<F>, { timeout, signal }: AsCompletedOptions) {
    if (timeout !== undefined) assertDuration(timeout, "timeout");
    this.#total = futures.size;
    for (const future of futures) {
      if (future.done()) this.#ready.push(future);
      else
        this.#stops.set(
          future,
          onceDone(future, () => this.#arrive(future)),
        );
    }
    if (this.#stops.size === 0) return;
    this.#timer = startTimer(timeout, () => {
      this.#fail(new TimeoutError(`${this.#stops.size} (of ${this.#total}) futures unfinished`));
    });
    if (signal === undefined) return;
    this.#stopListening = whenAborted(signal, (reason) => this.#fail(reason));
  }

  next(): Promise<IteratorResult<F, undefined>> {
    const reader = Promise.withResolvers<IteratorResult<F, undefined>>();
    this.#readers.push(reader);
    this.#deliver();
    return reader.promise;
  }

  return(): Promise<IteratorResult<F, undefined>> {
    this.#end();
    this.#deliver();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #arrive(future: F): void {
    this.#stops.delete(future);
    // A callback of the same future, called before this, may have ended the iteration.
    if (this.#ended) return;
    this.#ready.push(future);
    if (this.#stops.size === 0) this.#quiet();
    this.#deliver();
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#quiet();
    this.#deliver();
  }

  #deliver(): void {
    while (this.#readers.length > 0) {
      const future = this.#ready.shift();
      if (future === undefined && this.#failure === undefined && this.#stops.size > 0) return;
      const reader = this.#readers.shift() as PromiseWithResolvers<IteratorResult<F, undefined>>;
      if (future !== undefined) {
        reader.resolve({ done: false, value: future });
      } else if (this.#failure !== undefined && !this.#ended) {
        const { error } = this.#failure;
        this.#end();
        reader.reject(error);
      } else {
        this.#end();
        reader.resolve({ done: true, value: undefined });
      }
    }
  }

  #end(): void {
    this.#ended = true;
    this.#ready = [];
    this.#quiet();
  }

  /** Stops every watch and clock: nothing of this is left on the futures or the event loop. */
  #quiet(): void {
    clearTimeout(this.#timer);
    this.#stopListening();
    if (this.#failure === undefined && !this.#ended) return;
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }
}

function futureSet<F extends AnyFuture>(futures: Iterable<F>, action: string): Set<F> {
  const all = new Set(futures);
  for (const future of all) assertFuture(future, action);
  return all;
}

/** Throws unless `value` is a future that can be waited for: of this copy of the library, or of another that knows how. */
function assertFuture(value: unknown, action: string): void {
  const { [FUTURE]: watch, addDoneCallback } = (value ?? {}) as Partial<AnyFuture>;
  if (typeof watch === "function") return;
  if (typeof addDoneCallback !== "function") {
    throw new TypeError(
      `Cannot ${action}: expected futures, got ${value === null ? "null" : typeof value}`,
    );
  }
  throw new TypeError(
    `Cannot ${action}: a future is of another version of @concurrent/futures, which this one cannot wait for; ` +
      "have one version in the program",
  );
}

function enough(returnWhen: ReturnWhen): (future: AnyFuture) => boolean {
  switch (returnWhen) {
    case "ALL_COMPLETED":
      return () => false;
    case "FIRST_COMPLETED":
      return () => true;
    case "FIRST_EXCEPTION":
      return (future) => future.state === "finished" && "error" in future.snapshot();
    default:
      throw new TypeError(
        `Cannot wait: unknown returnWhen "${String(returnWhen satisfies never)}"`,
      );
  }
}

function startTimer(
  timeout: number | undefined,
  onTime: () => void,
): ReturnType<typeof setTimeout> | undefined {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return undefined;
  return setTimeout(onTime, Math.min(timeout, MAX_TIMER));
}
