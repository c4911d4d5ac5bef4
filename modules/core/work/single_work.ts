// The work behind one submit: a task, its arguments, its future.

import { type CallersContext, callersContext } from "../async_context.ts";
import { callListener } from "../call_listener.ts";
import type { AwaitedCall } from "../call_waits.ts";
import { type CancelledError, QueueTimeoutError, type TimeoutError } from "../errors.ts";
import {
  Future,
  type FutureControl,
  type FutureDetails,
  type Outcome,
  wasLookedAt,
} from "../future.ts";
import type { Key } from "../key.ts";
import { coversErrors, retryLimit } from "../retry.ts";
import type { Transferred } from "../task.ts";
import type { Alarm } from "../time/alarms.ts";
import { whenAborted } from "../time/when_aborted.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import type { Place, Terms, Verdict, Work } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** What few calls have. Times and progress are recorded only while someone observes, or the task itself reports. */
class Extras {
  submittedAt: number | undefined = undefined;
  startedAt: number | undefined = undefined;
  finishedAt: number | undefined = undefined;
  progress: Progress | undefined = undefined;
  progressListeners: Set<(progress: Progress) => void> | undefined = undefined;
  /** Lets go of the task's signal. */
  stopListening: (() => void) | undefined = undefined;
  /** What goes with the call, where somebody follows it. */
  trace: string | undefined = undefined;
  /** How often it has failed, and is run again. */
  failures = 0;
  /** Whether it pauses. */
  isPausing = false;
  /** Whether it is run again, and has not begun since. */
  isAgain = false;
  /** Why it is being ended. */
  verdict: Verdict | undefined = undefined;
  /** Rings when it must have begun. */
  alarm: Alarm | undefined = undefined;
  /** What its user has set since. */
  priority: number | undefined = undefined;
  key: Key | undefined = undefined;
  lane: object | undefined = undefined;
}

/** Makes the future of a call. */
export type MakeFuture = (control: FutureControl) => Future<unknown>;

const plainFuture: MakeFuture = (control) => new Future(control);

/** One call. Its index is always 0. */
export class SingleWork implements Work, FutureControl {
  readonly terms: Terms;
  readonly future: Future<unknown>;
  readonly context: CallersContext | undefined;
  /** Its id: calls of their own have the order in which they came. */
  readonly order: number;
  readonly #owner: WorkOwner;
  #args: unknown[] | undefined;
  queued = false;
  waiting = 1;
  /** Where the call is, while it is in a window. */
  #place: Place | undefined = undefined;
  #seq = -1;
  /** Who began it. */
  #startedBy: WorkerIdentity | undefined = undefined;
  /** What few calls have: a million that wait have no place for it each. */
  #extras: Extras | undefined = undefined;

  /** @param makeFuture For an executor whose futures can do more. */
  constructor(
    owner: WorkOwner,
    terms: Terms,
    id: number,
    args: unknown[],
    trace?: string,
    key?: Key,
    makeFuture: MakeFuture = plainFuture,
  ) {
    this.#owner = owner;
    this.terms = terms;
    this.order = id;
    this.#args = args;
    if (trace !== undefined) this.#extra.trace = trace;
    if (key !== undefined) this.#extra.key = key;
    this.context = owner.keepsContext
      ? callersContext(terms.options.retries !== undefined)
      : undefined;
    this.future = makeFuture(this);
    const { observers } = owner;
    if (observers.any) {
      const at = observers.now();
      this.#extra.submittedAt = at;
      observers.submitted(this, 0, at);
    }
  }

  get chunkSize(): undefined {
    return undefined;
  }

  get trace(): string | undefined {
    return this.#extras?.trace;
  }

  get whole(): Work {
    return this;
  }

  get key(): Key | undefined {
    return this.#extras?.key;
  }

  get lane(): object | undefined {
    return this.#extras?.lane;
  }

  set lane(lane: object | undefined) {
    this.#extra.lane = lane;
  }

  // As Work: what the scheduler and a worker's handle do with it.

  take(): number {
    this.waiting = 0;
    return 0;
  }

  giveBack(): void {
    this.#place = undefined;
    if (this.#extras !== undefined) this.#extras.isPausing = false;
    if (!this.future.done()) this.waiting = 1;
  }

  id(): number {
    return this.order;
  }

  pushArgs(_index: number, list: unknown[]): number {
    const args = this.#args as unknown[];
    for (const arg of args) list.push(arg);
    return args.length;
  }

  pushCall(_index: number, list: unknown[]): number {
    const count = this.pushArgs(_index, list);
    if (this.terms.source.around === undefined) return count;
    const { trace, failures } = this.#extra;
    list.push(trace, failures);
    return count + 2;
  }

  listOf(): readonly unknown[] | undefined {
    return this.terms.source.around === undefined ? this.#args : undefined;
  }

  transfer(): Transferred[] | undefined {
    return this.terms.transferOf(() => this.#args as unknown[]);
  }

  sent(_index: number, place: Place, seq: number): void {
    this.#place = place;
    this.#seq = seq;
  }

  started(_index: number, worker: WorkerIdentity): void {
    if (!this.future.done()) this.#noteStart(worker);
  }

  progressed(_index: number, progress: Progress): void {
    if (this.future.done()) return;
    this.#extra.progress = progress;
    for (const listener of this.#extra.progressListeners ?? [])
      callListener(listener, progress, (error) => this.report(error));
    const { observers } = this.#owner;
    if (observers.any && !this.future.done()) observers.progressed(this, 0, progress);
  }

  isSettled(): boolean {
    return this.future.done();
  }

  succeed(_index: number, value: unknown): void {
    if (this.#extras?.verdict !== undefined) this.threw(0, undefined);
    else if (!this.future.done()) this.future.setResult(value);
  }

  fail(_index: number, error: unknown): void {
    if (!this.future.done()) this.future.setException(error);
  }

  threw(_index: number, thrown: unknown): void {
    const verdict = this.#extras?.verdict;
    const error = verdict === undefined ? thrown : verdict.error;
    if (!this.#owner.again(this, 0, error, false)) this.fail(0, error);
  }

  giveUp(_index: number, error: unknown): void {
    const { retries } = this.terms.options;
    const failures = this.failuresOf();
    const isFinal =
      !coversErrors(retries) || failures === undefined || failures >= retryLimit(retries);
    if (isFinal) this.fail(0, error);
    else this.#extra.verdict = { error };
  }

  verdictOf(): Verdict | undefined {
    return this.#extras?.verdict;
  }

  cancel(): void {
    this.future.cancel({ interrupt: true });
  }

  cancelWaiting(): void {
    // One that is to be run again is running for its user, but waits here.
    if (this.waiting > 0) this.future.cancel({ interrupt: true });
  }

  failWaiting(error: () => unknown): void {
    if (this.waiting > 0) this.fail(0, error());
  }

  failuresOf(): number | undefined {
    return this.future.done() ? undefined : (this.#extras?.failures ?? 0);
  }

  rest(_index: number, isAgain: boolean): void {
    const extra = this.#extra;
    this.#place = undefined;
    extra.isPausing = true;
    extra.verdict = undefined;
    if (!isAgain) return;
    extra.isAgain = true;
    extra.failures++;
  }

  // As FutureControl: what the future asks.

  get priority(): number {
    return this.#extras?.priority ?? this.terms.priority;
  }

  set priority(priority: number) {
    const before = this.priority;
    if (this.future.done() || priority === before) return;
    this.#extra.priority = priority;
    // What was sent ahead behind others comes back to the queue.
    const isAhead = this.waiting === 0 && !this.begun();
    const isBack = isAhead && this.#place?.takeBack(this.#seq) === true;
    if (isBack) this.giveBack();
    if (this.queued) this.#owner.moved(this, before);
    else if (isBack) this.#owner.enqueue(this);
  }

  withdraw(): boolean | undefined {
    if (this.waiting > 0) {
      this.waiting = 0;
      this.#owner.dropped();
      return true;
    }
    return this.#place === undefined ? true : this.#place.takeBack(this.#seq);
  }

  begun(): boolean {
    // Run again after a lost worker, the future has been running all the while.
    if (this.#startedBy !== undefined) return true;
    const place = this.#place;
    if (place?.hasBegun(this.#seq) !== true) return false;
    // The future is running from here on; observers are told in a turn of their own.
    queueMicrotask(() => this.started(0, place.identity));
    return true;
  }

  interrupt(reason: CancelledError | TimeoutError): void {
    this.#place?.end(this.#seq, reason);
  }

  settled(outcome: Outcome): void {
    if (this.waiting > 0) this.withdraw();
    if (this.#extras !== undefined) this.#letGo(this.#extras);
    // Invariant 8: nothing here may keep what the task was given, once it is done.
    this.#args = undefined;
    const place = this.#place;
    this.#place = undefined;
    if (outcome === "failed" && !wasLookedAt(this.future)) this.#owner.unobserved.add(this);
    if (this.#owner.observers.any) this.#tellSettled(outcome, place);
    this.#owner.settled(outcome);
  }

  looked(): void {
    this.#owner.unobserved.delete(this);
  }

  report(error: unknown): void {
    this.#owner.report(error, { kind: "callback", future: this.future });
  }

  call(): AwaitedCall {
    return { of: this.#owner.engine, id: this.id(), task: this.terms.name };
  }

  details(): FutureDetails | undefined {
    if (this.#extras === undefined && this.#startedBy === undefined) return undefined;
    const { submittedAt, startedAt, finishedAt, progress } = this.#extras ?? {};
    return {
      ...(submittedAt === undefined ? {} : { submittedAt }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
      ...(progress === undefined ? {} : { progress }),
      ...(this.#startedBy === undefined ? {} : { worker: this.#startedBy }),
    };
  }

  watchProgress(listener: (progress: Progress) => void): Disposable {
    this.#extra.progressListeners ??= new Set();
    const listeners = this.#extra.progressListeners;
    // A listener of its own each time: the same function may listen twice.
    const own = (progress: Progress) => listener(progress);
    listeners.add(own);
    return { [Symbol.dispose]: () => void listeners.delete(own) };
  }

  // As Unobserved: a failure nobody has looked at.

  get task(): string {
    return this.terms.name;
  }

  unobservedErrors(): Iterable<unknown> {
    return [this.future.snapshot().error];
  }

  /** Has the task's signal cancel the future; one that has aborted already makes it born cancelled. */
  follow(signal: AbortSignal): void {
    this.#extra.stopListening = whenAborted(signal, (reason) =>
      this.future.cancel({ interrupt: true, reason }),
    );
  }

  /** Has it fail if it has not begun after so many milliseconds. */
  expireAfter(ttl: number): void {
    this.#extra.alarm = this.#owner.alarms.set(ttl, () => this.#expire(ttl));
  }

  /** Whether its code runs, as far as is known here. */
  protected get isAtWork(): boolean {
    return this.#place?.hasBegun(this.#seq) === true;
  }

  /** What few calls have, made now. */
  get #extra(): Extras {
    this.#extras ??= new Extras();
    return this.#extras;
  }

  /** It is settled: nothing that was to happen to it may keep it. */
  #letGo(extras: Extras): void {
    extras.stopListening?.();
    extras.stopListening = undefined;
    extras.verdict = undefined;
    if (extras.alarm !== undefined) this.#owner.alarms.clear(extras.alarm);
    if (extras.isPausing) this.#owner.takeBack(this);
  }

  #expire(ttl: number): void {
    if (this.future.done() || this.begun() || this.withdraw() !== true) return;
    this.#place = undefined;
    this.fail(0, queueTimeout(this.terms.name, ttl));
  }

  #tellSettled(outcome: Outcome, place: Place | undefined): void {
    // A call too short to be seen running is started now: observers get every event, in order.
    if (outcome !== "cancelled" && place !== undefined) this.#noteStart(place.identity);
    const { observers } = this.#owner;
    const at = observers.now();
    const extra = this.#extra;
    extra.finishedAt = at;
    if (extra.startedAt !== undefined) observers.ran(at - extra.startedAt);
    const error = outcome === "finished" ? undefined : this.future.snapshot().error;
    observers.settled(this, 0, outcome, at, this.#startedBy, error);
  }

  #noteStart(worker: WorkerIdentity): void {
    const isAgain = this.#extras?.isAgain === true;
    if (this.#startedBy === worker && !isAgain) return;
    this.#startedBy = worker;
    if (isAgain) this.#extra.isAgain = false;
    const { observers } = this.#owner;
    if (!observers.any) return;
    const at = observers.now();
    const extra = this.#extra;
    if (extra.startedAt === undefined && extra.submittedAt !== undefined)
      observers.waited(at - extra.submittedAt);
    extra.startedAt = at;
    observers.started(this, 0, worker, at);
  }
}

/** What a call fails with that has not begun in time. */
export function queueTimeout(task: string, ttl: number): QueueTimeoutError {
  return new QueueTimeoutError(`Cannot start task "${task}": it waited longer than ${ttl} ms`);
}
