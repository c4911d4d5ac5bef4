// LayeredMap: a map of a task that has layers. Its elements are calls of their own, each with a future: some may wait, and some
// may have their outcome from elsewhere. Who reads it sees no difference to any other map (work/map_work.ts).

import { CancelledError, type TimeoutError } from "../errors.ts";
import type { MapOptions } from "../executor.ts";
import { type Future, onceDone } from "../future.ts";
import { look } from "../held_call.ts";
import type { KeyOfCall } from "../key.ts";
import type { MapProgress } from "../map_progress.ts";
import { MapElements } from "../work/map_elements.ts";
import { followLimits, type Limited } from "../work/map_limits.ts";
import { MapReading, type Over, type ReadFrom } from "../work/map_reading.ts";
import { MapSource, type Taker } from "../work/map_source.ts";
import type { Terms } from "../work/work.ts";
import type { WorkOwner } from "../work/work_owner.ts";
import { endOf } from "./passing_call.ts";

/** One map, which hands out `M` for each element. */
export class LayeredMap<M> implements Taker, ReadFrom, Limited {
  /** What the user has of it. */
  readonly results: MapReading<M>;
  readonly #owner: WorkOwner;
  readonly #terms: Terms;
  readonly #source: MapSource;
  readonly #elements: MapElements;
  readonly #spread: boolean;
  readonly #trace: string | undefined;
  readonly #keyOf: KeyOfCall | undefined;
  /** Of the elements that are not settled. */
  readonly #futures = new Map<number, Future<unknown>>();
  #stopped: { error: unknown } | undefined = undefined;
  #cleanUp: (() => void)[] = [];

  constructor(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    { ordered = true, entries = false, bufferSize, ...limits }: MapOptions<boolean>,
    trace: string | undefined,
    keyOf: KeyOfCall | undefined,
  ) {
    this.#owner = owner;
    this.#keyOf = keyOf;
    this.#trace = trace;
    this.#terms = terms;
    this.#spread = spread;
    this.#elements = new MapElements(entries);
    this.results = new MapReading<M>(this.#elements, { ordered, entries }, this);
    this.#source = new MapSource(items, bufferSize ?? Number.POSITIVE_INFINITY, owner, this);
    followLimits(limits, terms.options.signal, this);
    void this.#source.pull();
  }

  // As Taker: what its source does with it.

  get held(): number {
    return this.#elements.held;
  }

  add(item: unknown): void {
    // A lazy map goes on taking only while its executor is open: nobody may ever come to read the rest.
    if (!this.#source.isEager) this.#owner.assertOpen("take an element of map");
    const args = this.#spread ? [...(item as Iterable<unknown>)] : [item];
    const key = this.#keyOf?.(args);
    // Code of the user's has run, which may have ended the map.
    if (this.#source.isDone) return;
    const index = this.#elements.add(-1, undefined, item);
    const future = this.#owner.call(this.#terms, args, this.#trace, key);
    this.#futures.set(index, future);
    onceDone(future, () => this.#settle(index, future));
  }

  sourceEnded(): void {
    if (this.#elements.unsettled === 0) this.#stopFollowing();
  }

  deliver(): void {
    this.results.deliver();
  }

  // As ReadFrom: what its reader asks of it.

  whyOver(): Over | undefined {
    if (this.#stopped !== undefined) return { error: this.#stopped };
    if (this.#source.isDone && this.held === 0) return { error: this.#source.error };
    return undefined;
  }

  resume(): void {
    this.#source.resume();
  }

  get progress(): MapProgress {
    const { taken, unsettled, failed } = this.#elements;
    const total = this.#source.isWhole ? taken : undefined;
    return { done: taken - unsettled, failed, total };
  }

  /** Nothing more is taken or begun. What runs goes on, unheard, as long as its limits allow. */
  end(): void {
    if (!this.#source.isDone) this.#source.abandon(undefined);
    for (const future of [...this.#futures.values()]) future.cancel();
    this.#owner.unobserved.delete(this);
  }

  // As Limited: what its deadline and its signals do with it.

  get isComplete(): boolean {
    return this.#source.isDone && this.#elements.unsettled === 0;
  }

  get unfinished(): string {
    const { unsettled, taken } = this.#elements;
    return `${unsettled} (of ${taken})`;
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  stop(error: CancelledError | TimeoutError): void {
    this.#stopFollowing();
    if (!this.results.isOver && this.whyOver() === undefined) {
      this.#stopped = { error };
      if (!this.#source.isDone) this.#source.abandon(undefined);
    }
    const reason = error instanceof CancelledError ? error.cause : error;
    for (const future of [...this.#futures.values()]) future.cancel({ interrupt: true, reason });
    this.results.deliver();
  }

  holdWhileRead(): void {
    this.results.holdWhileRead();
  }

  whenOver(cleanUp: () => void): void {
    this.#cleanUp.push(cleanUp);
  }

  // As Unobserved: failures nobody has read, and nobody will.

  get task(): string {
    return this.#terms.name;
  }

  unobservedErrors(): Iterable<unknown> {
    return this.#elements.errors();
  }

  #settle(index: number, future: Future<unknown>): void {
    this.#futures.delete(index);
    const { outcome, value } = endOf(future);
    this.#elements.settle(index, outcome, value);
    // What was cancelled because time ran out is not a result: the reader is told of the time.
    const { isOver } = this.results;
    if (isOver || (this.#stopped !== undefined && outcome === "cancelled"))
      this.#elements.forget(index);
    else this.results.settled(index);
    if (outcome === "failed") {
      // Whether anybody has seen the failure is known of the map, and asked of it.
      if (!isOver) this.#owner.unobserved.add(this);
      look(future);
    }
    if (this.isComplete) this.#stopFollowing();
    if (this.results.isAwaited) this.results.deliver();
  }

  /** Nothing is left to come too late, or to be cancelled. */
  #stopFollowing(): void {
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
    this.results.holdNoMore();
  }
}
