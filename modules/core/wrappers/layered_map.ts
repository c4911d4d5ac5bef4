// LayeredMap: a map of a task that has layers. Its elements are calls of their own, each with a future: some may wait, and some
// may have their outcome from elsewhere. Who reads it sees no difference to any other map (work/map_work.ts).

import type { AwaitedCall } from "../call_waits.ts";
import { CancelledError, type TimeoutError } from "../errors.ts";
import type { MapOptions } from "../executor.ts";
import { callOf, type Future, onceDone } from "../future.ts";
import { look } from "../held_call.ts";
import type { KeyOfCall } from "../key.ts";
import { type MapCalls, MapCourse } from "../work/map_course.ts";
import type { MapReading } from "../work/map_reading.ts";
import type { Terms } from "../work/work.ts";
import type { WorkOwner } from "../work/work_owner.ts";
import { endOf } from "./passing_call.ts";

/** One map, which hands out `M` for each element. */
export class LayeredMap<M> implements MapCalls {
  readonly #owner: WorkOwner;
  readonly #terms: Terms;
  readonly #course: MapCourse<M>;
  readonly #spread: boolean;
  readonly #trace: string | undefined;
  readonly #keyOf: KeyOfCall | undefined;
  /** Of the elements that are not settled. */
  readonly #futures = new Map<number, Future<unknown>>();

  constructor(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    options: MapOptions<boolean>,
    trace: string | undefined,
    keyOf: KeyOfCall | undefined,
  ) {
    this.#owner = owner;
    this.#keyOf = keyOf;
    this.#trace = trace;
    this.#terms = terms;
    this.#spread = spread;
    this.#course = new MapCourse<M>(owner, terms, items, options, this);
    this.#course.begin();
  }

  /** What the user has of it. */
  get results(): MapReading<M> {
    return this.#course.results;
  }

  // As MapCalls: what its course has it do.

  add(item: unknown): void {
    const args = this.#spread ? [...(item as Iterable<unknown>)] : [item];
    const key = this.#keyOf?.(args);
    // Code of the user's has run, which may have ended the map.
    if (this.#course.source.isDone) return;
    const index = this.#course.elements.add(-1, undefined, item);
    const future = this.#owner.call(this.#terms, args, this.#trace, key);
    this.#futures.set(index, future);
    onceDone(future, () => this.#settle(index, future));
  }

  callOf(index: number): AwaitedCall | undefined {
    const future = this.#futures.get(index);
    return future && callOf(future);
  }

  cancelRest(): void {
    for (const future of [...this.#futures.values()]) future.cancel();
  }

  stop(error: CancelledError | TimeoutError): void {
    const reason = error instanceof CancelledError ? error.cause : error;
    for (const future of [...this.#futures.values()]) future.cancel({ interrupt: true, reason });
  }

  #settle(index: number, future: Future<unknown>): void {
    this.#futures.delete(index);
    const { outcome, value } = endOf(future);
    this.#course.elements.settle(index, outcome, value);
    this.#course.settled(index, outcome);
    // Whether anybody has seen the failure is known of the map, and asked of it.
    if (outcome === "failed") look(future);
    if (this.results.isAwaited) this.results.deliver();
  }
}
