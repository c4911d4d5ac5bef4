// map and starmap: many calls of one task, their source pulled as far as it may be, their results in order or as they come.

import { assertDuration, MAX_TIMER, unrefTimer } from "./_deadline.ts";
import type { Scheduler } from "./_scheduler.ts";
import type { Profile, Work } from "./_work.ts";
import { CancelledError, TimeoutError } from "./errors.ts";
import { eventTime, type Progress, type WorkerIdentity } from "./events.ts";
import type { MapOptions, MapResults } from "./executor.ts";
import type { Outcome } from "./future.ts";
import type { TaskOptions, TaskSource, Transferred } from "./task.ts";

/** Where an element is. */
const WAITING = 0;
const SENT = 1;
const SUCCEEDED = 2;
const FAILED = 3;

/** An element from the moment it is taken from the source until its result is read. */
interface Element {
  readonly id: number;
  /** Nothing once it is settled (invariant 8). */
  args: unknown[] | undefined;
  state: typeof WAITING | typeof SENT | typeof SUCCEEDED | typeof FAILED;
  outcome: unknown;
  startedBy: WorkerIdentity | undefined;
  attempts: number;
}

type Reader<R> = PromiseWithResolvers<IteratorResult<R, undefined>>;

/** Throws for options `map` cannot use: at the call, before anything is taken from the source. */
export function assertMapOptions(options: MapOptions): void {
  const { bufferSize, chunkSize, timeout, ordered, signal } = options;
  if (bufferSize !== undefined) assertCount(bufferSize, "bufferSize");
  if (chunkSize !== undefined && chunkSize !== "auto") assertCount(chunkSize, "chunkSize");
  if (timeout !== undefined) assertDuration(timeout, "timeout");
  if (ordered !== undefined && typeof ordered !== "boolean")
    throw new TypeError("Cannot use ordered: expected a boolean");
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError("Cannot use signal: expected an AbortSignal");
  }
}

/** The work behind one `map`, and its results. */
export class MapWork<R> implements Work, MapResults<R> {
  readonly source: TaskSource;
  readonly profile: Profile;
  readonly chunkSize: number | undefined;
  readonly #scheduler: Scheduler;
  readonly #taskOptions: Readonly<TaskOptions<never[]>>;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #isAsync: boolean;
  /** Makes the arguments of a call from an element of the source. */
  readonly #toArgs: (item: unknown) => unknown[];
  readonly #bufferSize: number;
  readonly #ordered: boolean;
  queued = false;

  /** By index, from the first one not read; what is read is deleted. */
  readonly #elements = new Map<number, Element>();
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
  #read = 0;
  /** Unordered: settled and unread, as they came. */
  readonly #completed: number[] = [];
  readonly #readers: Reader<R>[] = [];
  #cleanUp: (() => void)[] = [];

  constructor(
    scheduler: Scheduler,
    source: TaskSource,
    taskOptions: Readonly<TaskOptions<never[]>>,
    items: Iterable<unknown> | AsyncIterable<unknown> | undefined,
    toArgs: (item: unknown) => unknown[],
    options: MapOptions,
  ) {
    this.#scheduler = scheduler;
    this.source = source;
    this.profile = scheduler.profileOf(source);
    this.#taskOptions = taskOptions;
    this.#toArgs = toArgs;
    this.chunkSize = typeof options.chunkSize === "number" ? options.chunkSize : undefined;
    this.#bufferSize = options.bufferSize ?? Number.POSITIVE_INFINITY;
    this.#ordered = options.ordered ?? true;
    const opened = openSource(items ?? []);
    this.#iterator = opened.iterator;
    this.#isAsync = opened.isAsync;
    scheduler.sources.add(this);
    if (this.#isEager) scheduler.promise();
    this.#followLimits(options);
    void this.#pull();
  }

  // As Work: what the scheduler and a worker's handle do with it.

  get name(): string {
    return this.#taskOptions.name ?? this.source.export;
  }

  get priority(): number {
    return this.#taskOptions.priority ?? 0;
  }

  get timeout(): number | undefined {
    return this.#taskOptions.timeout;
  }

  get alone(): boolean {
    return this.#taskOptions.timeout !== undefined || this.#taskOptions.transfer !== undefined;
  }

  get waiting(): number {
    return this.#taken - this.#handedOut + this.#givenBack.length;
  }

  take(): number {
    return this.#givenBack.shift() ?? this.#handedOut++;
  }

  giveBack(index: number): void {
    const element = this.#elements.get(index);
    if (element === undefined || isSettled(element)) return;
    element.state = WAITING;
    if (this.#ended || this.#stopped !== undefined) {
      this.#settle(index, "cancelled", new CancelledError("Cannot get result: map was ended"));
      return;
    }
    const at = this.#givenBack.findIndex((other) => other > index);
    this.#givenBack.splice(at < 0 ? this.#givenBack.length : at, 0, index);
  }

  id(index: number): number {
    return this.#elements.get(index)?.id ?? -1;
  }

  args(index: number): unknown[] {
    return this.#elements.get(index)?.args ?? [];
  }

  transfer(index: number): Transferred[] | undefined {
    const { transfer } = this.#taskOptions;
    return typeof transfer === "function" ? transfer(...(this.args(index) as never[])) : transfer;
  }

  sent(index: number): void {
    const element = this.#elements.get(index);
    if (element !== undefined) element.state = SENT;
  }

  started(index: number, worker: WorkerIdentity): void {
    if (!this.#scheduler.observed) return;
    const element = this.#elements.get(index);
    if (element === undefined || isSettled(element) || element.startedBy === worker) return;
    element.startedBy = worker;
    this.#scheduler.emit({
      type: "started",
      id: element.id,
      task: this.name,
      worker,
      at: eventTime(),
    });
  }

  progressed(index: number, progress: Progress): void {
    const element = this.#elements.get(index);
    if (!this.#scheduler.observed || element === undefined || isSettled(element)) return;
    this.#scheduler.emit({
      type: "progress",
      id: element.id,
      task: this.name,
      progress,
      at: eventTime(),
    });
  }

  isSettled(index: number): boolean {
    const element = this.#elements.get(index);
    return element === undefined || isSettled(element);
  }

  succeed(index: number, value: unknown): void {
    this.#settle(index, "finished", value);
  }

  fail(index: number, error: unknown): void {
    this.#settle(index, "failed", error);
  }

  cancel(index: number, reason: unknown): void {
    this.#settle(
      index,
      "cancelled",
      new CancelledError("Cannot get result: executor was terminated", { cause: reason }),
    );
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

  retry(index: number): boolean {
    const element = this.#elements.get(index);
    return (
      element !== undefined &&
      !isSettled(element) &&
      element.attempts++ < (this.#taskOptions.retries ?? 0)
    );
  }

  // As MapResults: what the user does with it.

  next(): Promise<IteratorResult<R, undefined>> {
    const reader: Reader<R> = Promise.withResolvers();
    this.#readers.push(reader);
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
    if (!this.#sourceDone) this.#finishSource({ error });
    this.#deliver();
  }

  /** Reports failures nobody has read. */
  reportUnobserved(): void {
    for (const element of this.#elements.values()) {
      if (element.state !== FAILED || element.outcome instanceof CancelledError) continue;
      this.#scheduler.report(element.outcome, { kind: "unobserved" });
    }
  }

  /** Whether the whole source is to be taken without waiting for a reader. */
  get #isEager(): boolean {
    return this.#bufferSize === Number.POSITIVE_INFINITY;
  }

  /** Takes from the source what the buffer and the queue have room for. */
  async #pull(): Promise<void> {
    if (this.#pulling) return;
    this.#pulling = true;
    while (!this.#sourceDone && this.#elements.size < this.#bufferSize) {
      if (!this.#scheduler.hasRoom) await this.#scheduler.ready;
      if (this.#sourceDone) break;
      try {
        // Only an async source, or a full queue, makes the caller of map() wait for the first elements.
        const step = this.#iterator.next();
        const { done, value } = this.#isAsync ? await step : (step as IteratorResult<unknown>);
        if (this.#sourceDone) break;
        if (done === true) this.#finishSource(undefined);
        else this.#add(value);
      } catch (error) {
        this.#finishSource({ error });
      }
    }
    this.#pulling = false;
    this.#deliver();
  }

  #add(item: unknown): void {
    // A lazy map goes on taking only while its executor is open: nobody may ever come to read the rest.
    if (!this.#isEager) this.#scheduler.assertOpen("take an element of map");
    const args = this.#toArgs(item);
    const id = this.#scheduler.nextId();
    this.#scheduler.admit();
    this.#unsettled++;
    this.#elements.set(this.#taken++, {
      id,
      args,
      state: WAITING,
      outcome: undefined,
      startedBy: undefined,
      attempts: 0,
    });
    if (this.#scheduler.observed) {
      this.#scheduler.emit({ type: "submitted", id, task: this.name, at: eventTime() });
    }
    if (!this.queued) this.#scheduler.enqueue(this);
  }

  #finishSource(error: { error: unknown } | undefined): void {
    this.#sourceDone = true;
    this.#sourceError = error;
    this.#scheduler.sources.delete(this);
    if (this.#isEager) this.#scheduler.keepPromise();
  }

  /** The only way an element settles. Once: what comes for a settled one is dropped. */
  #settle(index: number, outcome: Outcome, value: unknown): void {
    const element = this.#elements.get(index);
    if (element === undefined || isSettled(element)) return;
    element.state = outcome === "finished" ? SUCCEEDED : FAILED;
    element.outcome = value;
    element.args = undefined;
    this.#unsettled--;
    if (this.#scheduler.observed) {
      this.#scheduler.emit({
        type: "settled",
        id: element.id,
        task: this.name,
        outcome,
        ...(outcome === "finished" ? {} : { error: value }),
        ...(element.startedBy === undefined ? {} : { worker: element.startedBy }),
        at: eventTime(),
      });
    }
    if (this.#ended) this.#elements.delete(index);
    else if (!this.#ordered) this.#completed.push(index);
    if (outcome === "failed" && !this.#ended) this.#scheduler.unobserved.add(this);
    this.#scheduler.settled(outcome);
    if (this.#readers.length > 0) this.#deliver();
  }

  #settleWaiting(outcome: Outcome, error: () => unknown): void {
    while (this.waiting > 0) this.#settle(this.take(), outcome, error());
    this.#scheduler.dropped();
  }

  /** Gives readers what there is for them. */
  #deliver(): void {
    while (this.#readers.length > 0) {
      const index = this.#ended ? undefined : this.#nextReadable();
      if (index !== undefined) {
        const element = this.#elements.get(index) as Element;
        this.#elements.delete(index);
        const reader = this.#readers.shift() as Reader<R>;
        if (element.state === SUCCEEDED)
          reader.resolve({ done: false, value: element.outcome as R });
        else reader.reject(element.outcome);
        if (!this.#sourceDone) void this.#pull();
        continue;
      }
      const why = this.#ended ? undefined : this.#whyOver();
      if (why === undefined && !this.#ended) return;
      this.#end();
      const reader = this.#readers.shift() as Reader<R>;
      if (why?.error === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(why.error.error);
    }
  }

  #nextReadable(): number | undefined {
    if (!this.#ordered) return this.#completed.shift();
    const element = this.#elements.get(this.#read);
    return element !== undefined && isSettled(element) ? this.#read++ : undefined;
  }

  /** Why there is nothing more to read; undefined while there is, or may be. */
  #whyOver(): { error: { error: unknown } | undefined } | undefined {
    if (this.#stopped !== undefined) return { error: this.#stopped };
    if (this.#sourceDone && this.#elements.size === 0) return { error: this.#sourceError };
    return undefined;
  }

  /** Ends the iteration: nothing more is taken, sent or kept. What runs goes on, unheard. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const cleanUp of this.#cleanUp) cleanUp();
    this.#cleanUp = [];
    if (!this.#sourceDone) {
      this.#finishSource(undefined);
      void this.#closeIterator();
    }
    this.#cancelRest();
    this.#scheduler.unobserved.delete(this);
    for (const [index, element] of this.#elements)
      if (isSettled(element)) this.#elements.delete(index);
    this.#completed.length = 0;
  }

  #cancelRest(): void {
    for (const { index } of this.#scheduler.takeBack(this)) this.giveBack(index);
    this.cancelWaiting();
  }

  async #closeIterator(): Promise<void> {
    try {
      await this.#iterator.return?.();
    } catch (error) {
      this.#scheduler.report(error, { kind: "callback" });
    }
  }

  /** Ends the iteration early, for a reader to learn: time ran out, or a signal aborted. */
  #stop(error: Error): void {
    if (this.#ended || this.#whyOver() !== undefined) return;
    this.#stopped = { error };
    if (!this.#sourceDone) {
      this.#finishSource(undefined);
      void this.#closeIterator();
    }
    this.#deliver();
    if (!this.#ended) this.#cancelRest();
  }

  #followLimits({ timeout, signal }: MapOptions): void {
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      const late = () => {
        const unfinished = `${this.#unsettled} (of ${this.#taken}) elements unfinished`;
        this.#stop(new TimeoutError(`Cannot finish map: ${unfinished} after ${timeout} ms`));
      };
      const timer = setTimeout(late, Math.min(timeout, MAX_TIMER));
      unrefTimer(timer);
      this.#cleanUp.push(() => clearTimeout(timer));
    }
    if (signal !== undefined) {
      const onAbort = () =>
        this.#stop(
          new CancelledError("Cannot finish map: its signal aborted", { cause: signal.reason }),
        );
      if (signal.aborted) onAbort();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#cleanUp.push(() => signal.removeEventListener("abort", onAbort));
    }
  }
}

function isSettled(element: Element): boolean {
  return element.state === SUCCEEDED || element.state === FAILED;
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

function assertCount(value: unknown, name: string): void {
  if (
    typeof value !== "number" ||
    (Number.isFinite(value) && !Number.isInteger(value)) ||
    Number.isNaN(value)
  ) {
    throw new TypeError(`Cannot use ${name}: expected a whole number, got ${String(value)}`);
  }
  if (!(value >= 1 && Number.isInteger(value)))
    throw new RangeError(`Cannot use ${name}: expected a whole number from 1, got ${value}`);
}
