// The work behind one submit: a task, its arguments, its future.

import type { CancelledError } from "../errors.ts";
import type { Progress, WorkerIdentity } from "../events.ts";
import {
  Future,
  type FutureControl,
  type FutureDetails,
  type Outcome,
  wasLookedAt,
} from "../future.ts";
import type { WorkerHandle } from "../handle/worker_handle.ts";
import { retryPause } from "../retry.ts";
import type { Scheduler } from "../scheduling/scheduler.ts";
import type { Transferred } from "../task.ts";
import type { Terms, Work } from "./work.ts";

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
  readonly #scheduler: Scheduler;
  readonly #id: number;
  #args: unknown[] | undefined;
  queued = false;
  waiting = 1;
  /** Where the call is, while it is in a window. */
  #worker: WorkerHandle | undefined = undefined;
  #seq = -1;
  /** Who began it. */
  #startedBy: WorkerIdentity | undefined = undefined;
  /** What few calls have: a million that wait have no place for it each. */
  #rare: Rare | undefined = undefined;

  constructor(scheduler: Scheduler, terms: Terms, id: number, args: unknown[]) {
    this.#scheduler = scheduler;
    this.terms = terms;
    this.#id = id;
    this.#args = args;
    this.future = new Future<unknown>(this);
    if (scheduler.observed) {
      const at = this.#scheduler.clock.now();
      this.#rarely.submittedAt = at;
      scheduler.emit({ type: "submitted", id, task: this.terms.name, future: this.future, at });
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
    this.#worker = undefined;
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

  sent(_index: number, worker: WorkerHandle, seq: number): void {
    this.#worker = worker;
    this.#seq = seq;
  }

  started(_index: number, worker: WorkerIdentity): void {
    if (!this.future.done()) this.#noteStart(worker);
  }

  progressed(_index: number, progress: Progress): void {
    if (this.future.done()) return;
    this.#rarely.progress = progress;
    for (const listener of this.#rarely.progressListeners ?? []) {
      try {
        listener(progress);
      } catch (error) {
        this.report(error);
      }
    }
    if (!this.#scheduler.observed || this.future.done()) return;
    this.#scheduler.emit({
      type: "progress",
      id: this.#id,
      task: this.terms.name,
      future: this.future,
      progress,
      at: this.#scheduler.clock.now(),
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
    this.#worker = undefined;
    return retryPause(this.terms.options.retries, this.#rarely.losses++);
  }

  // As FutureControl: what the future asks.

  withdraw(): boolean {
    if (this.waiting > 0) {
      this.waiting = 0;
      this.#scheduler.dropped();
      return true;
    }
    return this.#worker?.takeBack(this.#seq) ?? true;
  }

  begun(): boolean {
    // Run again after a lost worker, the future has been running all the while.
    if (this.#startedBy !== undefined) return true;
    const worker = this.#worker;
    if (worker?.hasBegun(this.#seq) !== true) return false;
    // The future is running from here on; observers are told in a turn of their own.
    queueMicrotask(() => this.started(0, worker.identity));
    return true;
  }

  interrupt(reason: CancelledError): void {
    this.#worker?.end(this.#seq, reason);
  }

  settled(outcome: Outcome): void {
    if (this.waiting > 0) this.withdraw();
    if (this.#rare !== undefined) {
      this.#rare.stopListening?.();
      this.#rare.stopListening = undefined;
    }
    // Invariant 8: nothing here may keep what the task was given, once it is done.
    this.#args = undefined;
    const worker = this.#worker;
    this.#worker = undefined;
    if (outcome === "failed" && !wasLookedAt(this.future)) this.#scheduler.unobserved.add(this);
    if (this.#scheduler.observed) this.#emitSettled(outcome, worker);
    this.#scheduler.settled(outcome);
  }

  looked(): void {
    this.#scheduler.unobserved.delete(this);
  }

  report(error: unknown): void {
    this.#scheduler.report(error, { kind: "callback", future: this.future });
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
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  }

  /** Reports a failure nobody looked at. */
  reportUnobserved(): void {
    this.#scheduler.report(this.future.snapshot().error, {
      kind: "unobserved",
      future: this.future,
    });
  }

  /** Has the task's signal cancel the future; one that has aborted already makes it born cancelled. */
  follow(signal: AbortSignal): void {
    const onAbort = () => this.future.cancel({ interrupt: true, reason: signal.reason });
    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener("abort", onAbort, { once: true });
    this.#rarely.stopListening = () => signal.removeEventListener("abort", onAbort);
  }

  /** What few calls have, made now. */
  get #rarely(): Rare {
    this.#rare ??= new Rare();
    return this.#rare;
  }

  #emitSettled(outcome: Outcome, worker: WorkerHandle | undefined): void {
    // A call too short to be seen running is started now: observers get every event, in order.
    if (outcome !== "cancelled" && worker !== undefined) this.#noteStart(worker.identity);
    const at = this.#scheduler.clock.now();
    this.#rarely.finishedAt = at;
    const task = this.terms.name;
    const { future } = this;
    const startedBy = this.#startedBy;
    // Written out for what happens most: spreading costs more than the rest.
    if (outcome === "finished" && startedBy !== undefined) {
      const id = this.#id;
      this.#scheduler.emit({ type: "settled", id, task, future, outcome, worker: startedBy, at });
      return;
    }
    this.#scheduler.emit({
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
    if (!this.#scheduler.observed) return;
    const at = this.#scheduler.clock.now();
    this.#rarely.startedAt = at;
    this.#scheduler.emit({
      type: "started",
      id: this.#id,
      task: this.terms.name,
      future: this.future,
      worker,
      at,
    });
  }
}
