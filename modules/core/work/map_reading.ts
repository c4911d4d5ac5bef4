// MapReading: the results of one map as its user reads them, in the order of the source or as they come.

import { type AwaitedCall, type CallsWait, waitForCalls } from "../call_waits.ts";
import type { MapEntry, MapResults } from "../executor.ts";
import { Fifo } from "../fifo.ts";
import type { MapProgress } from "../map_progress.ts";
import { KeepAlive } from "../time/keep_alive.ts";
import { beginWait, endWait } from "../waits.ts";
import type { MapElements } from "./map_elements.ts";

/** Why there is nothing more to read. */
export interface Over {
  /** What is thrown at the end, if anything. */
  readonly error: { readonly error: unknown } | undefined;
}

/** How it is read. */
export interface ReadingOptions {
  readonly ordered: boolean;
  /** Whether entries are handed out instead of results. */
  readonly entries: boolean;
}

/** What is read. */
export interface ReadFrom {
  readonly progress: MapProgress;
  /** The call of an element that is not settled. */
  callOf(index: number): AwaitedCall | undefined;
  /** Why there is nothing more to read; undefined while there is, or may be. */
  whyOver(): Over | undefined;
  /** A result was read: there may be room for another element. */
  resume(): void;
  /** Nothing is read any more. */
  end(): void;
}

type Read<M> = IteratorResult<M, undefined>;

/** The reader's side of one map, which is handed `M` for each element. */
export class MapReading<M> implements MapResults<M> {
  readonly #elements: MapElements;
  readonly #ordered: boolean;
  readonly #entries: boolean;
  readonly #from: ReadFrom;
  #isOver = false;
  #nextRead = 0;
  /** Unordered: settled and unread, as they came. */
  readonly #completed = new Fifo<number>();
  readonly #readers = new Fifo<PromiseWithResolvers<Read<M>>>();
  #keepAlive: KeepAlive | undefined = undefined;
  #calls: CallsWait | undefined = undefined;

  constructor(elements: MapElements, { ordered, entries }: ReadingOptions, from: ReadFrom) {
    this.#elements = elements;
    this.#ordered = ordered;
    this.#entries = entries;
    this.#from = from;
  }

  get progress(): MapProgress {
    return this.#from.progress;
  }

  next(): Promise<Read<M>> {
    // The common case first: nobody waits, and the result is here.
    if (this.#readers.size === 0 && !this.#isOver) {
      const index = this.#nextReadable();
      if (index !== undefined) return this.#read(index);
    }
    const reader = Promise.withResolvers<Read<M>>();
    this.#readers.push(reader);
    this.#keepAlive?.hold();
    this.deliver();
    if (this.#readers.size === 1) {
      beginWait(this);
      this.#calls = waitForCalls({ inside: () => this.#expected() });
    }
    return reader.promise;
  }

  return(): Promise<Read<M>> {
    this.#end();
    this.deliver();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): MapResults<M> {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  // For the work.

  /** Whether the iteration has ended: nobody reads what is left. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether somebody waits for a result. */
  get isAwaited(): boolean {
    return this.#readers.size > 0;
  }

  /** From now on whoever waits for a result holds the program: a deadline alone does not. */
  holdWhileRead(): void {
    this.#keepAlive = new KeepAlive();
  }

  /** There is no deadline any more. */
  holdNoMore(): void {
    this.#keepAlive?.close();
    this.#keepAlive = undefined;
  }

  /** An element has settled that is to be read. */
  settled(index: number): void {
    if (!this.#ordered) this.#completed.push(index);
  }

  /** Gives readers what there is for them. */
  deliver(): void {
    while (this.#readers.size > 0) {
      const index = this.#isOver ? undefined : this.#nextReadable();
      if (index !== undefined) {
        this.#readers.shift()?.resolve(this.#read(index));
        continue;
      }
      const why = this.#isOver ? undefined : this.#from.whyOver();
      if (why === undefined && !this.#isOver) return;
      // First out of the line: ending settles elements, and that delivers too.
      const reader = this.#readers.shift();
      this.#end();
      if (why?.error === undefined) reader?.resolve({ done: true, value: undefined });
      else reader?.reject(why.error.error);
    }
    this.#keepAlive?.release();
    endWait(this);
    this.#calls?.end();
    this.#calls = undefined;
  }

  /** The calls of which one has to end for a reader to go on. */
  *#expected(): Iterable<AwaitedCall | undefined> {
    const { first, taken } = this.#elements;
    const [from, to] = this.#ordered ? [this.#nextRead, this.#nextRead + 1] : [first, taken];
    for (let index = from; index < Math.min(to, taken); index++)
      if (!this.#elements.isSettled(index)) yield this.#from.callOf(index);
  }

  #nextReadable(): number | undefined {
    if (!this.#ordered) return this.#completed.shift();
    return this.#elements.isUnread(this.#nextRead) ? this.#nextRead++ : undefined;
  }

  /** Hands a settled element out. */
  #read(index: number): Promise<Read<M>> {
    const hasSucceeded = this.#elements.hasSucceeded(index);
    const outcome = this.#elements.contentOf(index);
    const entry = this.#entries ? this.#entryOf(index, hasSucceeded, outcome) : undefined;
    this.#elements.forget(index);
    this.#from.resume();
    if (entry !== undefined) return Promise.resolve({ done: false, value: entry as M });
    return hasSucceeded
      ? Promise.resolve({ done: false, value: outcome as M })
      : Promise.reject(outcome);
  }

  #entryOf(index: number, hasSucceeded: boolean, outcome: unknown): MapEntry<unknown, unknown> {
    return {
      index,
      item: this.#elements.itemOf(index),
      outcome: hasSucceeded
        ? { status: "fulfilled", value: outcome }
        : { status: "rejected", reason: outcome },
    };
  }

  /** Ends the iteration. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#from.end();
    const elements = this.#elements;
    for (let index = elements.first; index < elements.taken; index++)
      if (elements.isUnread(index)) elements.forget(index);
    this.#completed.clear();
  }
}
