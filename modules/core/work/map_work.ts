// MapWork: many calls of one task, behind one map or starmap: which wait, which are out, and what came of each. How the map
// as a whole goes is its MapCourse.

import { type CallersContext, callersContext } from "../async_context.ts";
import type { AwaitedCall } from "../call_waits.ts";
import { assertBoolean, assertDuration, assertLimit, assertSignal } from "../checks.ts";
import { CancelledError, type TimeoutError } from "../errors.ts";
import type { MapOptions } from "../executor.ts";
import { Fifo } from "../fifo.ts";
import type { Outcome } from "../future.ts";
import type { CallKey, Key, KeyOfCall } from "../key.ts";
import { coversErrors, retryLimit } from "../retry.ts";
import type { Transferred } from "../task.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import { ElementClock } from "./element_clock.ts";
import { type MapCalls, MapCourse } from "./map_course.ts";
import type { MapElements } from "./map_elements.ts";
import { MapPart, type Partitioned } from "./map_part.ts";
import type { MapReading } from "./map_reading.ts";
import { queueTimeout } from "./single_work.ts";
import type { Terms, Verdict, Work } from "./work.ts";
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
export class MapWork<M> implements Partitioned, MapCalls {
  readonly terms: Terms;
  readonly trace: string | undefined;
  readonly chunkSize: number | undefined;
  readonly context: CallersContext | undefined;
  readonly #owner: WorkOwner;
  readonly #course: MapCourse<M>;
  /** Those of the course. */
  readonly #elements: MapElements;
  /** Whether an element lists the arguments (starmap) or is the only one (map). */
  readonly #spread: boolean;
  queued = false;
  lane: object | undefined = undefined;
  /** Its place once nothing waits any more. */
  #lastOrder = 0;

  /** How many were handed out to workers in their first round. */
  #handedOut = 0;
  /** Handed out and given back, lowest first. */
  readonly #givenBack: number[] = [];
  /** How many are due, where each pauses before its first run. */
  #due: number | undefined = undefined;
  #dueClock: ElementClock | undefined = undefined;
  #ttlClock: ElementClock | undefined = undefined;
  /** Where elements have keys of their own: those parts of which some wait. */
  readonly #parts: Set<MapPart> | undefined;
  /** The part that takes the next element of a key. */
  readonly #partOf = new Map<Key | undefined, MapPart>();
  /** The keys of those that pause before their first run. */
  readonly #keysAhead = new Fifo<Key | undefined>();
  /** Where those are that must have begun some time. */
  readonly #partsOfYoung = new Map<number, MapPart>();
  readonly #keyOf: KeyOfCall | undefined;

  constructor(
    owner: WorkOwner,
    terms: Terms,
    items: Iterable<unknown> | AsyncIterable<unknown> | undefined,
    spread: boolean,
    options: MapOptions<boolean>,
    trace?: string,
    keyOf?: KeyOfCall,
  ) {
    this.#owner = owner;
    this.terms = terms;
    this.trace = trace;
    if (terms.options.key === undefined) this.#keyOf = keyOf;
    this.#parts = this.#keyOf && new Set();
    this.#spread = spread;
    this.chunkSize = typeof options.chunkSize === "number" ? options.chunkSize : undefined;
    this.#course = new MapCourse<M>(owner, terms, items ?? [], options, this);
    this.#elements = this.#course.elements;
    this.context = owner.keepsContext ? callersContext(true) : undefined;
    this.#followClocks();
    this.#course.begin();
  }

  /** What the user has of it. */
  get results(): MapReading<M> {
    return this.#course.results;
  }

  // As Work: what the scheduler and a worker's handle do with it.

  get whole(): Work {
    return this;
  }

  get priority(): number {
    return this.terms.priority;
  }

  get key(): Key | undefined {
    return this.terms.options.key;
  }

  get order(): number {
    const next = this.#givenBack[0] ?? this.#handedOut;
    return next < this.#elements.taken ? this.id(next) : this.#lastOrder;
  }

  get waiting(): number {
    return (this.#due ?? this.#elements.taken) - this.#handedOut + this.#givenBack.length;
  }

  take(): number {
    return this.#givenBack.length === 0 ? this.#handedOut++ : (this.#givenBack.shift() as number);
  }

  giveBack(index: number): void {
    if (this.refuses(index)) return;
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
    list.push(this.trace, this.#elements.failuresOf(index));
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

  succeed(index: number, value: unknown, part?: Work): void {
    if (this.verdictOf(index) === undefined) this.#settle(index, "finished", value);
    else this.threw(index, undefined, part);
  }

  fail(index: number, error: unknown): void {
    this.#settle(index, "failed", error);
  }

  threw(index: number, thrown: unknown, part: Work = this): void {
    const verdict = this.verdictOf(index);
    const error = verdict === undefined ? thrown : verdict.error;
    if (!this.#owner.again(part, index, error, false)) this.fail(index, error);
  }

  giveUp(index: number, error: unknown): void {
    const { retries } = this.terms.options;
    const failures = this.failuresOf(index);
    const isFinal =
      !coversErrors(retries) || failures === undefined || failures >= retryLimit(retries);
    if (isFinal) this.fail(index, error);
    else this.#elements.judge(index, { error });
  }

  verdictOf(index: number): Verdict | undefined {
    return this.#elements.verdictOf(index);
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

  failuresOf(index: number): number | undefined {
    return this.isSettled(index) ? undefined : this.#elements.failuresOf(index);
  }

  rest(index: number, isAgain: boolean): void {
    if (isAgain) this.#elements.noteAgain(index);
  }

  // As Partitioned: what its parts ask, where elements have keys of their own.

  refuses(index: number): boolean {
    if (this.isSettled(index)) return true;
    if (!this.results.isOver && !this.#course.isStopped) return false;
    this.#settle(index, "cancelled", new CancelledError("Cannot get result: map was ended"));
    return true;
  }

  filled(part: MapPart): void {
    this.#parts?.add(part);
    if (!this.#partOf.has(part.key)) this.#partOf.set(part.key, part);
  }

  emptied(part: MapPart): void {
    this.#parts?.delete(part);
    if (this.#partOf.get(part.key) === part) this.#partOf.delete(part.key);
  }

  // As MapCalls: what its course has it do.

  add(item: unknown): void {
    // What is no list of arguments fails here, where it says so, and not in the middle of a message.
    const content = this.#spread ? [...(item as Iterable<unknown>)] : item;
    const { key, fault } = this.#ask(content);
    // Code of the user's has run, which may have ended the map.
    if (this.#course.source.isDone) return;
    const id = this.#owner.nextId();
    this.#owner.admit();
    const index = this.#elements.add(id, content, item);
    const { observers } = this.#owner;
    // Before its clocks are set: none that is told of is paused for less than it should be.
    const at = observers.any ? observers.now() : undefined;
    this.#dueClock?.add();
    this.#ttlClock?.add();
    if (this.#due !== undefined) this.#owner.resting(this, index + 1 - this.#due);
    const isDue = this.#due === undefined && fault === undefined;
    const part = this.#parts === undefined ? undefined : this.#assign(index, key, isDue);
    if (at !== undefined) {
      this.#elements.noteSubmittedAt(index, at);
      observers.submitted(this, index, at);
    }
    if (fault !== undefined) this.fail(index, fault.error);
    else if (part !== undefined) this.#enqueue(part);
    else if (this.#parts === undefined && isDue && !this.queued) this.#owner.enqueue(this);
  }

  callOf(index: number): AwaitedCall {
    return { of: this.#owner.engine, id: this.id(index), task: this.terms.name };
  }

  cancelRest(): void {
    for (const { work, index } of this.#owner.takeBack(this)) work.giveBack(index);
    this.cancelWaiting();
  }

  stop(error: CancelledError | TimeoutError): void {
    this.cancelRest();
    this.#owner.end(this, error);
    // Cancelled at once, whether or not the task heeds its signal. Once all are, the source is done: none is added here.
    for (let index = this.#elements.first; index < this.#elements.taken; index++)
      this.#settle(index, "cancelled", error);
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
    this.#course.settled(index, outcome);
    this.#owner.settled(outcome);
    if (this.results.isAwaited) this.results.deliver();
  }

  #settleWaiting(outcome: Outcome, error: () => unknown): void {
    this.#lastOrder = this.order;
    if (this.#due !== undefined) this.#endPauses(this.#due, outcome, error);
    while (this.waiting > 0) this.#settle(this.take(), outcome, error());
    for (const part of this.#parts ?? []) {
      while (part.waiting > 0) this.#settle(part.take(), outcome, error());
      this.#owner.dropped();
    }
    this.#owner.dropped();
  }

  /** None pauses any more before its first run. */
  #endPauses(due: number, outcome: Outcome, error: () => unknown): void {
    const { taken } = this.#elements;
    this.#dueClock?.stop();
    this.#due = taken;
    this.#owner.resting(this, 0);
    if (this.#parts !== undefined)
      for (let index = due; index < taken; index++) this.#settle(index, outcome, error());
  }

  #ask(content: unknown): CallKey {
    if (this.#keyOf === undefined) return NO_KEY;
    return this.#keyOf(this.#spread ? (content as unknown[]) : [content]);
  }

  /** Notes the key of an element, and has it wait in that part of the map, if it is due. */
  #assign(index: number, key: Key | undefined, isDue: boolean): MapPart | undefined {
    this.#handedOut = index + 1;
    if (this.#due !== undefined) this.#keysAhead.push(key);
    return isDue ? this.#wait(index, key) : undefined;
  }

  #wait(index: number, key: Key | undefined): MapPart {
    const part = this.#partOf.get(key) ?? new MapPart(this, key);
    part.add(index);
    if (this.#ttlClock !== undefined) this.#partsOfYoung.set(index, part);
    return part;
  }

  #enqueue(part: MapPart): void {
    if (!part.queued && part.waiting > 0) this.#owner.enqueue(part);
  }

  #followClocks(): void {
    const { delay, ttl } = this.terms.options;
    const { alarms } = this.#owner;
    if (delay !== undefined && delay > 0) {
      this.#due = 0;
      this.#dueClock = new ElementClock(alarms, delay, (first, end) => this.#fallDue(first, end));
      this.#course.whenOver(() => this.#dueClock?.stop());
    }
    if (ttl !== undefined && ttl !== Number.POSITIVE_INFINITY) {
      this.#ttlClock = new ElementClock(alarms, ttl, (first, end) => this.#expire(first, end, ttl));
      this.#course.whenOver(() => this.#ttlClock?.stop());
    }
  }

  /** These have paused long enough before their first run. */
  #fallDue(first: number, end: number): void {
    this.#due = end;
    this.#owner.resting(this, this.#elements.taken - end);
    if (this.#parts === undefined) {
      if (!this.queued) this.#owner.enqueue(this);
      return;
    }
    for (let index = first; index < end; index++) {
      const key = this.#keysAhead.shift();
      if (!this.isSettled(index)) this.#enqueue(this.#wait(index, key));
    }
  }

  /** These must have begun by now. */
  #expire(first: number, end: number, ttl: number): void {
    // What was sent ahead and has not begun comes back.
    const back = this.#owner.recall(this);
    for (const { work, index } of back) work.giveBack(index);
    for (let index = first; index < end; index++) {
      const hasBegun = this.isSettled(index) || this.#elements.failuresOf(index) > 0;
      if (!hasBegun && this.#takeOut(index))
        this.#settle(index, "failed", queueTimeout(this.terms.name, ttl));
      this.#partsOfYoung.delete(index);
    }
    for (const { work } of back) if (work.waiting > 0) this.#owner.enqueue(work);
  }

  /** Takes an element out that waits; false if it does not. */
  #takeOut(index: number): boolean {
    if (this.#parts !== undefined) return this.#partsOfYoung.get(index)?.remove(index) === true;
    const at = this.#givenBack.indexOf(index);
    if (at >= 0) this.#givenBack.splice(at, 1);
    // All before it were due before it.
    else if (index === this.#handedOut) this.#handedOut++;
    else return false;
    return true;
  }
}

const NO_KEY: CallKey = {};
