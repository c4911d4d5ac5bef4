// The scheduler: the one queue, and the rule that empties it.
//
//        submit, map                    flush (end of tick, or a worker has room)
//   user ──────────▶ [ TaskQueue ] ──────────────▶ [ WorkerHandle: window ] ══ channel ══▶ [ serve: the worker's loop ]
//     ▲                   ▲                              │      │                                │
//     │                   └── not begun: taken back ◀────┤      │                                │ calls the task,
//     │                       (cancel, stall, death)     │      │ onGone: begun → WorkerLostError│ gathers outcomes
//     │                                                  │      ▼                                │
//     └────────────── settle: Future, MapResults ◀───────┴── settled ◀═══════ channel ═══════════┘
//
// A call is in one place: the queue, one window, or settled (invariant 1). How many calls go ahead into a window is the
// rule of sending_ahead.ts.
//
// | executor | becomes  | because                                             |
// |----------|----------|-----------------------------------------------------|
// | open     | draining | shutdown, terminateWorkers                          |
// | draining | closed   | nothing is unsettled and every worker is gone       |
// | any      | broken   | initializer threw, workers do not start, or one     |
// |          |          | died under `onWorkerDeath: "break"`                 |

import {
  BrokenExecutorError,
  CancelledError,
  InvalidStateError,
  QueueFullError,
  ShutdownError,
  type TimeoutError,
  UnsupportedRuntimeError,
  WorkerLostError,
} from "../errors.ts";
import type { TaskEvent } from "../events.ts";
import type { ErrorContext, ExecutorStats, ShutdownOptions } from "../executor.ts";
import type { Future, Outcome } from "../future.ts";
import { WorkerHandle, type WorkerLimits, type WorkerOwner } from "../handle/worker_handle.ts";
import type { Spawn, WorkerExit } from "../seam/channel.ts";
import type { WireInitializer } from "../seam/messages.ts";
import type { TaskSource } from "../task.ts";
import { contextSlot } from "../task_context.ts";
import { KeepAlive } from "../time/keep_alive.ts";
import { MAX_TIMER } from "../time/milliseconds.ts";
import { SingleWork } from "../work/single_work.ts";
import { type Call, type NamedTask, Profile, Terms, type Work } from "../work/work.ts";
import type { Source, Unobserved, WorkOwner } from "../work/work_owner.ts";
import type { WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import { ErrorReports } from "./error_reports.ts";
import { Observers } from "./observers.ts";
import { PausingCalls } from "./pausing_calls.ts";
import { SendingAhead } from "./sending_ahead.ts";
import { StartPace } from "./start_pace.ts";
import { TaskQueue } from "./task_queue.ts";
import { unobservedReports } from "./unobserved_reports.ts";
import { WaitInPlace } from "./wait_in_place.ts";

/** What an executor is made with; every value checked and filled in (pool_executor.ts). */
export interface SchedulerOptions extends WorkerLimits {
  readonly name: string;
  readonly maxWorkers: number;
  readonly maxQueue: number;
  readonly breakOnDeath: boolean;
  readonly startsOneByOne: boolean;
  readonly initializer: WireInitializer | undefined;
  readonly onError: ((error: unknown, about: ErrorContext) => void) | undefined;
}

/**
 * What a terminal or a supervisor sends to a program and its processes together. A worker that starts cannot let it pass
 * yet: its end says nothing of whether workers can be started.
 */
const GROUP_SIGNALS: ReadonlySet<string | undefined> = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/** Owns the queue and the workers of one executor. */
export class Scheduler implements WorkOwner, WorkerOwner {
  /** Failures to report when the executor closes. */
  readonly unobserved = new Set<Unobserved>();
  /** Maps that still take from their source. */
  readonly sources = new Set<Source>();
  readonly observers = new Observers((error) => this.report(error, { kind: "observer" }));
  readonly #spawn: Spawn;
  readonly #options: SchedulerOptions;
  readonly #queue = new TaskQueue();
  readonly #workers = new Set<WorkerHandle>();
  readonly #pausing = new PausingCalls();
  readonly #pace = new StartPace(() => this.#dispatch());
  readonly #ahead = new SendingAhead(this.#queue, this.#workers, this, () => this.#dispatch());
  readonly #waitInPlace = new WaitInPlace(this.#workers, this);
  readonly #profiles = new WeakMap<TaskSource, Profile>();
  readonly #terms = new WeakMap<NamedTask, Terms>();
  #lastTask: NamedTask | undefined = undefined;
  #lastTerms: Terms | undefined = undefined;
  readonly #reports: ErrorReports;
  readonly #keepAlive = new KeepAlive();
  readonly #counts: Record<Outcome, number> = { finished: 0, failed: 0, cancelled: 0 };
  #maxWorkers: number;
  #state: "open" | "draining" | "closed" | "broken" = "open";
  #cause: unknown = undefined;
  #unsettled = 0;
  /** Maps that have accepted a source they have not taken whole yet. */
  #untakenSources = 0;
  #nextTaskId = 0;
  #nextWorkerId = 0;
  #lost = 0;
  #abandoned = 0;
  /** The program waits for workers to end: see `rest`. */
  #isResting = false;
  #flushBooked = false;
  #dispatching = false;
  #room: PromiseWithResolvers<void> | undefined = undefined;
  #closed: PromiseWithResolvers<void> | undefined = undefined;

  constructor(spawn: Spawn, options: SchedulerOptions) {
    this.#spawn = spawn;
    this.#options = options;
    this.#maxWorkers = options.maxWorkers;
    if (options.startsOneByOne) this.#pace.strain();
    this.#reports = new ErrorReports(options.name, options.onError);
  }

  get keepsContext(): boolean {
    return this.#options.byReference;
  }

  get maxWorkers(): number {
    return this.#maxWorkers;
  }

  /** Calls submitted and not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  /** Whether one more call may wait. */
  get hasRoom(): boolean {
    return this.#unsettled < this.#options.maxQueue + this.#maxWorkers;
  }

  /** Resolves when there is room; also when there never will be, for then `submit` says why. */
  get ready(): Promise<void> {
    return this.#state === "open" ? this.room : Promise.resolve();
  }

  /** Resolves when there may be room: what a map waits for that goes on taking its source after `shutdown`. */
  get room(): Promise<void> {
    if (this.hasRoom || !this.alive) return Promise.resolve();
    this.#room ??= Promise.withResolvers<void>();
    return this.#room.promise;
  }

  submit(terms: Terms, args: unknown[]): Future<unknown> {
    this.assertOpen("submit task");
    if (!this.hasRoom) {
      throw new QueueFullError(
        `Cannot submit task: ${this.#options.maxQueue} tasks wait already; await executor.ready`,
      );
    }
    this.admit();
    const work = new SingleWork(this, terms, this.nextId(), args);
    const { signal } = terms.options;
    // An observer may have cancelled it in the moment it was submitted.
    if (signal !== undefined && work.waiting > 0) work.follow(signal);
    if (work.waiting > 0) this.enqueue(work);
    return work.future;
  }

  /** Throws unless tasks are taken. */
  assertOpen(action: string): void {
    if (contextSlot.loading !== undefined) {
      throw new InvalidStateError(
        `Cannot ${action}: a worker is loading ${contextSlot.loading} for its tasks; guard what the script itself ` +
          "does by if (import.meta.main)",
      );
    }
    if (this.#state === "broken") {
      throw new BrokenExecutorError(`Cannot ${action}: executor is broken`, { cause: this.#cause });
    }
    if (this.#state !== "open") throw new ShutdownError(`Cannot ${action}: executor is shut down`);
  }

  /** Whether the executor still runs what it has. */
  get alive(): boolean {
    return this.#state !== "broken" && this.#state !== "closed";
  }

  /** Counts a call in. */
  admit(): void {
    this.#unsettled++;
    this.#keepAlive.hold();
  }

  /** A whole source was accepted: until all of it is taken there is work, and a shutdown waits for it. */
  acceptSource(): void {
    this.#untakenSources++;
    this.#keepAlive.hold();
  }

  /** All of an accepted source is taken. */
  sourceTaken(): void {
    this.#untakenSources--;
    this.#settle();
  }

  nextId(): number {
    return this.#nextTaskId++;
  }

  /** The terms of a task: the same object each time. */
  termsOf(task: NamedTask): Terms {
    // Nearly always the task is the one before.
    if (task === this.#lastTask) return this.#lastTerms as Terms;
    const terms = this.#findTerms(task);
    this.#lastTask = task;
    this.#lastTerms = terms;
    return terms;
  }

  #findTerms(task: NamedTask): Terms {
    const { source, options } = task;
    // A function that is no task is named anew each time, and nothing is sent ahead to it: there is nothing to find again.
    if (source.module === "") return new Terms(source, options, new Profile());
    let terms = this.#terms.get(task);
    if (terms === undefined) {
      terms = new Terms(source, options, this.#profileOf(source));
      this.#terms.set(task, terms);
    }
    return terms;
  }

  /** What is known of a task's duration; the same for every way of naming it. */
  #profileOf(source: TaskSource): Profile {
    let profile = this.#profiles.get(source);
    if (profile === undefined) {
      profile = new Profile();
      this.#profiles.set(source, profile);
    }
    return profile;
  }

  /** Puts a work into the queue, once, and books a flush for the end of this tick. */
  enqueue(work: Work): void {
    this.#queue.put(work);
    this.#bookFlush();
  }

  /** A work in the queue has no call waiting any more. */
  dropped(): void {
    this.#queue.dropped();
  }

  /** Takes back what workers have not begun of a work, and what pauses before it is run again. */
  takeBack(work: Work): Call[] {
    const inWindows = [...this.#workers].flatMap((worker) => worker.takeBackOf(work));
    return [...inWindows, ...this.#pausing.take(work)];
  }

  /** Ends what runs of a work, as if each call were interrupted. */
  end(work: Work, reason: CancelledError | TimeoutError): void {
    for (const worker of this.#workers) worker.endOf(work, reason);
  }

  /** A call settled, whatever the way. */
  settled(outcome: Outcome): void {
    this.#counts[outcome]++;
    if (outcome === "finished") this.#pace.hasServed();
    this.#unsettled--;
    if (this.#room !== undefined && this.hasRoom) this.#openRoom();
    if (this.#unsettled === 0) this.#settle();
  }

  observe(listener: (event: TaskEvent) => void): Disposable {
    return this.observers.add(listener);
  }

  report(error: unknown, about: ErrorContext): void {
    this.#reports.report(error, about);
  }

  stats(): ExecutorStats {
    const workers = [...this.#workers];
    const running = workers.filter((worker) => worker.running).length;
    const busy = workers.filter((worker) => worker.busy).length;
    return {
      queued: this.#unsettled - running,
      running,
      ...this.#counts,
      workers: workers.length,
      busy,
      lost: this.#lost,
      abandoned: this.#abandoned,
      utilisation: busy / this.#maxWorkers,
    };
  }

  workers(): WorkerStatus[] {
    return [...this.#workers].map((worker) => worker.status);
  }

  resize(maxWorkers: number): void {
    this.assertOpen("resize executor");
    this.#maxWorkers = maxWorkers;
    if (this.hasRoom) this.#openRoom();
    this.#bookFlush();
  }

  /** Ends a worker; false if there is none of that id. */
  terminateWorker(id: number): boolean {
    const worker = [...this.#workers].find(({ identity }) => identity.id === id);
    worker?.terminate();
    return worker !== undefined;
  }

  async shutdown({ wait = true, cancelFutures = false, timeout }: ShutdownOptions): Promise<void> {
    if (this.#state === "open") this.#state = "draining";
    this.#closed ??= Promise.withResolvers<void>();
    this.#openRoom();
    if (cancelFutures) this.#cancelWaiting();
    this.#settle();
    if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY) {
      const timer = setTimeout(() => void this.terminate(), Math.min(timeout, MAX_TIMER));
      void this.#closed.promise.then(() => clearTimeout(timer));
    }
    if (wait) await this.#closed.promise;
  }

  async terminate(): Promise<void> {
    const closed = this.shutdown({ wait: true });
    this.#cancelWaiting();
    for (const worker of this.#workers) worker.abortAll();
    await closed;
  }

  /** As `terminate`, where this event loop may never turn again: nobody will be there when a grace is over. */
  close(): void {
    void this.terminate();
    for (const worker of this.#workers) worker.endUnheard();
  }

  /** The program is about to end by itself: workers without a call are stopped first, which lets out what they have printed. */
  rest(): void {
    if (this.#unsettled > 0 || this.#untakenSources > 0 || this.#closed !== undefined) return;
    for (const worker of this.#workers) worker.stop();
    if (this.#workers.size === 0) return;
    this.#isResting = true;
    this.#keepAlive.hold();
  }

  // As WorkerOwner: what the handles report.

  onRoom(): void {
    this.#dispatch();
  }

  onTurn(): void {
    this.#waitInPlace.onTurn();
  }

  onFailed(handle: WorkerHandle, error: unknown): void {
    if (!this.alive) return;
    this.report(error, { kind: "worker", workerId: handle.identity.id });
    this.#break(`initializer failed in worker ${handle.identity.id}`, error);
  }

  onFault(handle: WorkerHandle, error: unknown, running?: string): void {
    const advice =
      `task "${running}" runs there; if it waits for what has failed it never ends, unless it has a timeout: ` +
      "task.with({ timeout })";
    this.report(error, {
      kind: "worker",
      workerId: handle.identity.id,
      ...(running === undefined ? {} : { advice }),
    });
  }

  onGone(handle: WorkerHandle, exit: WorkerExit, begun: Call[], waiting: Call[]): void {
    // 1. Out of the books: nothing is sent to it any more.
    this.#workers.delete(handle);
    if (exit.abandoned === true) this.#abandoned++;
    const worker = handle.identity;
    const { code: exitCode, signal } = exit;
    // 2. What it had not begun goes back to the front, in order: it runs elsewhere, once (invariant 3). So does what it
    // had begun, where the task may be tried again.
    const lost = begun.filter(({ work, index }) => !work.isSettled(index));
    const final: Call[] = [];
    const again: Call[] = [];
    for (const call of lost) {
      const pause = call.work.retry(call.index);
      if (pause === undefined) final.push(call);
      else if (pause === 0) again.push(call);
      else this.#pausing.add(call, pause, (rested) => this.#resume(rested));
    }
    this.#queue.giveBack([...again, ...waiting]);
    // Told only now: an observer that ends the executor must find every call in its place (invariant 1).
    this.observers.workerExited(worker, exit);
    // 3. The rest is lost with it.
    if (lost.length > 0) this.#lost++;
    for (const { work, index } of final) {
      work.terms.profile.distrust();
      const loss = { exitCode, signal, workerId: worker.id, taskName: work.terms.name };
      work.fail(
        index,
        new WorkerLostError(loss, exit.error === undefined ? undefined : { cause: exit.error }),
      );
    }
    // 4. One that was never of use counts against the executor; under the strict rule any death breaks it.
    const useful = handle.everReady && (handle.hasServed || begun.length > 0);
    if (!handle.everReady && GROUP_SIGNALS.has(signal)) this.#pace.interrupted();
    else if (!useful && !handle.expected)
      this.#startFailed(exit.error ?? describeExit(worker, exit));
    else if (this.#options.breakOnDeath && !handle.expected) {
      this.#break(`worker ${worker.id} died`, exit.error ?? describeExit(worker, exit));
    }
    // 5. Whoever waits for a worker gets another; whoever waits for the end learns of it.
    this.#dispatch();
    this.#settle();
  }

  #bookFlush(): void {
    if (this.#flushBooked) return;
    this.#flushBooked = true;
    // At the end of this tick: what is submitted together travels together.
    queueMicrotask(() => {
      this.#flushBooked = false;
      const waits = this.#waitInPlace.begin();
      this.#dispatch();
      if (waits) this.#waitInPlace.end();
    });
  }

  /** Invariant 4: a loop, never re-entered; callbacks that submit only add to the queue it empties. */
  #dispatch(): void {
    if (this.#dispatching || !this.alive) return;
    this.#dispatching = true;
    if (this.#workers.size > this.#maxWorkers) this.#shed();
    for (let work = this.#ahead.next(); work !== undefined; work = this.#ahead.next()) {
      // Nothing is sent while workers are too many: each is stopped as it finishes.
      const worker = this.#surplus > 0 ? undefined : this.#ahead.findWorker(work);
      if (worker?.busy !== false && this.#ahead.overtake(work)) continue;
      if (worker === undefined) break;
      const unsent = worker.send(this.#ahead.takeFor(worker));
      for (const { call, fault } of unsent.toReversed()) {
        // A worker that has ended, and nobody knew, or one that waits for a file: the call is not to blame.
        if (fault === undefined) this.#queue.giveBack([call]);
        else call.work.fail(call.index, fault.error);
      }
    }
    this.#dispatching = false;
    this.#spawnNeeded();
    this.#ahead.watch();
  }

  /** How many workers there are beyond `maxWorkers`, those not counted that are ending. */
  get #surplus(): number {
    if (this.#workers.size <= this.#maxWorkers) return 0;
    return [...this.#workers].filter((worker) => worker.serving).length - this.#maxWorkers;
  }

  /** Stops workers that are too many and have no call. The others are stopped as they finish: nothing more is sent. */
  #shed(): void {
    const free = [...this.#workers].filter((worker) => worker.serving && !worker.busy);
    const startingFirst = free.toSorted((a, b) => Number(b.starting) - Number(a.starting));
    for (const worker of startingFirst.slice(0, Math.max(0, this.#surplus))) worker.stop();
  }

  #spawnNeeded(): void {
    if (this.#pace.isPausing || this.#queue.front() === undefined) return;
    const workers = [...this.#workers];
    const inWindows = workers.reduce((sum, worker) => sum + worker.unsettled, 0);
    const starting = workers.filter((worker) => worker.starting).length;
    if (workers.length === this.#maxWorkers && starting === 0) this.#pace.allReady();
    const wanted = Math.min(
      this.#unsettled - inWindows - starting - this.#pausing.size,
      this.#maxWorkers - workers.length,
      this.#pace.limit(starting),
    );
    for (let count = 0; count < wanted && this.alive && !this.#pace.isPausing; count++)
      if (!this.#spawnOne()) return;
  }

  /** Starts a worker; false if the platform refuses. */
  #spawnOne(): boolean {
    const since = performance.now();
    const id = this.#nextWorkerId++;
    const identity = { id, name: `${this.#options.name}_${id}` };
    try {
      this.#workers.add(
        new WorkerHandle(
          (handlers, worker) => this.#spawn(handlers, worker, () => this.#wanted()),
          identity,
          this,
          this.#options,
          this.#options.initializer,
        ),
      );
    } catch (error) {
      this.#startFailed(error);
      return false;
    }
    this.#pace.started(performance.now() - since);
    this.observers.workerStarted(identity);
    return true;
  }

  /** The modules that a worker will load first. */
  #wanted(): Set<string> {
    const { initializer } = this.#options;
    const modules = this.#queue.modules();
    if (initializer !== undefined) modules.add(initializer.module);
    return modules;
  }

  /** A worker that does not start is tried again after a pause; if none starts, the executor is broken. */
  #startFailed(error: unknown): void {
    const workers = [...this.#workers];
    // Nothing changes by trying again.
    if (error instanceof UnsupportedRuntimeError)
      return this.#break(`workers cannot be started: ${error.message}`, error);
    // Many that are started together fail together, for one cause.
    if (workers.some((worker) => worker.starting)) this.#pace.strain();
    else if (!this.#pace.fail() && !workers.some((worker) => worker.ready))
      this.#break(`workers could not be started: ${describe(error)}`, error);
  }

  /** A call has paused long enough. */
  #resume(call: Call): void {
    this.#queue.giveBack([call]);
    this.#dispatch();
  }

  #cancelWaiting(): void {
    const reason = () => new CancelledError("Cannot get result: executor was shut down");
    this.#queue.giveBack(this.#pausing.take());
    for (const source of this.sources) source.stop(reason());
    for (const worker of this.#workers) {
      for (const { work, index } of worker.takeBackAll()) {
        work.giveBack(index);
        work.cancelWaiting();
      }
    }
    for (const work of this.#queue.drain()) work.cancelWaiting();
  }

  #break(what: string, cause: unknown): void {
    if (!this.alive) return;
    this.#state = "broken";
    this.#cause = cause;
    // One error each: a shared one would collect everybody's changes to it.
    const error = () => new BrokenExecutorError(`Cannot run task: ${what}`, { cause });
    this.#queue.giveBack(this.#pausing.take());
    for (const source of this.sources) source.stop(error());
    for (const work of this.#queue.drain()) work.failWaiting(error);
    for (const worker of this.#workers) worker.failAll(error);
    this.#openRoom();
    this.#settle();
  }

  #openRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  /** What is due when nothing is unsettled: let the program end, and close if that was asked for. */
  #settle(): void {
    if (this.#unsettled > 0 || this.#untakenSources > 0) return;
    if (this.#closed === undefined) {
      if (this.#isResting && [...this.#workers].some(({ serving }) => !serving)) return;
      this.#isResting = false;
      this.#keepAlive.release();
      return;
    }
    for (const worker of this.#workers) worker.stop();
    if (this.#workers.size > 0) {
      // Whoever awaits the shutdown must not see the program end under it.
      this.#keepAlive.hold();
      return;
    }
    this.#keepAlive.close();
    this.#ahead.stop();
    this.#pace.stop();
    if (this.#state === "draining") this.#state = "closed";
    const reports = unobservedReports(this.unobserved);
    this.unobserved.clear();
    for (const { error, about } of reports) this.report(error, about);
    this.#closed.resolve();
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeExit(worker: WorkerIdentity, exit: WorkerExit): Error {
  const how = exit.signal ?? (exit.code === undefined ? "unknown cause" : `exit code ${exit.code}`);
  return new BrokenExecutorError(`Worker ${worker.id} ended: ${how}`);
}
