// The work behind one submit: a task, its arguments, its future.

import { CallersContext } from "../async_context.ts";
import { callListener } from "../call_listener.ts";
import type { CancelledError } from "../errors.ts";
import {
  Future,
  type FutureControl,
  type FutureDetails,
  type Outcome,
  wasLookedAt,
} from "../future.ts";
import { retryPause } from "../retry.ts";
import type { Transferred } from "../task.ts";
import { whenAborted } from "../time/when_aborted.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";
import type { Place, Terms, Work } from "./work.ts";
import type { WorkOwner } from "./work_owner.ts";

/** What few calls have. Times and progress are recorded only while someone observes, or the task itself reports. */
class Rare {
  submittedAt: number | undefined = undefined;
  startedAt: number | undefined = undefined;
  finishedAt: number | undefined = undefined;
  progress: Progress | undefined = undefined;
  progressListeners: Set<(progress: Progress) => void> | undefined = undefined;
  /** Lets go of the task's signal. */
  stopListening: (() => void) | undefined = undefined;
  /** How many workers it was lost with. */
  losses = 0;
}

/** One call. Its index is always 0. */
export class SingleWork implements Work, FutureControl {
  readonly terms: Terms;
  readonly future: Future<unknown>;
  readonly context: CallersContext | undefined;
  readonly #owner: WorkOwner;
  readonly #id: number;
  #args: unknown[] | undefined;
  queued = false;
  waiting = 1;
  /** Where the call is, while it is in a window. */
  #place: Place | undefined = undefined;
  #seq = -1;
  /** Who began it. */
  #startedBy: WorkerIdentity | undefined = undefined;
  /** What few calls have: a million that wait have no place for it each. */
  #rare: Rare | undefined = undefined;

  constructor(owner: WorkOwner, terms: Terms, id: number, args: unknown[]) {
    this.#owner = owner;
    this.terms = terms;
    this.#id = id;
    this.#args = args;
    this.context = owner.keepsContext
      ? new CallersContext(terms.options.retries !== undefined)
      : undefined;
    this.future = new Future<unknown>(this);
    if (owner.observed) {
      const at = this.#owner.clock.now();
      this.#rarely.submittedAt = at;
      owner.emit({ type: "submitted", id, task: this.terms.name, future: this.future, at });
    }
  }

  get order(): number {
    return this.#id;
  }

  get chunkSize(): undefined {
    return undefined;
  }

  // As Work: what the scheduler and a worker's handle do with it.

  take(): number {
    this.waiting = 0;
    return 0;
  }

  giveBack(): void {
    this.#place = undefined;
    if (!this.future.done()) this.waiting = 1;
  }

  id(): number {
    return this.#id;
  }

  pushArgs(_index: number, list: unknown[]): number {
    const args = this.#args as unknown[];
    for (const arg of args) list.push(arg);
    return args.length;
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
    this.#rarely.progress = progress;
    for (const listener of this.#rarely.progressListeners ?? [])
      callListener(listener, progress, (error) => this.report(error));
    if (!this.#owner.observed || this.future.done()) return;
    this.#owner.emit({
      type: "progress",
      id: this.#id,
      task: this.terms.name,
      future: this.future,
      progress,
      at: this.#owner.clock.now(),
    });
  }

  isSettled(): boolean {
    return this.future.done();
  }

  succeed(_index: number, value: unknown): void {
    if (!this.future.done()) this.future.setResult(value);
  }

  fail(_index: number, error: unknown): void {
    if (!this.future.done()) this.future.setException(error);
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

  retry(): number | undefined {
    this.#place = undefined;
    return retryPause(this.terms.options.retries, this.#rarely.losses++);
  }

  // As FutureControl: what the future asks.

  withdraw(): boolean {
    if (this.waiting > 0) {
      this.waiting = 0;
      this.#owner.dropped();
      return true;
    }
    return this.#place?.takeBack(this.#seq) ?? true;
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

  interrupt(reason: CancelledError): void {
    this.#place?.end(this.#seq, reason);
  }

  settled(outcome: Outcome): void {
    if (this.waiting > 0) this.withdraw();
    if (this.#rare !== undefined) {
      this.#rare.stopListening?.();
      this.#rare.stopListening = undefined;
    }
    // Invariant 8: nothing here may keep what the task was given, once it is done.
    this.#args = undefined;
    const place = this.#place;
    this.#place = undefined;
    if (outcome === "failed" && !wasLookedAt(this.future)) this.#owner.unobserved.add(this);
    if (this.#owner.observed) this.#emitSettled(outcome, place);
    this.#owner.settled(outcome);
  }

  looked(): void {
    this.#owner.unobserved.delete(this);
  }

  report(error: unknown): void {
    this.#owner.report(error, { kind: "callback", future: this.future });
  }

  details(): FutureDetails | undefined {
    if (this.#rare === undefined && this.#startedBy === undefined) return undefined;
    const { submittedAt, startedAt, finishedAt, progress } = this.#rare ?? {};
    return {
      ...(submittedAt === undefined ? {} : { submittedAt }),
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(finishedAt === undefined ? {} : { finishedAt }),
      ...(progress === undefined ? {} : { progress }),
      ...(this.#startedBy === undefined ? {} : { worker: this.#startedBy }),
    };
  }

  watchProgress(listener: (progress: Progress) => void): Disposable {
    this.#rarely.progressListeners ??= new Set();
    const listeners = this.#rarely.progressListeners;
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
    this.#rarely.stopListening = whenAborted(signal, (reason) =>
      this.future.cancel({ interrupt: true, reason }),
    );
  }

  /** What few calls have, made now. */
  get #rarely(): Rare {
    this.#rare ??= new Rare();
    return this.#rare;
  }

  #emitSettled(outcome: Outcome, place: Place | undefined): void {
    // A call too short to be seen running is started now: observers get every event, in order.
    if (outcome !== "cancelled" && place !== undefined) this.#noteStart(place.identity);
    const at = this.#owner.clock.now();
    this.#rarely.finishedAt = at;
    const task = this.terms.name;
    const { future } = this;
    const startedBy = this.#startedBy;
    // Written out for what happens most: spreading costs more than the rest.
    if (outcome === "finished" && startedBy !== undefined) {
      const id = this.#id;
      this.#owner.emit({ type: "settled", id, task, future, outcome, worker: startedBy, at });
      return;
    }
    this.#owner.emit({
      type: "settled",
      id: this.#id,
      task,
      future,
      outcome,
      ...(outcome === "finished" ? {} : { error: future.snapshot().error }),
      ...(startedBy === undefined ? {} : { worker: startedBy }),
      at,
    });
  }

  #noteStart(worker: WorkerIdentity): void {
    if (this.#startedBy === worker) return;
    this.#startedBy = worker;
    if (!this.#owner.observed) return;
    const at = this.#owner.clock.now();
    this.#rarely.startedAt = at;
    this.#owner.emit({
      type: "started",
      id: this.#id,
      task: this.terms.name,
      future: this.future,
      worker,
      at,
    });
  }
}
