// Crew: the lives of an executor's workers — when one is started, which are retired when they are too many, and what it
// means that one has ended.

import { noteRunner, type Runner } from "../call_waits.ts";
import { BrokenExecutorError, UnsupportedRuntimeError } from "../errors.ts";
import type { ExecutorStats } from "../executor.ts";
import type { CrewMember, WorkerOwner } from "../handle/crew_member.ts";
import type { Key } from "../key.ts";
import type { WorkerExit } from "../seam/channel.ts";
import type { Work } from "../work/work.ts";
import type { WorkerIdentity, WorkerStatus } from "../worker_identity.ts";
import type { Ledger } from "./ledger.ts";
import { StartPace } from "./start_pace.ts";
import type { WorkQueue } from "./task_queue.ts";
import type { Workforce } from "./workforce.ts";

/** When workers are started, and how many. */
export interface CrewOptions {
  /** The executor's name: begins theirs. */
  readonly name: string;
  readonly maxWorkers: number;
  /** So many are there whether there is work for them or not, once there has been some. */
  readonly minWorkers: number;
  readonly breakOnDeath: boolean;
  readonly startsOneByOne: boolean;
  /** Calls are made on this event loop. */
  readonly byReference: boolean;
}

/**
 * What a terminal or a supervisor sends to a program and its processes together. A worker that starts cannot let it pass
 * yet: its end says nothing of whether workers can be started.
 */
const GROUP_SIGNALS: ReadonlySet<string | undefined> = new Set(["SIGINT", "SIGTERM", "SIGHUP"]);

/** The workers of one executor. */
export class Crew {
  readonly workers = new Set<CrewMember>();
  readonly #workforce: Workforce;
  readonly #options: CrewOptions;
  readonly #owner: WorkerOwner & Runner;
  readonly #ledger: Ledger;
  readonly #queue: WorkQueue;
  readonly #pace: StartPace;
  #maxWorkers: number;
  /** Slots beside those, for calls that others wait for (nested_calls.ts). */
  #lent = 0;
  /** So many somebody waits for. */
  wanted = 0;
  /** Told of each that is started. */
  onStarted: ((worker: CrewMember) => void) | undefined = undefined;
  /** All slots have a worker that is ready, as far as was seen last. */
  #isFull = false;
  #nextId = 0;
  #lost = 0;
  #abandoned = 0;

  /** @param owner What the workers report to. */
  constructor(
    workforce: Workforce,
    options: CrewOptions,
    owner: WorkerOwner & Runner,
    ledger: Ledger,
    queue: WorkQueue,
  ) {
    this.#workforce = workforce;
    this.#options = options;
    this.#owner = owner;
    this.#ledger = ledger;
    this.#queue = queue;
    this.#maxWorkers = options.maxWorkers;
    this.#pace = new StartPace(() => owner.onRoom());
    if (options.startsOneByOne) this.#pace.strain();
  }

  get maxWorkers(): number {
    return this.#maxWorkers;
  }

  resize(maxWorkers: number): void {
    this.#isFull = false;
    this.#maxWorkers = maxWorkers;
  }

  /** How many slots there are, those that are lent included. */
  get slots(): number {
    return this.#maxWorkers + this.#lent;
  }

  /** How many of them are lent. */
  get lent(): number {
    return this.#lent;
  }

  set lent(lent: number) {
    this.#isFull &&= lent === this.#lent;
    this.#lent = lent;
  }

  /** How many workers there are beyond `maxWorkers`, those not counted that are ending. */
  get surplus(): number {
    if (this.workers.size <= this.slots) return 0;
    return [...this.workers].filter((worker) => worker.serving).length - this.slots;
  }

  /** Stops workers that are too many and have no call. The others are stopped as they finish: nothing more is sent. */
  shed(): void {
    if (this.workers.size <= this.slots) return;
    const free = [...this.workers].filter(
      (worker) => worker.serving && !worker.busy && !worker.isKept,
    );
    const startingFirst = free.toSorted((a, b) => Number(b.starting) - Number(a.starting));
    for (const worker of startingFirst.slice(0, Math.max(0, this.surplus))) worker.stop();
  }

  /**
   * Stops an idle worker, where all places are taken, and none that has nothing to do may load what a work needs that waits:
   * the one that follows it is started with that.
   */
  makePlaceFor(work: Work): void {
    if (this.#workforce.loadsAll === true || this.workers.size < this.slots) return;
    let idle: CrewMember | undefined;
    for (const worker of this.workers) {
      // One that ends makes place, and one that is busy may be so for long.
      if (!worker.serving || (!worker.busy && !worker.isReserved && worker.canLoad(work))) return;
      if (worker.ready && !worker.busy && !worker.isKept) idle = worker;
    }
    idle?.stop();
  }

  /** Whether one may be started now, as far as was seen last. Asked whenever a call waits: behind a queue, once for each that ends. */
  get mayStart(): boolean {
    return !this.#isFull && !this.#pace.isPausing;
  }

  /**
   * Starts what workers are needed where calls wait, so many being unsettled that could be given to one, and `most` of those
   * that wait at this moment.
   */
  startFor(calls: number, most: number): void {
    const workers = this.#inPlace();
    const inWindows = workers.reduce((sum, worker) => sum + worker.unsettled, 0);
    const starting = workers.filter((worker) => worker.starting).length;
    const doubtful = workers.filter((worker) => worker.isDoubtful).length;
    if (workers.length === this.slots && starting === 0) {
      this.#pace.allReady();
      this.#isFull = true;
      if (doubtful === 0) return;
    }
    // At least one call waits for whichever worker is free first.
    const wanted = Math.min(Math.max(1, calls - inWindows), most);
    this.#startMany(wanted - starting, workers.length, starting);
    if (workers.length >= this.slots) this.#prepare(Math.min(wanted - starting, doubtful));
  }

  /** How many there shall be, whatever waits. */
  get least(): number {
    const kept = this.#ledger.isExpectant ? this.#options.minWorkers : 0;
    return Math.min(Math.max(kept, this.wanted), this.#maxWorkers);
  }

  /** Starts those that are missing of them. */
  fill(): void {
    const { least } = this;
    if (least === 0 || this.#pace.isPausing) return;
    const workers = this.#inPlace().filter((worker) => worker.serving);
    const starting = workers.filter((worker) => worker.starting).length;
    this.#startMany(least - workers.length, this.#inPlace().length, starting);
  }

  /** Whether one that has nothing to do may be ended: not the last of those that there shall be. */
  mayRetire(): boolean {
    return [...this.workers].filter((worker) => worker.serving).length > this.least;
  }

  #startMany(count: number, inPlace: number, starting: number): void {
    const most = Math.min(count, this.slots - inPlace, this.#pace.limit(starting));
    for (let started = 0; started < most && this.#ledger.alive && !this.#pace.isPausing; started++)
      if (!this.#start()) return;
  }

  /** Has the next of them begin to start, where there is no place for them yet. */
  #prepare(count: number): void {
    for (let next = 0; next < count && !this.#pace.isPausing; next++) {
      const since = performance.now();
      try {
        this.#workforce.prepare?.(this.#identity(this.#nextId + next), () => this.#queue.modules());
      } catch {
        // It is not needed yet. Whoever is hired fails in the same way, and counts.
        return;
      }
      this.#started(since);
    }
  }

  #started(since: number): void {
    const isFirst = ![...this.workers].some((worker) => worker.ready);
    this.#pace.started(performance.now() - since, isFirst);
  }

  #identity(id: number): WorkerIdentity {
    return { id, name: `${this.#options.name}_${id}` };
  }

  /** Whether all slots are held by calls of which that is true. */
  isHeldBy(isIt: (id: number) => boolean): boolean {
    let held = 0;
    let slots = this.slots;
    for (const { keepsPlace, isReserved, window } of this.workers) {
      if (!keepsPlace) continue;
      // That of an actor is nobody else's, whatever it does.
      if (isReserved) {
        slots--;
        continue;
      }
      const front = window.frontCall;
      if (front === undefined || !isIt(front.work.id(front.index))) return false;
      held++;
    }
    return held >= slots;
  }

  /** How many calls of each key run of which that is true. */
  keysOf(isIt: (id: number) => boolean): Map<Key, number> {
    const counts = new Map<Key, number>();
    for (const { window } of this.workers) {
      const { work, index } = window.frontCall ?? {};
      if (work?.key === undefined || index === undefined || !isIt(work.id(index))) continue;
      counts.set(work.key, (counts.get(work.key) ?? 0) + 1);
    }
    return counts;
  }

  /** Takes a worker that is gone out of the books: nothing is sent to it any more. */
  leave(worker: CrewMember, exit: WorkerExit): void {
    this.#isFull = false;
    this.workers.delete(worker);
    if (exit.abandoned === true) this.#abandoned++;
  }

  /** The place of a worker that is being killed is another's. */
  placeFreed(): void {
    this.#isFull = false;
  }

  /** Counts that calls were lost with a worker. */
  countLoss(): void {
    this.#lost++;
  }

  /** One that was never of use counts against the executor; under the strict rule any death breaks it. */
  judge(worker: CrewMember, exit: WorkerExit, hadBegun: boolean): void {
    const { identity } = worker;
    const useful = worker.everReady && (worker.hasServed || hadBegun);
    if (!worker.everReady && GROUP_SIGNALS.has(exit.signal)) this.#pace.interrupted();
    else if (worker.expected) return;
    else if (!useful) this.#startFailed(exit.error ?? describeExit(identity, exit));
    else if (this.#options.breakOnDeath)
      this.#ledger.break(`worker ${identity.id} died`, exit.error ?? describeExit(identity, exit));
  }

  /** Ends those that nobody has hired. */
  unprepare(): void {
    this.#workforce.unprepare?.();
  }

  /** Lets go of its clock. */
  close(): void {
    this.#pace.stop();
  }

  /** Whether a worker is about to end. */
  get isEnding(): boolean {
    if (this.#workforce.isEnding === true) return true;
    for (const worker of this.workers) if (!worker.serving) return true;
    return false;
  }

  /** Ends a worker; false if there is none of that id. */
  terminate(id: number): boolean {
    const worker = [...this.workers].find(({ identity }) => identity.id === id);
    worker?.terminate();
    return worker !== undefined;
  }

  count(): Pick<ExecutorStats, "running" | "workers" | "busy" | "lost" | "abandoned"> {
    const workers = this.#inPlace();
    return {
      running: [...this.workers].filter((worker) => worker.running).length,
      workers: workers.length,
      busy: workers.filter((worker) => worker.busy).length,
      lost: this.#lost,
      abandoned: this.#abandoned,
    };
  }

  status(): WorkerStatus[] {
    return this.#inPlace().map((worker) => worker.status);
  }

  /** Those that count: the place of one that is being killed is another's, however long it takes to end. */
  #inPlace(): CrewMember[] {
    return [...this.workers].filter((worker) => worker.keepsPlace);
  }

  /** Starts a worker; false if the platform refuses. */
  #start(): boolean {
    const since = performance.now();
    const identity = this.#identity(this.#nextId++);
    const queue = this.#queue;
    const onLeft = queue.left === undefined ? undefined : (work: Work) => queue.left?.(work);
    let handle: CrewMember;
    try {
      handle = this.#workforce.hire(identity, this.#owner, () => queue.modules(), onLeft);
      this.workers.add(handle);
      if (this.#options.byReference) noteRunner(identity, this.#owner);
    } catch (error) {
      this.#startFailed(error);
      return false;
    }
    this.#started(since);
    this.#ledger.observers.workerStarted(identity);
    this.onStarted?.(handle);
    return true;
  }

  /** A worker that does not start is tried again after a pause; if none starts, the executor is broken. */
  #startFailed(error: unknown): void {
    const workers = [...this.workers];
    // Nothing changes by trying again.
    if (error instanceof UnsupportedRuntimeError)
      return this.#ledger.break(`workers cannot be started: ${error.message}`, error);
    // Many that are started together fail together, for one cause.
    if (workers.some((worker) => worker.starting)) this.#pace.strain();
    else if (!this.#pace.fail(this.#ledger.finished) && !workers.some((worker) => worker.ready))
      this.#ledger.break(`workers could not be started: ${describe(error)}`, error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeExit(worker: WorkerIdentity, exit: WorkerExit): Error {
  const how = exit.signal ?? (exit.code === undefined ? "unknown cause" : `exit code ${exit.code}`);
  return new BrokenExecutorError(`Worker ${worker.id} ended: ${how}`);
}
