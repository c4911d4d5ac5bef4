// The scheduler: the one queue, and the loop that empties it — the engine of every executor that has workers.
//
//        submit, map                    flush (end of tick, or a worker has room)
//   user ──────────▶ [ TaskQueue ] ──────────────▶ [ WorkerHandle: window ] ══ channel ══▶ [ serve: the worker's loop ]
//     ▲                   ▲                              │      │                                │
//     │                   └── not begun: taken back ◀────┤      │                                │ calls the task,
//     │                       (cancel, stall, death)     │      │ onGone: begun → WorkerLostError│ gathers outcomes
//     │                                                  │      ▼                                │
//     └────────────── settle: Future, MapResults ◀───────┴── settled ◀═══════ channel ═══════════┘
//
// A call is in one place: the queue, one window, pausing, or settled (invariant 1). How many calls go ahead into a window is
// the rule of sending_ahead.ts, workers live in crew.ts, and the books are kept in ledger.ts.

import type { ActorSeat } from "../actor.ts";
import type { Crowd } from "../call_links.ts";
import type { CancelledError, TimeoutError } from "../errors.ts";
import type { ConsoleLevel, Hold } from "../events.ts";
import type { ExecutorStats } from "../executor.ts";
import type { Future } from "../future.ts";
import type { CrewMember, Unsent, WorkerOwner } from "../handle/crew_member.ts";
import type { Rhythm } from "../limits.ts";
import { neverBegun } from "../never_begun.ts";
import type { WorkerExit } from "../seam/channel.ts";
import { addresseeOf } from "../work/addressed_work.ts";
import type { Call, CallList, NamedTask, Terms, Work } from "../work/work.ts";
import type { WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import { Affinities } from "./affinities.ts";
import { Crew, type CrewOptions } from "./crew.ts";
import { KeyedQueue } from "./keyed_queue.ts";
import { type Engine, Ledger, type LedgerOptions } from "./ledger.ts";
import type { Observers } from "./observers.ts";
import { Rate } from "./rate.ts";
import { RememberedCalls } from "./remembered_calls.ts";
import { assertPlaces, type SeatCaller, Seats } from "./seats.ts";
import { Slots } from "./slots.ts";
import { TaskQueue, type WorkQueue } from "./task_queue.ts";
import { lossOf, Trays } from "./trays.ts";
import type { WaitInPlace } from "./wait_in_place.ts";
import { Warming } from "./warming.ts";
import type { Assignment, Workforce } from "./workforce.ts";

/** What an executor is made with; every value checked and filled in (pool_executor.ts). */
export interface SchedulerOptions extends LedgerOptions, CrewOptions {
  /** How many calls of a key run at once; undefined is any number of them. */
  readonly maxPerKey?: number | undefined;
  readonly rate?: Rhythm | undefined;
}

/** Owns the queue and the workers of one executor. */
export class Scheduler implements Engine, WorkerOwner {
  readonly ledger: Ledger;
  readonly keepsContext: boolean;
  readonly #queue: WorkQueue;
  readonly #isKeyed: boolean;
  readonly #rate: Rate | undefined;
  readonly #crew: Crew;
  readonly #ahead: Assignment;
  /** Who waits for whom. */
  readonly slots: Slots;
  readonly #waitInPlace: WaitInPlace | undefined;
  /** Made for the first call that is for one worker. */
  #trays: Trays | undefined = undefined;
  /** Made for the first actor. */
  #seats: Seats | undefined = undefined;
  /** What was broadcast for later workers, too. */
  #remembered: RememberedCalls | undefined = undefined;
  readonly #warmings = new Set<Warming>();
  /** Whether there may be something to do when nothing waits in the queue. */
  #hasOwnReasons: boolean;
  #flushBooked = false;
  #dispatching = false;

  constructor(workforce: Workforce, options: SchedulerOptions) {
    this.keepsContext = options.byReference;
    this.#hasOwnReasons = options.minWorkers > 0;
    this.ledger = new Ledger(this, options);
    const { maxPerKey, rate } = options;
    this.#queue =
      maxPerKey === undefined
        ? new TaskQueue()
        : new KeyedQueue(maxPerKey, () => this.#bookFlush());
    this.#isKeyed = maxPerKey !== undefined;
    this.#rate = rate === undefined ? undefined : new Rate(rate);
    this.#crew = new Crew(workforce, options, this, this.ledger, this.#queue);
    this.slots = new Slots(this.#queue, this.#crew, this.ledger, () => this.#bookFlush());
    // Where calls are to begin when they are handed out, for a rate, nothing is sent ahead.
    const isAhead = rate === undefined;
    this.#ahead = workforce.assign(this.#queue, this.#crew, this.ledger, isAhead, () =>
      this.#dispatch(),
    );
    this.#waitInPlace = workforce.waitInPlace?.(this.ledger);
  }

  // For the executor.

  get maxWorkers(): number {
    return this.#crew.maxWorkers;
  }

  resize(maxWorkers: number): void {
    this.ledger.assertOpen("resize executor");
    assertPlaces("resize executor", this.#trays?.reserved ?? 0, maxWorkers);
    this.#crew.resize(maxWorkers);
    this.ledger.grown();
    this.#bookFlush();
  }

  workers(): WorkerStatus[] {
    return this.#crew.status();
  }

  /**
   * Submits a call to each worker there is; remembered ones to those that will be, too.
   *
   * @param trace What goes with the calls, where somebody follows them.
   * @param later What later workers are given.
   */
  broadcast(
    terms: Terms,
    args: unknown[],
    trace: string | undefined,
    later: Terms,
  ): Future<unknown>[] {
    this.ledger.assertRoom("broadcast task");
    const workers = [...this.#crew.workers].filter((worker) => worker.serving);
    if (terms.options.remember === true) {
      this.#remembered ??= this.#rememberCalls();
      this.#remembered.add(later, args);
    }
    return workers.map((worker) => this.#address(worker, terms, args, trace));
  }

  /** Submits the call that makes an actor, which is called through what this returns once it has been made. */
  seat(making: NamedTask, args: unknown[], submit: SeatCaller): Promise<ActorSeat> {
    this.#seats ??= new Seats(
      this.ledger,
      this.#withTrays(),
      (...call) => this.#address(...call),
      () => this.#bookFlush(),
    );
    return this.#seats.seat(making, args, submit, this.maxWorkers);
  }

  /** Has so many workers started, and ready for a task if one is named. */
  warm(count: number, terms: Terms | undefined): Promise<void> {
    this.ledger.expect();
    const warming = new Warming(
      this.ledger,
      count,
      (worker) => terms && this.#address(worker, terms, []),
    );
    this.#warmings.add(warming);
    this.#hasOwnReasons = true;
    this.#bookFlush();
    return warming.done;
  }

  /** Ends a worker; false if there is none of that id. */
  terminateWorker(id: number): boolean {
    return this.#crew.terminate(id);
  }

  /** Terminates all where this event loop may never turn again: nobody will be there when a grace is over. */
  closeUnheard(): void {
    // It is no shutdown that anybody asked for: nobody is told of what nobody has looked at.
    this.ledger.unobserved.clear();
    void this.ledger.terminate();
    for (const worker of this.#crew.workers) worker.endUnheard();
  }

  // As Engine: what the ledger asks.

  enqueue(work: Work): void {
    this.#queue.put(work);
    this.#bookFlush();
  }

  moved(work: Work, before: number): void {
    if (this.#trays?.moved(work, before) !== true) this.#queue.moved(work, before);
    this.#bookFlush();
  }

  dropped(): void {
    this.#queue.dropped();
    this.#trays?.dropped();
  }

  takeBack(work: Work): Call[] {
    return [...this.#crew.workers].flatMap((worker) => worker.takeBackOf(work));
  }

  pause(): void {
    for (const worker of this.#crew.workers) this.#queue.giveBack(worker.takeBackAll());
  }

  resume(): void {
    this.#bookFlush();
  }

  end(work: Work, reason: CancelledError | TimeoutError): void {
    for (const worker of this.#crew.workers) worker.endOf(work, reason);
  }

  cancelWaiting(): void {
    for (const worker of this.#crew.workers) {
      for (const { work, index } of worker.takeBackAll()) {
        work.giveBack(index);
        work.cancelWaiting();
      }
    }
    for (const work of this.#drain()) work.cancelWaiting();
  }

  cancelRunning(): void {
    for (const worker of this.#crew.workers)
      worker.endAll("executor was terminated", (work, index) => work.cancel(index));
  }

  failAll(error: () => unknown): void {
    for (const work of this.#drain()) work.failWaiting(() => neverBegun(error()));
    for (const worker of this.#crew.workers)
      worker.endAll("executor is broken", (work, index) => work.fail(index, error()));
  }

  stop(atOnce: boolean): void {
    for (const worker of this.#crew.workers) worker.stop(atOnce);
    this.#crew.unprepare();
  }

  close(): void {
    this.#ahead.stop();
    this.#rate?.stop();
    this.#crew.close();
  }

  get isEnding(): boolean {
    return this.#crew.isEnding;
  }

  count(): Pick<ExecutorStats, "running" | "workers" | "busy" | "lost" | "abandoned"> {
    return this.#crew.count();
  }

  // As WorkerOwner: what the handles report.

  get observers(): Observers {
    return this.ledger.observers;
  }

  onRoom(): void {
    // Whoever awaits each call before the next has nothing that waits, neither here nor behind another call.
    const { unsettled } = this.ledger;
    const isDue = unsettled > 1 || (unsettled === 1 && this.#queue.front() !== undefined);
    if (isDue || this.slots.isWatched || this.#crew.surplus > 0 || this.#hasOwnReasons)
      this.#dispatch();
  }

  onTurn(): void {
    this.#waitInPlace?.onTurn();
  }

  onPlace(): void {
    this.#crew.placeFreed();
    this.onRoom();
  }

  onFailed({ id }: WorkerIdentity, error: unknown): void {
    if (!this.ledger.alive) return;
    this.ledger.report(error, { kind: "worker", workerId: id });
    this.ledger.break(`initializer failed in worker ${id}`, error);
  }

  onFault({ id }: WorkerIdentity, error: unknown, running?: string): void {
    const advice =
      `task "${running}" runs there; if it waits for what has failed it never ends, unless it has a timeout: ` +
      "task.with({ timeout })";
    this.ledger.report(error, {
      kind: "worker",
      workerId: id,
      ...(running === undefined ? {} : { advice }),
    });
  }

  onLeft({ id }: WorkerIdentity, error: unknown, task: string): void {
    this.ledger.report(error, { kind: "lease", workerId: id, task });
  }

  onPrinted(
    worker: WorkerIdentity,
    call: Call | undefined,
    level: ConsoleLevel,
    text: string,
  ): void {
    this.observers.printed(worker, call, level, text);
  }

  get isObserved(): boolean {
    return this.observers.any;
  }

  onHold(work: Work, index: number, worker: WorkerIdentity, hold: Hold): void {
    this.observers.held(work, index, worker, hold);
  }

  get crowd(): Crowd {
    return this.slots;
  }

  // As Runner.

  awaitsCall(id: number, future: object, whenDone: (listener: () => void) => void): void {
    this.slots.awaitsCall(id, future, whenDone);
  }

  mayRetire(): boolean {
    return this.#crew.mayRetire();
  }

  onGone(handle: CrewMember, exit: WorkerExit, begun: Call[], waiting: Call[]): void {
    // 1. Out of the books: nothing is sent to it any more.
    this.#crew.leave(handle, exit);
    // 2. What it had not begun goes back to the front, in order: it runs elsewhere, once (invariant 3). What it had begun
    // pauses where it is to be tried again.
    const isOwn = ({ work }: Call) => addresseeOf(work) === handle;
    this.#queue.giveBack(waiting.filter((call) => !isOwn(call)));
    const final: Failed[] = [];
    let isLoss = false;
    for (const { work, index } of begun) {
      if (work.isSettled(index)) continue;
      const verdict = work.verdictOf(index);
      const error = verdict === undefined ? lossOf(work, handle.identity, exit) : verdict.error;
      isLoss ||= verdict === undefined;
      const isLost = verdict === undefined;
      if (!this.ledger.again(work, index, error, isLost))
        final.push({ work, index, error, isLost });
    }
    // What is for this worker alone has nobody else to wait for.
    const left = this.#trays?.leave(handle) ?? [];
    const own = [...waiting, ...left].filter(isOwn);
    this.#queue.giveBack(left.filter((call) => !isOwn(call)));
    // Told only now: an observer that ends the executor must find every call in its place (invariant 1).
    this.observers.workerExited(handle.identity, exit);
    // 3. The rest is lost with it.
    if (isLoss) this.#crew.countLoss();
    for (const { work, index, error, isLost } of final) {
      if (isLost) work.terms.profile.distrust();
      work.fail(index, error);
    }
    for (const { work, index } of own) work.fail(index, lossOf(work, handle.identity, exit));
    for (const { work, index } of begun) if (work.isSettled(index)) work.ended?.();
    // 4. What it means for the executor.
    this.#crew.judge(handle, exit, begun.length > 0);
    // 5. Whoever waits for a worker gets another; whoever waits for the end learns of it.
    this.#dispatch();
    this.ledger.settleUp();
  }

  #bookFlush(): void {
    if (this.#flushBooked) return;
    this.#flushBooked = true;
    // At the end of this tick: what is submitted together travels together.
    queueMicrotask(() => {
      this.#flushBooked = false;
      const waits = this.#waitInPlace?.begin() === true;
      this.#dispatch();
      if (waits) this.#waitInPlace?.end();
    });
  }

  /** Invariant 4: a loop, never re-entered; callbacks that submit only add to the queue it empties. */
  #dispatch(): void {
    if (this.#dispatching || !this.ledger.alive) return;
    this.#dispatching = true;
    const ahead = this.#ahead;
    this.#crew.shed();
    this.slots.adjustKeys();
    let work = this.#next();
    for (; work !== undefined; work = this.#next()) {
      if (this.#trays !== undefined && this.#sendAddressed(this.#trays, work)) continue;
      // While workers are too many nothing is sent: each is stopped as it finishes.
      const worker = this.#crew.surplus > 0 ? undefined : ahead.findWorker(work);
      if (worker?.busy !== false && ahead.overtake(work)) continue;
      if (worker === undefined) break;
      this.#send(worker, ahead.takeFor(worker, work));
    }
    if (this.#trays !== undefined) while (this.#sendAddressed(this.#trays, undefined));
    this.#dispatching = false;
    this.slots.adjust(work !== undefined);
    if (work !== undefined) {
      this.#crew.makePlaceFor(work);
      const calls = this.ledger.handed - (this.#trays?.size ?? 0);
      const most = this.#rate === undefined ? this.#queue.most : 1;
      if (this.#crew.mayStart && ahead.needsMore(work)) this.#crew.startFor(calls, most);
    }
    if (this.#hasOwnReasons) this.#staff();
    ahead.watch();
  }

  /** The work whose call is handed out next; undefined where none is. */
  #next(): Work | undefined {
    if (this.ledger.isPaused) return undefined;
    const work = this.#ahead.next();
    return work === undefined || this.#mayBegin() ? work : undefined;
  }

  /** Whether the rate allows that another call begins; else all goes on when it does. */
  #mayBegin(): boolean {
    return this.#rate?.allows(() => this.#dispatch()) ?? true;
  }

  #send(worker: CrewMember, calls: CallList): void {
    this.#trays?.affinities?.note(worker, calls);
    const unsent = worker.send(calls);
    this.#rate?.spend(performance.now());
    for (let at = unsent.length - 1; at >= 0; at--) {
      const { call, fault } = unsent[at] as Unsent;
      this.#queue.left?.(call.work);
      // A worker that has ended, and nobody knew, or one that waits for a file: the call is not to blame.
      if (fault === undefined) this.#queue.giveBack([call]);
      else call.work.fail(call.index, fault.error);
    }
  }

  /** Sends what is for one worker alone and comes before `next`; false if there is nothing that could go. */
  #sendAddressed(trays: Trays, next: Work | undefined): boolean {
    const due = this.ledger.isPaused ? undefined : trays.due(next, this.#ahead.finds);
    if (due === undefined || !this.#mayBegin()) return false;
    this.#send(due.worker, this.#ahead.takeFor(due.worker, due.work, due.tray, next));
    return true;
  }

  #address(worker: CrewMember, terms: Terms, args: unknown[], trace?: string): Future<unknown> {
    this.#withTrays();
    return this.ledger.address(terms, args, worker, trace);
  }

  /** A task has an affinity. Where calls of a key are limited they wait by that. */
  incline(): void {
    if (!this.#isKeyed) this.#withTrays().affinities ??= this.#affinities();
  }

  #affinities(): Affinities {
    const trays = this.#withTrays();
    return new Affinities(this.#crew.workers, (worker) => trays.sizeOf(worker));
  }

  #withTrays(): Trays {
    if (this.#trays !== undefined) return this.#trays;
    const trays = new Trays();
    this.#trays = trays;
    this.slots.trays = trays;
    this.#hasOwnReasons = true;
    this.#queue.aside = (work) => trays.take(work);
    this.#ahead.keepsFrom = trays.keepsFrom;
    return trays;
  }

  #rememberCalls(): RememberedCalls {
    const remembered = new RememberedCalls((...call) => this.#address(...call), this.ledger);
    this.#crew.onStarted = (worker) => remembered.giveTo(worker);
    return remembered;
  }

  /** Starts workers that somebody waits for, or that are to be there in any case. */
  #staff(): void {
    const crew = this.#crew;
    for (const warming of this.#warmings)
      if (warming.look(crew.workers)) this.#warmings.delete(warming);
    crew.wanted = Math.max(0, ...[...this.#warmings].map(({ count }) => count));
    if (crew.least > 0) crew.fill();
  }

  /** Takes all out that waits. */
  #drain(): Work[] {
    return [...this.#queue.drain(), ...(this.#trays?.drain() ?? [])];
  }
}

/** A call that has failed, and is not run again. */
interface Failed extends Call {
  readonly error: unknown;
  readonly isLost: boolean;
}
