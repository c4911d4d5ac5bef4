// MapWork: many calls of one task, behind one map or starmap. Whoever reads their results has a MapReading.

import { type CallersContext, callersContext } from "../async_context.ts";
import { assertBoolean, assertDuration, assertLimit, assertSignal } from "../checks.ts";
import { CancelledError, type TimeoutError } from "../errors.ts";
import type { MapOptions } from "../executor.ts";
import type { Outcome } from "../future.ts";
import type { MapProgress } from "../map_progress.ts";
import { retryPause } from "../retry.ts";
import type { Transferred } from "../task.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import { MapElements } from "./map_elements.ts";
import { followLimits, type Limited } from "./map_limits.ts";
import { MapReading, type Over, type ReadFrom } from "./map_reading.ts";
import { MapSource, type Taker } from "./map_source.ts";
import type { Terms, Work } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** Throws for options `map` cannot use: at the call, before anything is taken from the source. */
export function assertMapOptions(options: MapOptions<boolean>): void {
  const { bufferSize, chunkSize, timeout, ordered, entries, signal } = options;
  if (bufferSize !== undefined) assertLimit(bufferSize, "bufferSize", 1);
  if (chunkSize !== undefined && chunkSize !== "auto") assertLimit(chunkSize, "chunkSize", 1);
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (ordered !== undefined) assertBoolean(ordered, "ordered");
  if (entries !== undefined) assertBoolean(entries, "entries");
  if (signal !== undefined) assertSignal(signal);
}

/** The work behind one `map`, which hands out `M` for each element. */
export class MapWork<M> implements Work, Taker, ReadFrom, Limited {
  /** What the user has of it. */
  readonly results: MapReading<M>;
  readonly terms: Terms;
  readonly trace: string | undefined;
  readonly chunkSize: number | undefined;
  readonly context: CallersContext | undefined;
  readonly #owner: WorkOwner;
  readonly #source: MapSource;
  readonly #elements: MapElements;
  /** Whether an element lists the arguments (starmap) or is the only one (map). */
  readonly #spread: boolean;
  queued = false;
  /** Its place once nothing waits any more. */
  #lastOrder = 0;

  /** How many were handed out to workers in their first round. */
  #handedOut = 0;
  /** Handed out and given back, lowest first. */
  readonly #givenBack: number[] = [];
  /** Why the iteration ends although elements are missing. */
  #stopped: { error: unknown } | undefined = undefined;
  #cleanUp: (() => void)[] = [];

  constructor(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown> | undefined,
    spread: boolean,
    options: MapOptions<boolean>,
    trace?: string,
  ) {
    this.#owner = owner;
    this.terms = terms;
    this.trace = trace;
    this.#spread = spread;
    this.chunkSize = typeof options.chunkSize === "number" ? options.chunkSize : undefined;
    const { ordered = true, entries = false } = options;
    this.#elements = new MapElements(entries);
    this.results = new MapReading<M>(this.#elements, { ordered, entries }, this);
    this.context = owner.keepsContext ? callersContext(true) : undefined;
    const bufferSize = options.bufferSize ?? Number.POSITIVE_INFINITY;
    this.#source = new MapSource(items ?? [], bufferSize, owner, this);
    followLimits(options, terms.options.signal, this);
    void this.#source.pull();
  }

  // As Work: what the scheduler and a worker's handle do with it.

  get order(): number {
    const next = this.#givenBack[0] ?? this.#handedOut;
    return next < this.#elements.taken ? this.id(next) : this.#lastOrder;
  }

  get waiting(): number {
    return this.#elements.taken - this.#handedOut + this.#givenBack.length;
  }

  take(): number {
    return this.#givenBack.length === 0 ? this.#handedOut++ : (this.#givenBack.shift() as number);
  }

  giveBack(index: number): void {
    if (this.isSettled(index)) return;
    if (this.results.isOver || this.#stopped !== undefined) {
      this.#settle(index, "cancelled", new CancelledError("Cannot get result: map was ended"));
      return;
    }
    const at = this.#givenBack.findIndex((other) => other > index);
    this.#givenBack.splice(at < 0 ? this.#givenBack.length : at, 0, index);
  }

  id(index: number): number {
    return this.#elements.id(index);
  }

  pushArgs(index: number, list: unknown[]): number {
    const item = this.#elements.contentOf(index);
    if (!this.#spread) return list.push(item) && 1;
    for (const arg of item as unknown[]) list.push(arg);
    return (item as unknown[]).length;
  }

  pushCall(index: number, list: unknown[]): number {
    const count = this.pushArgs(index, list);
    if (this.terms.source.around === undefined) return count;
    list.push(this.trace, this.#elements.losses(index));
    return count + 2;
  }

  transfer(index: number): Transferred[] | undefined {
    return this.terms.transferOf(() => {
      const args: unknown[] = [];
      this.pushArgs(index, args);
      return args;
    });
  }

  /** Nothing is kept for an element that the window does not know. */
  sent(): void {}

  started(index: number, worker: WorkerIdentity): void {
    const { observers } = this.#owner;
    if (!observers.any || this.isSettled(index) || !this.#elements.noteStart(index, worker)) return;
    const at = observers.now();
    const waited = this.#elements.noteStartedAt(index, at);
    if (waited !== undefined) observers.waited(waited);
    observers.started(this, index, worker, at);
  }

  progressed(index: number, progress: Progress): void {
    const { observers } = this.#owner;
    if (observers.any && !this.isSettled(index)) observers.progressed(this, index, progress);
  }

  isSettled(index: number): boolean {
    return this.#elements.isSettled(index);
  }

  succeed(index: number, value: unknown): void {
    this.#settle(index, "finished", value);
  }

  fail(index: number, error: unknown): void {
    this.#settle(index, "failed", error);
  }

  cancel(index: number): void {
    const error = new CancelledError("Cannot get result: executor was terminated");
    this.#settle(index, "cancelled", error);
  }

  cancelWaiting(): void {
    this.#settleWaiting(
      "cancelled",
      () => new CancelledError("Cannot get result: element was cancelled"),
    );
  }

  failWaiting(error: () => unknown): void {
    this.#settleWaiting("failed", error);
  }

  retry(index: number): number | undefined {
    return retryPause(this.terms.options.retries, this.#elements.countLoss(index));
  }

  // As Taker: what its source does with it.

  get held(): number {
    return this.#elements.held;
  }

  add(item: unknown): void {
    // A lazy map goes on taking only while its executor is open: nobody may ever come to read the rest.
    if (!this.#source.isEager) this.#owner.assertOpen("take an element of map");
    // What is no list of arguments fails here, where it says so, and not in the middle of a message.
    const content = this.#spread ? [...(item as Iterable<unknown>)] : item;
    const id = this.#owner.nextId();
    this.#owner.admit();
    const index = this.#elements.add(id, content, item);
    const { observers } = this.#owner;
    if (observers.any) {
      const at = observers.now();
      this.#elements.noteSubmittedAt(index, at);
      observers.submitted(this, index, at);
    }
    if (!this.queued) this.#owner.enqueue(this);
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

  /** Nothing more is taken, sent or kept. What runs goes on, unheard, as long as its limits allow. */
  end(): void {
    if (!this.#source.isDone) this.#source.abandon(undefined);
    this.#cancelRest();
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

  /** Time ran out, or a signal aborted: what waits is cancelled, what runs is interrupted, and a reader learns why. */
  stop(error: CancelledError | TimeoutError): void {
    this.#stopFollowing();
    if (!this.results.isOver && this.whyOver() === undefined) {
      this.#stopped = { error };
      if (!this.#source.isDone) this.#source.abandon(undefined);
    }
    this.#cancelRest();
    this.#owner.end(this, error);
    // Cancelled at once, whether or not the task heeds its signal. Once all are, the source is done: none is added here.
    for (let index = this.#elements.first; index < this.#elements.taken; index++)
      this.#settle(index, "cancelled", error);
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
    return this.terms.name;
  }

  unobservedErrors(): Iterable<unknown> {
    return this.#elements.errors();
  }

  /** The only way an element settles. Once: what comes for a settled one is dropped. */
  #settle(index: number, outcome: Outcome, value: unknown): void {
    if (this.isSettled(index)) return;
    this.#elements.settle(index, outcome, value);
    const { observers } = this.#owner;
    if (observers.any) {
      const worker = this.#elements.workerOf(index);
      const at = observers.now();
      const since = this.#elements.startedAt(index);
      if (since !== undefined) observers.ran(at - since);
      observers.settled(this, index, outcome, at, worker, value);
    }
    // What was cancelled because time ran out is not a result: the reader is told of the time.
    const { isOver } = this.results;
    if (isOver || (this.#stopped !== undefined && outcome === "cancelled"))
      this.#elements.forget(index);
    else this.results.settled(index);
    if (outcome === "failed" && !isOver) this.#owner.unobserved.add(this);
    if (this.isComplete) this.#stopFollowing();
    this.#owner.settled(outcome);
    if (this.results.isAwaited) this.results.deliver();
  }

  #settleWaiting(outcome: Outcome, error: () => unknown): void {
    this.#lastOrder = this.order;
    while (this.waiting > 0) this.#settle(this.take(), outcome, error());
    this.#owner.dropped();
  }

  #cancelRest(): void {
    for (const { index } of this.#owner.takeBack(this)) this.giveBack(index);
    this.cancelWaiting();
  }

  /** Nothing is left to come too late, or to be cancelled. */
  #stopFollowing(): void {
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
    this.results.holdNoMore();
  }
}
