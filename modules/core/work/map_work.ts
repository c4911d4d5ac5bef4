// map and starmap: many calls of one task, their source pulled as far as it may be, their results in order or as they come.

import { CallersContext, contextOfNow, type Enter } from "../async_context.ts";
import { assertBoolean, assertDuration, assertLimit, assertSignal } from "../checks.ts";
import { CancelledError, TimeoutError } from "../errors.ts";
import type { MapOptions, MapResults } from "../executor.ts";
import type { Outcome } from "../future.ts";
import { retryPause } from "../retry.ts";
import type { Transferred } from "../task.ts";
import { KeepAlive } from "../time/keep_alive.ts";
import { Timer } from "../time/timer.ts";
import { whenAborted } from "../time/when_aborted.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import type { Terms, Work } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** Where an element is, from the moment it is taken from the source until its result is read. */
const UNSETTLED = 0;
const SUCCEEDED = 1;
const FAILED = 2;
const CANCELLED = 3;
const READ = 4;

const STATES = { finished: SUCCEEDED, failed: FAILED, cancelled: CANCELLED } as const;

/** Elements are kept in blocks of 2 ** BLOCK_BITS: a long source moves nothing when it grows, nor when it is read. */
const BLOCK_BITS = 12;
const BLOCK_SIZE = 1 << BLOCK_BITS;
const IN_BLOCK = BLOCK_SIZE - 1;

/** Consecutive elements. */
class Block {
  readonly states: number[] = [];
  readonly ids: number[] = [];
  /** First the item, then the outcome. */
  readonly contents: unknown[] = [];
  /** How many are read. */
  read = 0;
}

type Reader<R> = PromiseWithResolvers<IteratorResult<R, undefined>>;

/** Throws for options `map` cannot use: at the call, before anything is taken from the source. */
export function assertMapOptions(options: MapOptions): void {
  const { bufferSize, chunkSize, timeout, ordered, signal } = options;
  if (bufferSize !== undefined) assertLimit(bufferSize, "bufferSize", 1);
  if (chunkSize !== undefined && chunkSize !== "auto") assertLimit(chunkSize, "chunkSize", 1);
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (ordered !== undefined) assertBoolean(ordered, "ordered");
  if (signal !== undefined) assertSignal(signal);
}

/** The work behind one `map`, and its results. */
export class MapWork<R> implements Work, MapResults<R> {
  readonly terms: Terms;
  readonly chunkSize: number | undefined;
  readonly context: CallersContext | undefined;
  readonly #owner: WorkOwner;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #isAsync: boolean;
  /** Whether an element lists the arguments (starmap) or is the only one (map). */
  readonly #spread: boolean;
  readonly #bufferSize: number;
  readonly #ordered: boolean;
  /** The async context of the call, in which its source is asked. */
  readonly #enter: Enter;
  queued = false;
  /** Its place once nothing waits any more. */
  #lastOrder = 0;

  /** The elements from `#base` on; whole blocks are dropped from the front once they are read. */
  #blocks: Block[] = [];
  #base = 0;
  /** How many are taken and not read. */
  #held = 0;
  /** Kept only for elements of which there is something to say. */
  readonly #startedBy = new Map<number, WorkerIdentity>();
  readonly #losses = new Map<number, number>();
  /** How many were taken from the source, and how many of them handed out to workers in their first round. */
  #taken = 0;
  #handedOut = 0;
  /** Handed out and given back, lowest first. */
  readonly #givenBack: number[] = [];
  #unsettled = 0;

  #sourceDone = false;
  #pulling = false;
  /** Why the source gives no more: thrown behind the last element. */
  #sourceError: { error: unknown } | undefined = undefined;
  /** Why the iteration ends although elements are missing. */
  #stopped: { error: unknown } | undefined = undefined;
  #ended = false;
  #nextRead = 0;
  /** Unordered: settled and unread, as they came. */
  readonly #completed: number[] = [];
  readonly #readers: Reader<R>[] = [];
  #cleanUp: (() => void)[] = [];
  #keepAlive: KeepAlive | undefined = undefined;

  constructor(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown> | undefined,
    spread: boolean,
    options: MapOptions,
  ) {
    this.#owner = owner;
    this.terms = terms;
    this.#spread = spread;
    this.chunkSize = typeof options.chunkSize === "number" ? options.chunkSize : undefined;
    this.#bufferSize = options.bufferSize ?? Number.POSITIVE_INFINITY;
    this.#ordered = options.ordered ?? true;
    this.context = owner.keepsContext ? new CallersContext(true) : undefined;
    this.#enter = contextOfNow();
    const opened = openSource(items ?? []);
    this.#iterator = opened.iterator;
    this.#isAsync = opened.isAsync;
    owner.sources.add(this);
    if (this.#isEager) owner.acceptSource();
    this.#followLimits(options);
    void this.#pull();
  }

  // As Work: what the scheduler and a worker's handle do with it.

  get order(): number {
    const next = this.#givenBack[0] ?? this.#handedOut;
    return next < this.#taken ? this.id(next) : this.#lastOrder;
  }

  get waiting(): number {
    return this.#taken - this.#handedOut + this.#givenBack.length;
  }

  take(): number {
    return this.#givenBack.length === 0 ? this.#handedOut++ : (this.#givenBack.shift() as number);
  }

  giveBack(index: number): void {
    if (this.isSettled(index)) return;
    if (this.#ended || this.#stopped !== undefined) {
      this.#settle(index, "cancelled", new CancelledError("Cannot get result: map was ended"));
      return;
    }
    const at = this.#givenBack.findIndex((other) => other > index);
    this.#givenBack.splice(at < 0 ? this.#givenBack.length : at, 0, index);
  }

  id(index: number): number {
    return this.#blockOf(index).ids[index & IN_BLOCK] as number;
  }

  pushArgs(index: number, list: unknown[]): number {
    const item = this.#blockOf(index).contents[index & IN_BLOCK];
    if (!this.#spread) return list.push(item) && 1;
    for (const arg of item as unknown[]) list.push(arg);
    return (item as unknown[]).length;
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
    if (!observers.any || this.isSettled(index) || this.#startedBy.get(index) === worker) return;
    this.#startedBy.set(index, worker);
    observers.started(this, index, worker, observers.now());
  }

  progressed(index: number, progress: Progress): void {
    const { observers } = this.#owner;
    if (observers.any && !this.isSettled(index)) observers.progressed(this, index, progress);
  }

  isSettled(index: number): boolean {
    return this.#stateOf(index) !== UNSETTLED;
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
    const losses = this.#losses.get(index) ?? 0;
    this.#losses.set(index, losses + 1);
    return retryPause(this.terms.options.retries, losses);
  }

  // As MapResults: what the user does with it.

  next(): Promise<IteratorResult<R, undefined>> {
    // The common case first: nobody waits, and the result is here.
    if (this.#readers.length === 0 && !this.#ended) {
      const index = this.#nextReadable();
      if (index !== undefined) return this.#read(index);
    }
    const reader: Reader<R> = Promise.withResolvers();
    this.#readers.push(reader);
    this.#keepAlive?.hold();
    this.#deliver();
    return reader.promise;
  }

  return(): Promise<IteratorResult<R, undefined>> {
    this.#end();
    this.#deliver();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): MapResults<R> {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  // As a source: what the scheduler does when it closes.

  /** Takes nothing more from the source; `error` is thrown behind what was taken. */
  stop(error: unknown): void {
    if (!this.#sourceDone) this.#abandonSource({ error });
    this.#deliver();
  }

  // As Unobserved: failures nobody has read, and nobody will.

  get task(): string {
    return this.terms.name;
  }

  *unobservedErrors(): Iterable<unknown> {
    for (const { states, contents } of this.#blocks) {
      for (const [at, state] of states.entries()) if (state === FAILED) yield contents[at];
    }
  }

  /** Where an element is that is not dropped. */
  #blockOf(index: number): Block {
    return this.#blocks[(index - this.#base) >> BLOCK_BITS] as Block;
  }

  /** The state of an element; undefined if it is not taken yet. What is dropped was read. */
  #stateOf(index: number): number | undefined {
    if (index < this.#base) return READ;
    return this.#blocks[(index - this.#base) >> BLOCK_BITS]?.states[index & IN_BLOCK];
  }

  /** Whether the whole source is to be taken without waiting for a reader. */
  get #isEager(): boolean {
    return this.#bufferSize === Number.POSITIVE_INFINITY;
  }

  /** Takes from the source what the buffer and the queue have room for. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    while (!this.#sourceDone && this.#held < this.#bufferSize) {
      while (!this.#sourceDone && this.#owner.alive && !this.#owner.hasRoom) await this.#owner.room;
      if (this.#sourceDone) break;
      try {
        // Only an async source, or a full queue, makes the caller of map() wait for the first elements.
        if (this.#isAsync) this.#take(await this.#iterator.next());
        else this.#takeAtOnce(this.#iterator as Iterator<unknown>);
      } catch (error) {
        this.#abandonSource({ error });
      }
    }
    this.#pulling = false;
    this.#deliver();
  }

  /** Takes what there is room for, without a turn of the event loop. */
  #takeAtOnce(iterator: Iterator<unknown>): void {
    const owner = this.#owner;
    do this.#take(iterator.next());
    while (!this.#sourceDone && this.#held < this.#bufferSize && owner.hasRoom);
  }

  #take({ done, value }: IteratorResult<unknown>): void {
    if (this.#sourceDone) return;
    if (done === true) this.#finishSource(undefined);
    else this.#add(value);
  }

  #add(item: unknown): void {
    // A lazy map goes on taking only while its executor is open: nobody may ever come to read the rest.
    if (!this.#isEager) this.#owner.assertOpen("take an element of map");
    // What is no list of arguments fails here, where it says so, and not in the middle of a message.
    const content = this.#spread ? [...(item as Iterable<unknown>)] : item;
    const id = this.#owner.nextId();
    this.#owner.admit();
    if ((this.#taken & IN_BLOCK) === 0) this.#blocks.push(new Block());
    const block = this.#blocks[this.#blocks.length - 1] as Block;
    block.states.push(UNSETTLED);
    block.ids.push(id);
    block.contents.push(content);
    this.#taken++;
    this.#held++;
    this.#unsettled++;
    const { observers } = this.#owner;
    if (observers.any) observers.submitted(this, this.#taken - 1, observers.now());
    if (!this.queued) this.#owner.enqueue(this);
  }

  #finishSource(error: { error: unknown } | undefined): void {
    this.#sourceDone = true;
    this.#sourceError = error;
    this.#owner.sources.delete(this);
    if (this.#unsettled === 0) this.#stopFollowing();
    if (this.#isEager) this.#owner.sourceTaken();
  }

  /** The only way an element settles. Once: what comes for a settled one is dropped. */
  #settle(index: number, outcome: Outcome, value: unknown): void {
    if (this.isSettled(index)) return;
    const { states, contents } = this.#blockOf(index);
    states[index & IN_BLOCK] = outcome === "finished" ? SUCCEEDED : STATES[outcome];
    // The result takes the place of what the task was given (invariant 8).
    contents[index & IN_BLOCK] = value;
    this.#unsettled--;
    const { observers } = this.#owner;
    if (observers.any) {
      const worker = this.#startedBy.get(index);
      observers.settled(this, index, outcome, observers.now(), worker, value);
    }
    // What was cancelled because time ran out is not a result: the reader is told of the time.
    if (this.#ended || (this.#stopped !== undefined && outcome === "cancelled"))
      this.#forget(index);
    else if (!this.#ordered) this.#completed.push(index);
    if (outcome === "failed" && !this.#ended) this.#owner.unobserved.add(this);
    if (this.#sourceDone && this.#unsettled === 0) this.#stopFollowing();
    this.#owner.settled(outcome);
    if (this.#readers.length > 0) this.#deliver();
  }

  /** Lets go of an element that is settled and read, or never will be. */
  #forget(index: number): void {
    const block = this.#blockOf(index);
    block.states[index & IN_BLOCK] = READ;
    block.contents[index & IN_BLOCK] = undefined;
    if (this.#startedBy.size > 0) this.#startedBy.delete(index);
    if (this.#losses.size > 0) this.#losses.delete(index);
    this.#held--;
    if (++block.read < BLOCK_SIZE) return;
    while (this.#blocks[0]?.read === BLOCK_SIZE) {
      this.#blocks.shift();
      this.#base += BLOCK_SIZE;
    }
  }

  #settleWaiting(outcome: Outcome, error: () => unknown): void {
    this.#lastOrder = this.order;
    while (this.waiting > 0) this.#settle(this.take(), outcome, error());
    this.#owner.dropped();
  }

  /** Gives readers what there is for them. */
  #deliver(): void {
    while (this.#readers.length > 0) {
      const index = this.#ended ? undefined : this.#nextReadable();
      if (index !== undefined) {
        (this.#readers.shift() as Reader<R>).resolve(this.#read(index));
        continue;
      }
      const why = this.#ended ? undefined : this.#whyOver();
      if (why === undefined && !this.#ended) return;
      // First out of the line: ending settles elements, and that delivers too.
      const reader = this.#readers.shift() as Reader<R>;
      this.#end();
      if (why?.error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(why.error.error);
    }
    this.#keepAlive?.release();
  }

  /** Hands a settled element out. */
  #read(index: number): Promise<IteratorResult<R, undefined>> {
    const { states, contents } = this.#blockOf(index);
    const failed = states[index & IN_BLOCK] !== SUCCEEDED;
    const outcome = contents[index & IN_BLOCK];
    this.#forget(index);
    if (!this.#sourceDone) void this.#enter(() => this.#pull(), undefined);
    return failed ? Promise.reject(outcome) : Promise.resolve({ done: false, value: outcome as R });
  }

  /** Whether an element is settled and nobody has read it. */
  #isUnread(index: number): boolean {
    const state = this.#stateOf(index);
    return state === SUCCEEDED || state === FAILED || state === CANCELLED;
  }

  #nextReadable(): number | undefined {
    if (!this.#ordered) return this.#completed.shift();
    return this.#isUnread(this.#nextRead) ? this.#nextRead++ : undefined;
  }

  /** Why there is nothing more to read; undefined while there is, or may be. */
  #whyOver(): { error: { error: unknown } | undefined } | undefined {
    if (this.#stopped !== undefined) return { error: this.#stopped };
    if (this.#sourceDone && this.#held === 0) return { error: this.#sourceError };
    return undefined;
  }

  /** Ends the iteration: nothing more is taken, sent or kept. What runs goes on, unheard, as long as its limits allow. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (!this.#sourceDone) this.#abandonSource(undefined);
    this.#cancelRest();
    this.#owner.unobserved.delete(this);
    for (let index = this.#base; index < this.#taken; index++) {
      if (this.#isUnread(index)) this.#forget(index);
    }
    this.#completed.length = 0;
  }

  #cancelRest(): void {
    for (const { index } of this.#owner.takeBack(this)) this.giveBack(index);
    this.cancelWaiting();
  }

  /** Leaves a source that may have more to give, and lets it clean up. */
  async #abandonSource(error: { error: unknown } | undefined): Promise<void> {
    this.#finishSource(error);
    // It may be what came here: a generator cannot be ended while it runs.
    if (this.#pulling) await undefined;
    try {
      await this.#enter(() => this.#iterator.return?.(), undefined);
    } catch (error) {
      this.#owner.report(error, { kind: "callback" });
    }
  }

  /** Time ran out, or a signal aborted: what waits is cancelled, what runs is interrupted, and a reader learns why. */
  #stop(error: CancelledError | TimeoutError): void {
    this.#stopFollowing();
    if (!this.#ended && this.#whyOver() === undefined) {
      this.#stopped = { error };
      if (!this.#sourceDone) this.#abandonSource(undefined);
    }
    this.#cancelRest();
    this.#owner.end(this, error);
    // Cancelled at once, whether or not the task heeds its signal. Once all are, the source is done: none is added here.
    for (let index = this.#base; index < this.#taken; index++)
      this.#settle(index, "cancelled", error);
    this.#deliver();
  }

  /** Nothing is left to come too late, or to be cancelled. */
  #stopFollowing(): void {
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
    this.#keepAlive?.close();
    this.#keepAlive = undefined;
  }

  #followLimits(options: MapOptions): void {
    const { timeout } = options;
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      const late = () => {
        // Results that are late only in being read are not late.
        if (this.#sourceDone && this.#unsettled === 0) return;
        const unfinished = `${this.#unsettled} (of ${this.#taken}) elements unfinished`;
        this.#stop(new TimeoutError(`Cannot finish map: ${unfinished} after ${timeout} ms`));
      };
      // A deadline alone keeps no program alive; whoever waits for it does.
      const timer = new Timer();
      timer.set(timeout, late);
      this.#keepAlive = new KeepAlive();
      this.#cleanUp.push(() => timer.clear());
    }
    for (const signal of new Set([options.signal, this.terms.options.signal])) {
      if (signal === undefined) continue;
      const stopListening = whenAborted(signal, (cause) =>
        this.#stop(new CancelledError("Cannot finish map: its signal aborted", { cause })),
      );
      if (this.#stopped !== undefined) return;
      this.#cleanUp.push(stopListening);
    }
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
