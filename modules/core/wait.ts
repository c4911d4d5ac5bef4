// wait and asCompleted: waiting for several futures, of one executor or of many.

import { type AwaitedCall, type CallsWait, waitForCalls } from "./call_waits.ts";
import { assertDuration, assertSignal, typeName } from "./checks.ts";
import { InvalidStateError, TimeoutError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import { callOf, type Future, onceDone, openCalls } from "./future.ts";
import { FUTURE } from "./future_symbol.ts";
import { readOptions } from "./options.ts";
import { Timer } from "./time/timer.ts";
import { whenAborted } from "./time/when_aborted.ts";
import { beginWait } from "./waits.ts";

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
  /**
   * Waits for one more; one that is or was waited for is not waited for again.
   *
   * @throws {TypeError} For something that is not a future.
   * @throws {InvalidStateError} When the iteration has ended: a reader was told `done`, or an error, or has left.
   */
  add(future: F): void;
  /** The next future that is done; `done` when all that were given are handed out. */
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

/** The futures of a record, to iterate with `for await`: each comes once, done, with its key. */
export interface CompletedEntries<K extends string, F>
  extends AsyncIterableIterator<[key: K, future: F], undefined> {
  /**
   * Waits for one more, as `key`. Keys may repeat.
   *
   * @throws {TypeError} For something that is not a future.
   * @throws {InvalidStateError} When the iteration has ended: a reader was told `done`, or an error, or has left.
   */
  add(key: K, future: F): void;
  /** The next entry whose future is done; `done` when all that were given are handed out. */
  next(): Promise<IteratorResult<[key: K, future: F], undefined>>;
  /** Ends the iteration. The futures are not touched. */
  return(): Promise<IteratorResult<[key: K, future: F], undefined>>;
  /** Itself. */
  [Symbol.asyncIterator](): CompletedEntries<K, F>;
}

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
  const { timeout = Number.POSITIVE_INFINITY, returnWhen = "ALL_COMPLETED" } = readOptions(
    options,
    WAIT_OPTIONS,
    "wait",
  );
  const all = futureSet(futures, "wait");
  assertDuration(timeout, "timeout");
  const isEnough = enough(returnWhen);
  const open: F[] = [];
  let isOver = false;
  for (const future of all) {
    if (!future.done()) open.push(future);
    else isOver ||= isEnough(future);
  }
  if (open.length > 0 && !isOver) await someDone(open, timeout, isEnough, returnWhen);
  // Nearly always all are done: the set of those that were given is that of the done ones.
  const notDone = new Set<F>();
  for (const future of open) {
    if (future.done()) continue;
    notDone.add(future);
    all.delete(future);
  }
  return { done: all, notDone };
}

/** Waits until each of these is done, or enough of them are, or time runs out. */
async function someDone<F extends AnyFuture>(
  futures: readonly F[],
  timeout: number,
  isEnough: (future: F) => boolean,
  returnWhen: ReturnWhen,
): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let open = futures.length;
  let calls: CallsWait | undefined;
  // One for all of them: what is made for each of a hundred thousand futures is most of what waiting for them costs.
  const onDone = (future: F) => {
    open--;
    if (open === 0 || isEnough(future)) resolve();
    else calls?.changed();
  };
  using timer = new Timer({ holds: true });
  timer.set(timeout, resolve);
  const stops = futures.map((future) => onceDone(future, onDone));
  for (const future of futures) beginWait(future);
  const openOnes = () => openCalls(futures);
  calls = waitForCalls(returnWhen === "ALL_COMPLETED" ? { all: openOnes } : { inside: openOnes });
  await promise;
  calls?.end();
  if (open > 0) for (const stop of stops) stop();
}

/**
 * Hands out futures as they are done: first those that are already, then the others in the order they finish.
 *
 * Each future comes once, done, so reading its outcome does not wait. The deadline counts from this call, not from the
 * first iteration. The semantics are those of Python's `concurrent.futures.as_completed`.
 *
 * More may be added on the way: while the reader has not been told that it was all, `add` waits for one more.
 *
 * It is an iterator written by hand: an async generator would await each future and hand out its value.
 *
 * @param futures Any iterable, of which duplicates collapse; or a record, whose keys are handed out with the futures.
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
 *
 * @example By name, and one more on the way
 * ```ts
 * import assert from "node:assert/strict";
 * import { asCompleted, EventLoopExecutor } from "@concurrent/futures";
 *
 * await using executor = new EventLoopExecutor();
 * const double = (n: number) => n * 2;
 * const completed = asCompleted<"left" | "right", number>({ left: executor.submit(double, 1) });
 * const seen: Record<string, number> = {};
 * for await (const [side, future] of completed) {
 *   seen[side] = await future;
 *   if (side === "left") completed.add("right", executor.submit(double, 2));
 * }
 * assert.deepEqual(seen, { left: 2, right: 4 });
 * ```
 */
export function asCompleted<F extends AnyFuture>(
  futures: Iterable<F>,
  options?: AsCompletedOptions,
): CompletedFutures<F>;
/** Hands out the futures of a record with their keys, as they are done; otherwise the same. */
export function asCompleted<K extends string, T>(
  futures: { readonly [key in K]?: Future<T> },
  options?: AsCompletedOptions,
): CompletedEntries<K, Future<T>>;
export function asCompleted(
  futures: Iterable<AnyFuture> | Readonly<Record<string, AnyFuture | undefined>>,
  options?: AsCompletedOptions,
): CompletedFutures<AnyFuture> | CompletedEntries<string, AnyFuture> {
  const limits = readOptions(options, AS_COMPLETED_OPTIONS, "asCompleted");
  if (limits.timeout !== undefined) assertDuration(limits.timeout, "timeout");
  if (limits.signal !== undefined) assertSignal(limits.signal);
  if (isIterable(futures)) {
    const all = futureSet(futures, "asCompleted");
    return new CompletedOnes(all, limits) as unknown as CompletedFutures<AnyFuture>;
  }
  return new CompletedKeys(entriesOf(futures), limits);
}

/** Hands out items as their futures are done. An item is a future, or an entry that has one. */
abstract class Completions<Item> {
  readonly #futureOf: (item: Item) => AnyFuture;
  readonly #limits: AsCompletedOptions;
  readonly #since = performance.now();
  #total = 0;
  readonly #stops = new Map<Item, () => void>();
  /** Done and not handed out; an item that was is not kept. */
  readonly #ready = new Fifo<Item>();
  readonly #readers = new Fifo<PromiseWithResolvers<IteratorResult<Item, undefined>>>();
  #calls: CallsWait | undefined = undefined;
  #failure: { error: unknown } | undefined = undefined;
  #ended = false;
  readonly #timer = new Timer({ holds: true });
  #stopListening: () => void = () => {};

  constructor(
    items: Iterable<Item>,
    futureOf: (item: Item) => AnyFuture,
    limits: AsCompletedOptions,
  ) {
    this.#futureOf = futureOf;
    this.#limits = limits;
    for (const item of items) this.#expect(item);
    this.#limit();
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    const reader = Promise.withResolvers<IteratorResult<Item, undefined>>();
    this.#readers.push(reader);
    this.#deliver();
    if (this.#readers.size === 1) this.#calls = waitForCalls({ inside: () => this.#openCalls() });
    return reader.promise;
  }

  return(): Promise<IteratorResult<Item, undefined>> {
    this.#end();
    this.#deliver();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  protected more(item: Item): void {
    if (this.#ended || this.#failure !== undefined)
      throw new InvalidStateError("Cannot add future: the iteration has ended");
    assertFuture(this.#futureOf(item), "add future");
    const isFirst = this.#stops.size === 0;
    this.#expect(item);
    if (isFirst) this.#limit();
    this.#deliver();
  }

  #expect(item: Item): void {
    const future = this.#futureOf(item);
    this.#total++;
    if (future.done()) this.#ready.push(item);
    else {
      this.#stops.set(
        item,
        onceDone(future, () => this.#arrive(item)),
      );
      beginWait(future);
    }
  }

  /** Sets the clock and listens to the signal, while there is something to wait for. */
  #limit(): void {
    if (this.#stops.size === 0) return;
    const { timeout = Number.POSITIVE_INFINITY, signal } = this.#limits;
    const left = Math.max(0, timeout - (performance.now() - this.#since));
    this.#timer.set(left, () => {
      this.#fail(new TimeoutError(`${this.#stops.size} (of ${this.#total}) futures unfinished`));
    });
    if (signal !== undefined)
      this.#stopListening = whenAborted(signal, (reason) => this.#fail(reason));
  }

  *#openCalls(): Iterable<AwaitedCall | undefined> {
    for (const item of this.#stops.keys()) yield callOf(this.#futureOf(item));
  }

  #arrive(item: Item): void {
    this.#stops.delete(item);
    // A callback of the same future, called before this, may have ended the iteration.
    if (this.#ended) return;
    this.#ready.push(item);
    if (this.#stops.size === 0) this.#quiet();
    this.#deliver();
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#quiet();
    this.#deliver();
  }

  #deliver(): void {
    while (this.#readers.size > 0) {
      if (this.#ready.size === 0 && this.#failure === undefined && this.#stops.size > 0)
        return this.#calls?.changed();
      const item = this.#ready.shift();
      const reader = this.#readers.shift() as PromiseWithResolvers<IteratorResult<Item, undefined>>;
      if (item !== undefined) {
        reader.resolve({ done: false, value: item });
      } else if (this.#failure !== undefined && !this.#ended) {
        const { error } = this.#failure;
        this.#end();
        reader.reject(error);
      } else {
        this.#end();
        reader.resolve({ done: true, value: undefined });
      }
    }
    this.#calls?.end();
    this.#calls = undefined;
  }

  #end(): void {
    this.#ended = true;
    this.#ready.clear();
    this.#quiet();
  }

  /** Stops every watch and clock: nothing of this is left on the futures or the event loop. */
  #quiet(): void {
    this.#timer.clear();
    this.#stopListening();
    if (this.#failure === undefined && !this.#ended) return;
    for (const stop of this.#stops.values()) stop();
    this.#stops.clear();
  }
}

class CompletedOnes<F extends AnyFuture> extends Completions<F> {
  readonly #known: WeakSet<F>;

  constructor(futures: Set<F>, limits: AsCompletedOptions) {
    super(futures, (future) => future, limits);
    this.#known = new WeakSet(futures);
  }

  add(future: F): void {
    if (this.#known.has(future)) return;
    this.more(future);
    this.#known.add(future);
  }
}

class CompletedKeys
  extends Completions<[key: string, future: AnyFuture]>
  implements CompletedEntries<string, AnyFuture>
{
  constructor(entries: [key: string, future: AnyFuture][], limits: AsCompletedOptions) {
    super(entries, ([, future]) => future, limits);
  }

  add(key: string, future: AnyFuture): void {
    this.more([key, future]);
  }
}

function isIterable(futures: object): futures is Iterable<AnyFuture> {
  return typeof (futures as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === "function";
}

/** The entries of a record. A future in the place of futures has none, and would pass for an empty record. */
function entriesOf(futures: object): [key: string, future: AnyFuture][] {
  const kind = Object.prototype.toString.call(futures).slice("[object ".length, -1);
  if (kind !== "Object" && kind !== "Module")
    throw new TypeError(`Cannot asCompleted: expected futures, got ${kind}`);
  const entries = Object.entries(futures);
  for (const [, future] of entries) assertFuture(future, "asCompleted");
  return entries;
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
    throw new TypeError(`Cannot ${action}: expected futures, got ${typeName(value)}`);
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
