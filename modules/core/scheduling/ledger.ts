// Ledger: the books of an executor, whatever engine runs its calls — what is submitted and not settled, whether more may be,
// who is told, and when all is over.
//
//            submit, map                    enqueue, takeBack, end
//   user ─────────────────▶ [ Ledger ] ════════════════════════════▶ [ Engine ]
//     ▲                         ▲  │                                     │
//     │                  admit, │  │ cancelWaiting, failAll, stop        │ takes calls of a work, makes them,
//     │                 settled │  ▼                                     │ and tells the work how they ended
//     └─ Future, MapResults ◀─ [ Work ] ◀────────────────────────────────┘
//
// | executor | becomes  | because                                                           |
// |----------|----------|-------------------------------------------------------------------|
// | open     | draining | shutdown, terminateWorkers                                        |
// | draining | closed   | nothing is unsettled, and the engine has ended all that it had    |
// | any      | broken   | the engine can run nothing any more: see what it passes to `break` |

import {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  QueueFullError,
  ShutdownError,
  type TimeoutError,
} from "../errors.ts";
import type { ErrorContext, ExecutorStats, ShutdownOptions } from "../executor.ts";
import { type Future, type Outcome, onceDone } from "../future.ts";
import type { CallKey } from "../key.ts";
import { neverBegun } from "../never_begun.ts";
import { contextSlot } from "../task_context.ts";
import { Alarms } from "../time/alarms.ts";
import { KeepAlive } from "../time/keep_alive.ts";
import { Timer } from "../time/timer.ts";
import { AddressedWork } from "../work/addressed_work.ts";
import { type Layers, layersOf } from "../work/layers.ts";
import { type SeatTaker, SeatWork } from "../work/seat_work.ts";
import { type MakeFuture, SingleWork } from "../work/single_work.ts";
import { StreamWork } from "../work/stream_work.ts";
import type { Call, Place, Terms, Work } from "../work/work.ts";
import type { Source, Unobserved, WorkOwner } from "../work/work_owner.ts";
import { ErrorReports } from "./error_reports.ts";
import { Observers } from "./observers.ts";
import { PausingCalls } from "./pausing_calls.ts";
import { argumentsOf } from "./task_queue.ts";
import { unobservedReports } from "./unobserved_reports.ts";

/** What runs the calls of an executor, as its ledger sees it. */
export interface Engine {
  /** Whether calls are made on the caller's own event loop, and so in the caller's async context. */
  readonly keepsContext: boolean;
  /** How many calls run at once: so many may be unsettled beside those that wait. */
  readonly maxWorkers: number;
  /** Takes a work that has calls waiting. */
  enqueue(work: Work): void;
  /** A work that waits there has another priority than `before`. */
  moved(work: Work, before: number): void;
  /** A work that was taken has no call waiting any more. */
  dropped(): void;
  /** Gets back what it has handed out of a work, and has not begun. */
  takeBack(work: Work): Call[];
  /** Ends what runs of a work: signals abort, and a worker that goes on is ended. The calls are settled by the caller. */
  end(work: Work, reason: CancelledError | TimeoutError): void;
  /** Hands out nothing while the ledger `isPaused`, and gets back what it can. */
  pause(): void;
  /** Goes on. */
  resume(): void;
  /** Cancels every call that has not begun. */
  cancelWaiting(): void;
  /** Cancels every other call, too, and ends what makes it. */
  cancelRunning(): void;
  /** Fails every call, and ends what makes those that run; `error` makes one error for each. */
  failAll(error: () => unknown): void;
  /**
   * Ends whatever has nothing to do: no call is unsettled. Tells by `settleUp` when it has ended.
   *
   * @param atOnce Without what it would do before.
   */
  stop(atOnce: boolean): void;
  /** Whether something is about to end, and has not yet. */
  readonly isEnding: boolean;
  /** All is over: lets go of its clocks. */
  close(): void;
  count(): Pick<ExecutorStats, "running" | "workers" | "busy" | "lost" | "abandoned">;
}

/** What the books of an executor are kept by; every value checked and filled in. */
export interface LedgerOptions {
  readonly name: string;
  readonly maxQueue: number;
  readonly onError: ((error: unknown, about: ErrorContext) => void) | undefined;
}

/** The books of one executor. */
export class Ledger implements WorkOwner {
  readonly unobserved: Set<Unobserved> = new Set();
  readonly sources: Set<Source> = new Set();
  readonly observers: Observers = new Observers((error) =>
    this.report(error, { kind: "observer" }),
  );
  readonly #engine: Engine;
  readonly #maxQueue: number;
  readonly #reports: ErrorReports;
  readonly #keepAlive = new KeepAlive();
  readonly alarms: Alarms = new Alarms();
  readonly #pausing = new PausingCalls(this.alarms, {
    due: ({ work, index }, next = () => this.#engine.enqueue(work)) => {
      work.giveBack(index);
      if (work.waiting > 0) next();
    },
    report: (error, { future }) =>
      this.report(error, { kind: "callback", ...(future === undefined ? {} : { future }) }),
  });
  /** Works of which calls pause by their own clock, and how many. */
  readonly #resting = new Map<Work, number>();
  #isPaused = false;
  readonly #counts: Record<Outcome, number> = { finished: 0, failed: 0, cancelled: 0 };
  #state: "open" | "draining" | "closed" | "broken" = "open";
  /** What broke it. */
  #cause: unknown = undefined;
  #unsettled = 0;
  /** Maps that have accepted a source they have not taken whole yet. */
  #untakenSources = 0;
  #nextTaskId = 0;
  /** Calls that the layers of their tasks have, and the engine has not. */
  readonly #held = new Set<SingleWork>();
  /** The program waits for what is about to end: see `rest`. */
  #isResting = false;
  #isTerminating = false;
  /** Somebody has asked for workers before the first call. */
  #isWarm = false;
  #room: PromiseWithResolvers<void> | undefined = undefined;
  #closed: PromiseWithResolvers<void> | undefined = undefined;

  constructor(engine: Engine, { name, maxQueue, onError }: LedgerOptions) {
    this.#engine = engine;
    this.#maxQueue = maxQueue;
    this.#reports = new ErrorReports(name, onError);
  }

  // For the executor: what its user asks.

  submit(
    terms: Terms,
    args: unknown[],
    trace?: string,
    key?: CallKey,
    makeFuture?: MakeFuture,
  ): Future<unknown> {
    this.assertRoom("submit task");
    return this.call(terms, args, trace, key, makeFuture);
  }

  /** The same for a call whose items are read while it runs. */
  stream(terms: Terms, args: unknown[], trace?: string, key?: CallKey): StreamWork {
    this.assertRoom("stream task");
    this.admit();
    const work = new StreamWork(this, terms, this.nextId(), args, trace, key?.key);
    this.#begin(work, terms, layersOf(terms), key);
    return work;
  }

  /** Submits a call that is for one worker only, whether there is room or not: no other's outcome does for it. */
  address(terms: Terms, args: unknown[], to: Place, trace?: string): Future<unknown> {
    this.admit();
    const work = new AddressedWork(this, terms, this.nextId(), args, to, trace);
    this.#begin(work, terms);
    return work.future;
  }

  /** Submits the call that makes an actor. */
  seat(terms: Terms, args: unknown[], taker: SeatTaker, trace?: string): Future<unknown> {
    this.assertRoom("make actor");
    this.admit();
    const work = new SeatWork(this, terms, this.nextId(), args, taker, trace);
    this.#begin(work, terms);
    return work.future;
  }

  assertRoom(action: string): void {
    this.assertOpen(action);
    if (this.hasRoom) return;
    throw new QueueFullError(
      `Cannot ${action}: ${this.#maxQueue} tasks wait already; await executor.ready`,
    );
  }

  #begin(work: SingleWork, terms: Terms, layers?: Layers, key?: CallKey): void {
    const { signal, delay, ttl } = terms.options;
    if (key?.fault !== undefined) work.fail(0, key.fault.error);
    // An observer may have cancelled it in the moment it was submitted.
    if (signal !== undefined && work.waiting > 0) work.follow(signal);
    if (work.waiting === 0) return;
    if (ttl !== undefined && ttl !== Number.POSITIVE_INFINITY) work.expireAfter(ttl);
    if (delay === undefined || delay === 0) this.#handOver(work, layers);
    else this.#pausing.delay(work, delay, () => this.#handOver(work, layers));
  }

  #handOver(work: SingleWork, layers: Layers | undefined): void {
    if (layers === undefined) this.#engine.enqueue(work);
    else this.#hold(work, layers);
  }

  /** Has a call pass the layers of its task. Until they let it go on, no engine knows of it. */
  #hold(work: SingleWork, layers: Layers): void {
    this.#held.add(work);
    onceDone(work.future, () => this.#held.delete(work));
    layers.enter(work, () => {
      if (this.#held.delete(work)) this.#engine.enqueue(work);
    });
  }

  assertOpen(action: string): void {
    if (contextSlot.loading !== undefined) {
      throw new InvalidStateError(
        `Cannot ${action}: a worker is loading ${contextSlot.loading} for its tasks; guard what the script itself ` +
          `does by if (${contextSlot.ownWorker === undefined ? "import.meta.main" : "!isWorker"})`,
      );
    }
    if (this.#state === "broken") {
      throw new BrokenExecutorError(`Cannot ${action}: executor is broken`, { cause: this.#cause });
    }
    if (this.#state !== "open") throw new ShutdownError(`Cannot ${action}: executor is shut down`);
  }

  /** Resolves when there is room; also when there never will be, for then `submit` says why. */
  get ready(): Promise<void> {
    return this.#state === "open" ? this.room : Promise.resolve();
  }

  stats(): ExecutorStats {
    const { running, workers, busy, lost, abandoned } = this.#engine.count();
    const { latency } = this.observers;
    return {
      queued: this.#unsettled - running,
      running,
      ...this.#counts,
      workers,
      busy,
      lost,
      abandoned,
      utilisation: busy / this.#engine.maxWorkers,
      ...(latency === undefined ? {} : { latency }),
    };
  }

  /** Whether nothing is handed out that has not begun. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  pause(): void {
    this.assertOpen("pause executor");
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#engine.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#engine.resume();
  }

  async shutdown({ wait = true, cancelFutures = false, timeout }: ShutdownOptions): Promise<void> {
    if (this.#state === "open") this.#state = "draining";
    this.#closed ??= Promise.withResolvers<void>();
    this.#openRoom();
    if (cancelFutures) this.#cancelWaiting();
    // What waits still runs; nobody could tell it to later.
    this.resume();
    this.settleUp();
    if (timeout !== undefined) {
      const timer = new Timer({ holds: true });
      timer.set(timeout, () => void this.terminate());
      void this.#closed.promise.then(() => timer.clear());
    }
    if (wait) await this.#closed.promise;
  }

  async terminate(): Promise<void> {
    this.#isTerminating = true;
    const closed = this.shutdown({ wait: true });
    this.#cancelWaiting();
    this.#engine.cancelRunning();
    await closed;
  }

  /** The program is about to end by itself: what has no call is ended first, and the program is held until it has. */
  rest(): void {
    if (this.#unsettled > 0 || this.#untakenSources > 0 || this.#closed !== undefined) return;
    this.#engine.stop(false);
    if (!this.#engine.isEnding) return;
    this.#isResting = true;
    this.#keepAlive.hold();
  }

  // For works.

  get keepsContext(): boolean {
    return this.#engine.keepsContext;
  }

  nextId(): number {
    return this.#nextTaskId++;
  }

  call(
    terms: Terms,
    args: unknown[],
    trace?: string,
    key?: CallKey,
    makeFuture?: MakeFuture,
  ): Future<unknown> {
    this.admit();
    const work = new SingleWork(this, terms, this.nextId(), args, trace, key?.key, makeFuture);
    this.#begin(work, terms, layersOf(terms), key);
    return work.future;
  }

  admit(): void {
    this.#unsettled++;
    this.#keepAlive.hold();
  }

  settled(outcome: Outcome): void {
    this.#counts[outcome]++;
    this.#unsettled--;
    if (this.#room !== undefined && this.hasRoom) this.#openRoom();
    if (this.#unsettled === 0) this.settleUp();
  }

  enqueue(work: Work): void {
    this.#engine.enqueue(work);
  }

  dropped(): void {
    this.#engine.dropped();
  }

  moved(work: Work, before: number): void {
    this.#engine.moved(work, before);
  }

  again(work: Work, index: number, error: unknown, isLost: boolean): boolean {
    return this.alive && this.#pausing.again(work, index, error, isLost);
  }

  /** Whether a call that is not due yet was given such an argument. */
  awaits(isIt: (argument: unknown) => boolean): boolean {
    for (const { work, index } of this.#pausing.calls())
      if (argumentsOf(work, index).some(isIt)) return true;
    for (const work of this.#held) if (argumentsOf(work, 0).some(isIt)) return true;
    return false;
  }

  get engine(): Engine {
    return this.#engine;
  }

  resting(work: Work, calls: number): void {
    if (calls === 0) this.#resting.delete(work);
    else this.#resting.set(work, calls);
  }

  takeBack(work: Work): Call[] {
    return [...this.#engine.takeBack(work), ...this.#pausing.take(work)];
  }

  recall(work: Work): Call[] {
    return this.#engine.takeBack(work);
  }

  end(work: Work, reason: CancelledError | TimeoutError): void {
    this.#engine.end(work, reason);
  }

  get hasRoom(): boolean {
    return this.#unsettled < this.#maxQueue + this.#engine.maxWorkers;
  }

  /** Resolves when there may be room: what a map waits for that goes on taking its source after `shutdown`. */
  get room(): Promise<void> {
    if (this.hasRoom || !this.alive) return Promise.resolve();
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  get alive(): boolean {
    return this.#state !== "broken" && this.#state !== "closed";
  }

  acceptSource(): void {
    this.#untakenSources++;
    this.#keepAlive.hold();
  }

  sourceTaken(): void {
    this.#untakenSources--;
    this.settleUp();
  }

  report(error: unknown, about: ErrorContext): void {
    this.#reports.report(error, about);
  }

  // For the engine.

  /** Workers are wanted before there is a call. */
  expect(): void {
    this.assertOpen("warm executor");
    this.#isWarm = true;
  }

  /** Whether calls have come, and more may: then it is worth while to have workers ready for them. */
  get isExpectant(): boolean {
    const isUsed = this.#isWarm || this.#nextTaskId > 0;
    return isUsed && this.#state === "open" && !this.#isResting;
  }

  /** Calls submitted and not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Those of them that an engine has: the others pause, or have layers to pass. */
  get handed(): number {
    let handed = this.#unsettled - this.#pausing.size - this.#held.size;
    for (const calls of this.#resting.values()) handed -= calls;
    return handed;
  }

  /** Calls that have succeeded. */
  get finished(): number {
    return this.#counts.finished;
  }

  /** More calls may run at once than before. */
  grown(): void {
    if (this.hasRoom) this.#openRoom();
  }

  /** Nothing can be run any more. */
  break(what: string, cause: unknown): void {
    if (!this.alive) return;
    this.#state = "broken";
    this.#cause = cause;
    // One error each: a shared one would collect everybody's changes to it.
    const error = () => new BrokenExecutorError(`Cannot run task: ${what}`, { cause });
    const unbegun = () => neverBegun(error());
    for (const source of this.sources) source.stop(unbegun());
    for (const work of this.#held) work.failWaiting(unbegun);
    for (const { work, index } of this.#pausing.take()) {
      work.giveBack(index);
      work.failWaiting(error);
    }
    for (const work of this.#resting.keys()) work.failWaiting(error);
    this.#engine.failAll(error);
    this.#openRoom();
    this.settleUp();
  }

  /**
   * Does what is due when nothing is unsettled: lets the program end, and closes if that was asked for. For the engine to
   * call when something of its own has ended.
   */
  settleUp(): void {
    if (this.#unsettled > 0 || this.#untakenSources > 0) return;
    if (this.#closed === undefined) {
      if (this.#isResting && this.#engine.isEnding) return;
      this.#isResting = false;
      this.#keepAlive.release();
      return;
    }
    this.#engine.stop(this.#isTerminating);
    if (this.#engine.isEnding) {
      // Whoever awaits the shutdown must not see the program end under it.
      this.#keepAlive.hold();
      return;
    }
    this.#keepAlive.close();
    this.#engine.close();
    this.alarms.stop();
    if (this.#state === "draining") this.#state = "closed";
    const reports = unobservedReports(this.unobserved);
    this.unobserved.clear();
    for (const { error, about } of reports) this.report(error, about);
    this.#closed.resolve();
  }

  #cancelWaiting(): void {
    const reason = () => new CancelledError("Cannot get result: executor was shut down");
    for (const source of this.sources) source.stop(reason());
    for (const work of this.#held) work.cancelWaiting();
    for (const { work, index } of this.#pausing.take()) {
      work.giveBack(index);
      work.cancelWaiting();
    }
    for (const work of this.#resting.keys()) work.cancelWaiting();
    this.#engine.cancelWaiting();
  }

  #openRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
