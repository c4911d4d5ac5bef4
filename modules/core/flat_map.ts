// FlatMap: the items of many streams, one source's behind the other's or as they come.

import { contextOfNow, type Enter } from "./async_context.ts";
import { isInstance } from "./brand.ts";
import { assertBoolean, assertLimit, assertSignal, typeName } from "./checks.ts";
import { CancelledError, QueueFullError } from "./errors.ts";
import { Fifo } from "./fifo.ts";
import type { MapProgress } from "./map_progress.ts";
import { readOptions } from "./options.ts";
import type { TaskStream } from "./task_stream.ts";
import { whenAborted } from "./time/when_aborted.ts";

/** How `flatMap` takes its sources and hands out their items. */
export interface FlatMapOptions {
  /** At most so many sources are taken and not at their end; those ahead make `buffer` items each. Default: 32. */
  bufferSize?: number;
  /** Items in the order of the sources; false hands them out as they come. Default: true. */
  ordered?: boolean;
  /** When it aborts, all streams are interrupted, and the iteration throws `CancelledError`, its `cause` the signal's reason. */
  signal?: AbortSignal;
}

const OPTIONS = ["bufferSize", "ordered", "signal"] as const;
const DEFAULT_BUFFER_SIZE = 32;

type Result<I> = IteratorResult<I, undefined>;

/** What has come of one stream, unordered. */
interface Arrived<I> {
  readonly stream: TaskStream<I>;
  readonly result: Promise<IteratorResult<I, unknown>>;
}

/** The items of one `flatMap`. */
export class FlatMap<T, I> implements AsyncIterableIterator<I, undefined>, AsyncDisposable {
  readonly #executor: { readonly ready: Promise<void> };
  readonly #stream: (source: T) => TaskStream<I>;
  readonly #sources: Iterator<T> | AsyncIterator<T>;
  readonly #bufferSize: number;
  readonly #isOrdered: boolean;
  /** The streams that are begun and not at their end, in the order of their sources. */
  readonly #open: TaskStream<I>[] = [];
  /** Of those, unordered: whose next item is here. */
  readonly #arrived = new Fifo<Arrived<I>>();
  /** The context of whoever called `flatMap`: the sources are asked in it, and the streams made. */
  readonly #enter: Enter = contextOfNow();
  #isTaking = false;
  /** Whether the sources are asked no more. */
  #isTaken = false;
  /** Whether the sources have said themselves that there are no more. */
  #isWhole = false;
  #begun = 0;
  #done = 0;
  #failed = 0;
  /** Of those that are open: which have failed. */
  readonly #failing = new Set<TaskStream<I>>();
  /** Thrown behind all there is, where the sources have failed. */
  #failure: { error: unknown } | undefined = undefined;
  #isOver = false;
  #isInLoop = false;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();
  /** Of several who ask at once each waits for the one before. */
  #last: Promise<unknown> = Promise.resolve();
  #stopListening: () => void = () => {};

  constructor(
    executor: { readonly ready: Promise<void> },
    stream: (source: T) => TaskStream<I>,
    sources: Iterable<T> | AsyncIterable<T>,
    given: FlatMapOptions | undefined,
  ) {
    const options = readOptions(given, OPTIONS, "map task");
    const { bufferSize = DEFAULT_BUFFER_SIZE, ordered = true, signal } = options;
    assertLimit(bufferSize, "bufferSize", 1);
    assertBoolean(ordered, "ordered");
    if (signal !== undefined) assertSignal(signal);
    this.#executor = executor;
    this.#stream = stream;
    this.#bufferSize = bufferSize;
    this.#isOrdered = ordered;
    this.#sources = iteratorOf(sources);
    if (signal !== undefined)
      this.#stopListening = whenAborted(signal, (cause) => this.#stop(cause));
  }

  /** How many of its sources are at their end. */
  get progress(): MapProgress {
    const total = this.#isWhole ? this.#begun : undefined;
    return { done: this.#done, failed: this.#failed, total };
  }

  /** The next item; after the last one always `done`. */
  next(): Promise<Result<I>> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {});
    return next;
  }

  /** Ends the iteration, and every stream. */
  async return(): Promise<Result<I>> {
    await this.#end();
    return { done: true, value: undefined };
  }

  /** Itself, for a loop: from now on an error ends it all, for a loop that is left by one tells nobody. */
  [Symbol.asyncIterator](): this {
    this.#isInLoop = true;
    return this;
  }

  /** Ends the iteration. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end();
  }

  async #next(): Promise<Result<I>> {
    for (;;) {
      if (this.#failure !== undefined && (this.#isOver || this.#open.length === 0)) {
        const { error } = this.#failure;
        this.#failure = undefined;
        await this.#end();
        throw error;
      }
      if (this.#isOver || (this.#isTaken && this.#open.length === 0)) {
        this.#isOver = true;
        this.#stopListening();
        return { done: true, value: undefined };
      }
      void this.#take();
      const [first] = this.#open;
      const arrived = this.#isOrdered
        ? first && { stream: first, result: first.next() }
        : this.#arrived.shift();
      if (arrived === undefined) {
        await this.#changed.promise;
        continue;
      }
      const { stream, result } = arrived;
      try {
        const { done, value } = await result;
        if (done !== true) return { done: false, value: value as I };
        this.#close(stream);
      } catch (error) {
        this.#failing.add(stream);
        if (this.#isInLoop) await this.#end();
        throw error;
      } finally {
        if (!this.#isOrdered && this.#open.includes(stream)) this.#follow(stream);
      }
    }
  }

  /** Takes sources, and begins their streams, while there is room for more. */
  async #take(): Promise<void> {
    if (this.#isTaking || this.#isTaken) return;
    this.#isTaking = true;
    let isAsking = true;
    try {
      while (!this.#isOver && this.#open.length < this.#bufferSize) {
        isAsking = true;
        const { done, value } = await this.#enter(() => this.#sources.next(), undefined);
        isAsking = false;
        if (done === true) {
          this.#isTaken = true;
          this.#isWhole = true;
          break;
        }
        if (!this.#isOver) await this.#begin(value);
      }
    } catch (error) {
      if (!this.#isOver) this.#failure = { error };
      if (isAsking) this.#isTaken = true;
      else this.#leaveSources().catch(() => {});
    }
    this.#isTaking = false;
    this.#change();
  }

  async #begin(source: T): Promise<void> {
    const stream = this.#enter(this.#stream, source);
    for (;;) {
      try {
        stream.start();
        break;
      } catch (error) {
        if (!isInstance(error, QueueFullError)) throw error;
        await this.#executor.ready;
        if (this.#isOver) return;
      }
    }
    this.#begun++;
    if (this.#isOver) {
      this.#done++;
      this.#failed++;
      return void (await stream.return());
    }
    this.#open.push(stream);
    if (!this.#isOrdered) this.#follow(stream);
    this.#change();
  }

  /** Notes when the next item of a stream is here. */
  #follow(stream: TaskStream<I>): void {
    const result = stream.next();
    const arrived = () => {
      this.#arrived.push({ stream, result });
      this.#change();
    };
    result.then(arrived, arrived);
  }

  /** A stream is at its end. */
  #close(stream: TaskStream<I>): void {
    const at = this.#open.indexOf(stream);
    if (at < 0) return;
    this.#open.splice(at, 1);
    this.#done++;
    if (this.#failing.delete(stream)) this.#failed++;
  }

  #stop(cause: unknown): void {
    if (this.#isOver) return;
    this.#failure = {
      error: new CancelledError("Cannot finish flatMap: its signal aborted", { cause }),
    };
    // Whoever reads is told of the signal, and not of what the sources throw meanwhile.
    this.#end().catch(() => {});
  }

  /** Nothing more is taken or read; resolves when every stream has ended. */
  async #end(): Promise<void> {
    this.#isOver = true;
    this.#stopListening();
    const open = this.#open.splice(0);
    this.#arrived.clear();
    this.#failing.clear();
    this.#done += open.length;
    this.#failed += open.length;
    this.#change();
    const ends: unknown[] = open.map((stream) => stream.return());
    const left = this.#leaveSources();
    // What is asked of them may take for ever.
    if (this.#isTaking) left.catch(() => {});
    else ends.push(left);
    await Promise.all(ends);
  }

  /** Lets the sources clean up, once, unless they have ended by themselves. */
  async #leaveSources(): Promise<void> {
    if (this.#isTaken) return;
    this.#isTaken = true;
    // They may be what came here: a generator cannot be ended while it runs.
    if (this.#isTaking) await undefined;
    await this.#enter(() => this.#sources.return?.(), undefined);
  }

  #change(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function iteratorOf<T>(sources: Iterable<T> | AsyncIterable<T>): Iterator<T> | AsyncIterator<T> {
  const { [Symbol.asyncIterator]: iterateLater, [Symbol.iterator]: iterate } = Object(sources);
  if (typeof iterateLater === "function") return iterateLater.call(sources);
  if (typeof iterate === "function") return iterate.call(sources);
  throw new TypeError(`Cannot map task: expected an iterable, got ${typeName(sources)}`);
}
