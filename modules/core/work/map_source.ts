// MapSource: what a map takes its elements from, as far as there is room for them.

import { contextOfNow, type Enter } from "../async_context.ts";
import type { Source, WorkOwner } from "./work_owner.ts";

/** What elements are taken for. */
export interface Taker {
  /** How many elements are taken and not read. */
  readonly held: number;
  /** Takes an element; throws what ends the taking. */
  add(item: unknown): void;
  /** Nothing more comes. */
  sourceEnded(): void;
  /** Something may have come, or the end. */
  deliver(): void;
}

/** The source of one map. */
export class MapSource implements Source {
  readonly #owner: WorkOwner;
  readonly #taker: Taker;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #isAsync: boolean;
  readonly #bufferSize: number;
  /** The async context of the call of `map`, in which its source is asked. */
  readonly #enter: Enter = contextOfNow();
  #isDone = false;
  #isWhole = false;
  #isPulling = false;
  #error: { error: unknown } | undefined = undefined;

  /**
   * @param bufferSize So many elements may be taken and not read.
   * @throws {TypeError} For what is no iterable.
   */
  constructor(
    items: Iterable<unknown> | AsyncIterable<unknown>,
    bufferSize: number,
    owner: WorkOwner,
    taker: Taker,
  ) {
    const opened = openSource(items);
    this.#iterator = opened.iterator;
    this.#isAsync = opened.isAsync;
    this.#bufferSize = bufferSize;
    this.#owner = owner;
    this.#taker = taker;
    owner.sources.add(this);
    if (this.isEager) owner.acceptSource();
  }

  /** Whether all of it is to be taken without waiting for a reader. */
  get isEager(): boolean {
    return this.#bufferSize === Number.POSITIVE_INFINITY;
  }

  /** Whether it gives no more. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Whether it has said itself that it gives no more. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Why it gives no more, where that is no end: thrown behind the last element. */
  get error(): { error: unknown } | undefined {
    return this.#error;
  }

  /** Takes what the buffer and the queue have room for. */
  async pull(): Promise<void> {
    if (this.#isPulling) return;
    this.#isPulling = true;
    const owner = this.#owner;
    while (this.#hasRoom) {
      while (!this.#isDone && owner.alive && !owner.hasRoom) await owner.room;
      if (this.#isDone) break;
      try {
        // Only an async source, or a full queue, makes the caller of map() wait for the first elements.
        if (this.#isAsync) this.#take(await this.#iterator.next());
        else this.#takeAtOnce(this.#iterator as Iterator<unknown>);
      } catch (error) {
        this.abandon({ error });
      }
    }
    this.#isPulling = false;
    this.#taker.deliver();
  }

  /** Goes on, after something was read. */
  resume(): void {
    if (!this.#isDone) void this.#enter(() => this.pull(), undefined);
  }

  // As Source: what the ledger does when it closes.

  stop(error: unknown): void {
    if (!this.#isDone) this.abandon({ error });
    this.#taker.deliver();
  }

  /** Leaves a source that may have more to give, and lets it clean up. */
  async abandon(error: { error: unknown } | undefined): Promise<void> {
    this.#finish(error);
    // It may be what came here: a generator cannot be ended while it runs.
    if (this.#isPulling) await undefined;
    try {
      await this.#enter(() => this.#iterator.return?.(), undefined);
    } catch (error) {
      this.#owner.report(error, { kind: "callback" });
    }
  }

  get #hasRoom(): boolean {
    return !this.#isDone && this.#taker.held < this.#bufferSize;
  }

  /** Takes what there is room for, without a turn of the event loop. */
  #takeAtOnce(iterator: Iterator<unknown>): void {
    do this.#take(iterator.next());
    while (this.#hasRoom && this.#owner.hasRoom);
  }

  #take({ done, value }: IteratorResult<unknown>): void {
    if (this.#isDone) return;
    if (done === true) {
      this.#isWhole = true;
      this.#finish(undefined);
    } else this.#taker.add(value);
  }

  #finish(error: { error: unknown } | undefined): void {
    this.#isDone = true;
    this.#error = error;
    this.#owner.sources.delete(this);
    this.#taker.sourceEnded();
    if (this.isEager) this.#owner.sourceTaken();
  }
}

function openSource(items: Iterable<unknown> | AsyncIterable<unknown>): {
  iterator: Iterator<unknown> | AsyncIterator<unknown>;
  isAsync: boolean;
} {
  if (typeof (items as AsyncIterable<unknown>)[Symbol.asyncIterator] === "function") {
    return { iterator: (items as AsyncIterable<unknown>)[Symbol.asyncIterator](), isAsync: true };
  }
  if (typeof (items as Iterable<unknown>)[Symbol.iterator] === "function") {
    return { iterator: (items as Iterable<unknown>)[Symbol.iterator](), isAsync: false };
  }
  throw new TypeError(`Cannot map: expected an iterable, got ${typeof items}`);
}
