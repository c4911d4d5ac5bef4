// MapCourse: how one map goes, whoever makes its calls — what it takes from its source, who reads it, what its deadline and
// its signals do with it, and when it is over.

import type { AwaitedCall } from "../call_waits.ts";
import type { CancelledError, TimeoutError } from "../errors.ts";
import type { MapOptions } from "../executor.ts";
import type { Outcome } from "../future.ts";
import type { MapProgress } from "../map_progress.ts";
import { MapElements } from "./map_elements.ts";
import { followLimits, type Limited } from "./map_limits.ts";
import { MapReading, type Over, type ReadFrom } from "./map_reading.ts";
import { MapSource, type Taker } from "./map_source.ts";
import type { Terms } from "./work.ts";
import type { Unobserved, WorkOwner } from "./work_owner.ts";

/** What makes the calls of a map. */
export interface MapCalls {
  /** The call of an element that is not settled. */
  callOf(index: number): AwaitedCall | undefined;
  /** Makes an element of what came from the source; throws what ends the taking. */
  add(item: unknown): void;
  /** Nobody reads any more: what has not begun never does. What runs goes on, unheard, as long as its limits allow. */
  cancelRest(): void;
  /** The same, and what runs is interrupted. */
  stop(error: CancelledError | TimeoutError): void;
}

/** The course of one map, which hands out `M` for each element. */
export class MapCourse<M> implements Taker, ReadFrom, Limited, Unobserved {
  /** What the user has of it. */
  readonly results: MapReading<M>;
  readonly elements: MapElements;
  readonly source: MapSource;
  readonly #owner: WorkOwner;
  readonly #terms: Terms;
  readonly #options: MapOptions<boolean>;
  readonly #calls: MapCalls;
  /** Why the iteration ends although elements are missing. */
  #stopped: { error: unknown } | undefined = undefined;
  #cleanUp: (() => void)[] = [];

  constructor(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    options: MapOptions<boolean>,
    calls: MapCalls,
  ) {
    this.#owner = owner;
    this.#terms = terms;
    this.#options = options;
    this.#calls = calls;
    const { ordered = true, entries = false, bufferSize = Number.POSITIVE_INFINITY } = options;
    this.elements = new MapElements(entries);
    this.results = new MapReading<M>(this.elements, { ordered, entries }, this);
    this.source = new MapSource(items, bufferSize, owner, this);
  }

  /** Begins to take: to be called once, when calls can be made. */
  begin(): void {
    followLimits(this.#options, this.#terms.options.signal, this);
    void this.source.pull();
  }

  /** An element has settled; what stands for it says so. */
  settled(index: number, outcome: Outcome): void {
    // What was cancelled because time ran out is not a result: the reader is told of the time.
    const { isOver } = this.results;
    if (isOver || (this.#stopped !== undefined && outcome === "cancelled"))
      this.elements.forget(index);
    else this.results.settled(index);
    if (outcome === "failed" && !isOver) this.#owner.unobserved.add(this);
    if (this.isComplete) this.#stopFollowing();
  }

  // As Taker: what its source does with it.

  get held(): number {
    return this.elements.held;
  }

  add(item: unknown): void {
    // A lazy map goes on taking only while its executor is open: nobody may ever come to read the rest.
    if (!this.source.isEager) this.#owner.assertOpen("take an element of map");
    this.#calls.add(item);
  }

  sourceEnded(): void {
    if (this.elements.unsettled === 0) this.#stopFollowing();
  }

  deliver(): void {
    this.results.deliver();
  }

  // As ReadFrom: what its reader asks of it.

  whyOver(): Over | undefined {
    if (this.#stopped !== undefined) return { error: this.#stopped };
    if (this.source.isDone && this.held === 0) return { error: this.source.error };
    return undefined;
  }

  callOf(index: number): AwaitedCall | undefined {
    return this.#calls.callOf(index);
  }

  resume(): void {
    this.source.resume();
  }

  get progress(): MapProgress {
    const { taken, unsettled, failed } = this.elements;
    const total = this.source.isWhole ? taken : undefined;
    return { done: taken - unsettled, failed, total };
  }

  /** Nothing more is taken, begun or kept. */
  end(): void {
    if (!this.source.isDone) this.source.abandon(undefined);
    this.#calls.cancelRest();
    this.#owner.unobserved.delete(this);
  }

  // As Limited: what its deadline and its signals do with it.

  get isComplete(): boolean {
    return this.source.isDone && this.elements.unsettled === 0;
  }

  get unfinished(): string {
    const { unsettled, taken } = this.elements;
    return `${unsettled} (of ${taken})`;
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Time ran out, or a signal aborted: what waits is cancelled, what runs is interrupted, and a reader learns why. */
  stop(error: CancelledError | TimeoutError): void {
    this.#stopFollowing();
    if (!this.results.isOver && this.whyOver() === undefined) {
      this.#stopped = { error };
      if (!this.source.isDone) this.source.abandon(undefined);
    }
    this.#calls.stop(error);
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
    return this.elements.errors();
  }

  /** Nothing is left to come too late, or to be cancelled. */
  #stopFollowing(): void {
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
    this.results.holdNoMore();
  }
}
