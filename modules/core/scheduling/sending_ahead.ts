// SendingAhead: how many calls go into the window of which worker, and when they are taken back from there. The whole rule
// is here, and nowhere else.
//
// | a call's duration    | sent ahead behind others                                            | taken back                          |
// |----------------------|---------------------------------------------------------------------|-------------------------------------|
// | unknown or long      | nothing                                                             |                                     |
// | some milliseconds    | the next one of its task, while more wait than workers have at once | for an idle worker                  |
// | short                | what makes up two milliseconds, fewer towards the end, but what     | when the call in front is not short |
// |                      | waking a worker is worth                                            |                                     |
// | any                  | only where it can be taken back (claims.ts), and never `alone`      | for one of higher priority          |

import type { WorkerHandle } from "../handle/worker_handle.ts";
import { CELLS } from "../memory/shared_memory.ts";
import { Timer } from "../time/timer.ts";
import { CallList, type Work } from "../work/work.ts";
import type { Ledger } from "./ledger.ts";
import type { WorkQueue } from "./task_queue.ts";
import { precedes } from "./trays.ts";
import type { Assignment, Hired } from "./workforce.ts";

/** So much measured work goes into one message, in milliseconds: long enough to hide the way, short enough to wait for. */
const WINDOW_MS = 2;
/** No less goes into one message where so much waits, in milliseconds: waking a worker takes about as long. */
const WORTH_MS = 0.25;
/** A worker that is awake, or has been woken, is given so much before another one is, in milliseconds. */
const AWAKE_MS = 1;
/** A call that should take up to so long has the next one behind it, lest its worker waits for that. Milliseconds. */
const NEXT_MS = 10;
/**
 * A worker silent for so long, or for twice as long as its call should take, gives back what waits behind that.
 * Milliseconds.
 */
const STALL_MS = 2;

/** The rule for one executor's workers. */
export class SendingAhead implements Assignment {
  readonly #queue: WorkQueue;
  readonly #crew: Pick<Hired, "maxWorkers">;
  readonly #workers: ReadonlySet<WorkerHandle>;
  readonly #ledger: Ledger;
  readonly #isAllowed: boolean;
  readonly #onTakenBack: () => void;
  /** Whether a worker has to be left free for a call of its own; undefined as long as none has any (trays.ts). */
  keepsFrom: Assignment["keepsFrom"] = undefined;
  /** How many calls the worker may be sent that was found last. */
  #room = 0;
  /** What is sent next: filled anew each time. */
  readonly #calls = new CallList();
  /** Set while calls wait behind others in windows. */
  readonly #timer = new Timer();
  /** The milliseconds it was set for. */
  #timerFor = Number.POSITIVE_INFINITY;

  /**
   * @param isAllowed Whether anything is sent ahead: not where calls are to begin when they are handed out, for a rate.
   * @param onTakenBack Told when the clock has had calls taken back, or may have.
   */
  constructor(
    queue: WorkQueue,
    crew: Pick<Hired, "maxWorkers">,
    workers: ReadonlySet<WorkerHandle>,
    ledger: Ledger,
    isAllowed: boolean,
    onTakenBack: () => void,
  ) {
    this.#queue = queue;
    this.#crew = crew;
    this.#workers = workers;
    this.#ledger = ledger;
    this.#isAllowed = isAllowed;
    this.#onTakenBack = onTakenBack;
  }

  /** The work whose call is next: of the queue, else one that waits behind a long call while another worker is idle. */
  next(): Work | undefined {
    const work = this.#queue.front();
    if (work !== undefined || this.#ledger.unsettled < 2) return work;
    const workers = [...this.#workers];
    const idle = workers.filter((worker) => worker.ready && !worker.busy && !worker.isReserved);
    if (idle.length > 0) {
      const isHolding = (worker: WorkerHandle) => {
        const last =
          isAhead(worker) && patience(worker) > STALL_MS ? worker.window.last : undefined;
        return last !== undefined && idle.some((other) => other.canLoad(last));
      };
      const holding = workers.find(isHolding);
      if (holding !== undefined) this.#queue.giveBack(holding.takeBackAll());
    }
    return this.#queue.front();
  }

  /**
   * A worker that is awake, or about to be, if all it would have then is done before another could be woken; else an idle
   * one; else one whose window has room behind short calls.
   */
  findWorker(work: Work): WorkerHandle | undefined {
    const { mean = Number.POSITIVE_INFINITY } = work.terms.profile;
    // Not of the last ones: whichever worker is free first takes those.
    const isNext = mean < NEXT_MS && this.#ledger.unsettled > 2 * this.#crew.maxWorkers;
    let idle: WorkerHandle | undefined;
    let second: WorkerHandle | undefined;
    let [idleRoom, secondRoom] = [0, 0];
    for (const worker of this.#workers) {
      const room = this.#roomOf(worker, work, isNext);
      if (room <= 0) continue;
      const isUp = worker.busy || worker.isAwake;
      if (isUp && (worker.unsettled + room) * mean < AWAKE_MS) {
        this.#room = room;
        return worker;
      }
      if (!worker.busy) {
        if (idle === undefined) [idle, idleRoom] = [worker, room];
      } else if (second === undefined) {
        [second, secondRoom] = [worker, room];
      }
    }
    this.#room = idle === undefined ? secondRoom : idleRoom;
    return idle ?? second;
  }

  /** Whether a worker may be sent calls that are for it alone: never behind others. */
  readonly finds = (worker: WorkerHandle, work: Work): boolean => {
    this.#room = worker.window.size > 0 ? 0 : Math.min(this.#batch(work, worker), worker.quota);
    return this.#room > 0;
  };

  /**
   * Takes back what was sent ahead of a work of higher priority, and has not begun; false if there is nothing. So the last
   * of a window is never of higher priority than what waits before it.
   */
  overtake({ priority }: Work): boolean {
    let isAny = false;
    for (const worker of this.#workers) {
      const last = isAhead(worker) ? worker.window.last : undefined;
      if (last === undefined || last.priority >= priority) continue;
      const calls = worker.takeBackAll();
      isAny ||= calls.length > 0;
      this.#queue.giveBack(calls);
    }
    return isAny;
  }

  /**
   * Takes off a queue, whose front is `first`, what the worker that was found last may be sent in one message.
   *
   * @param queue Where it is taken from: a tray passes over nothing that comes before it in the queue, nor the other way round.
   * @param next The front of the queue, where that is another one.
   */
  takeFor(
    worker: WorkerHandle,
    first: Work,
    queue: WorkQueue = this.#queue,
    next?: Work | undefined,
  ): CallList {
    const calls = this.#calls;
    // What the first work may have was looked at when the worker was found.
    let most = this.#room;
    let previous: Work | undefined;
    for (let work: Work | undefined = first; work !== undefined; work = queue.front()) {
      if (previous !== undefined && work !== previous) {
        if (work.terms.alone || work.chunkSize !== previous.chunkSize) break;
        if (queue === this.#queue && this.keepsFrom?.(worker, work) === true) break;
        if (next !== undefined && !precedes(work, next)) break;
        if (!worker.canLoad(work)) break;
        if (work.terms.profile !== previous.terms.profile)
          most = Math.min(most, this.#batch(work, worker));
        if (calls.length >= most) break;
      }
      previous = work;
      calls.add(work, work.take());
      queue.took?.();
      if (work.waiting > 0) {
        // Calls of a `map` that came later than the next work wait for that.
        const { bound } = queue;
        const isLast = bound === Number.POSITIVE_INFINITY;
        while (calls.length < most && work.waiting > 0 && (isLast || work.order < bound))
          calls.add(work, work.take());
      }
      if (work.terms.alone || calls.length >= most) break;
    }
    return calls;
  }

  /**
   * Whether a work that waits is worth one more worker: not where those there are will have made all such calls before that
   * one could be started. A thousand calls of a microsecond are no work for two.
   */
  needsMore({ terms: { profile } }: Work): boolean {
    const { mean = Number.POSITIVE_INFINITY } = profile;
    let needed = Math.ceil((this.#ledger.unsettled * mean) / AWAKE_MS);
    // Where others wait behind a call, the clock looks whether that turns out long, and it is asked anew.
    for (const worker of needed < this.#crew.maxWorkers ? this.#workers : [])
      if (isAhead(worker) && !worker.isHeldUp && patience(worker) === STALL_MS) needed--;
    return needed > 0;
  }

  /** While calls wait behind others in windows, looks whether one of those turned out long. */
  watch(): void {
    let shortest = Number.POSITIVE_INFINITY;
    for (const worker of this.#workers)
      if (isAhead(worker)) shortest = Math.min(shortest, patience(worker));
    if (shortest >= this.#timerFor) return;
    this.#timerFor = shortest;
    this.#timer.set(shortest, () => this.#look());
  }

  stop(): void {
    this.#timer.clear();
  }

  #look(): void {
    this.#timerFor = Number.POSITIVE_INFINITY;
    for (const worker of this.#workers) {
      worker.look();
      if (!isAhead(worker) || !isSilent(worker)) continue;
      worker.stall();
      this.#queue.giveBack(worker.takeBackAll());
    }
    this.#onTakenBack();
  }

  /** How many calls of a work a worker may be sent now; `isNext` lets one that is not short go behind another of its kind. */
  #roomOf(worker: WorkerHandle, work: Work, isNext: boolean): number {
    const { quota } = worker;
    if (quota === 0 || !worker.canLoad(work) || this.keepsFrom?.(worker, work) === true) return 0;
    const limit = this.#batch(work, worker);
    const { window } = worker;
    const { size } = window;
    if (size === 0) return Math.min(limit, quota);
    // Behind others only what can be taken back, and does not meet a call that is long or of unknown length.
    if (!window.canTakeBack || worker.isHeldUp || !this.#isAllowed) return 0;
    const front = window.frontWork;
    if (work.terms.alone || front === undefined || front.terms.alone) return 0;
    const { profile } = front.terms;
    if (profile.mean === undefined || isSilent(worker)) return 0;
    if (limit === 1)
      return isNext && size === 1 && profile === work.terms.profile ? Math.min(1, quota) : 0;
    if (profile.mean > STALL_MS) return 0;
    // One window is worked on while the next one travels.
    return window.live > limit ? 0 : Math.min(limit, quota, CELLS - size);
  }

  /** How many calls of a work go into one message to a worker. */
  #batch({ terms, chunkSize }: Work, { window }: WorkerHandle): number {
    if (terms.alone || !window.canTakeBack || !this.#isAllowed) return 1;
    if (chunkSize !== undefined) return Math.min(chunkSize, CELLS / 2);
    const { mean, trust } = terms.profile;
    if (mean === undefined || trust <= 0) return 1;
    // Towards the end of the queue the portions get smaller, so that all workers are done at about the same time.
    const share = Math.ceil(this.#ledger.unsettled / (2 * this.#crew.maxWorkers));
    const due = Math.max(share, Math.floor(WORTH_MS / mean));
    return Math.max(1, Math.min(Math.floor(WINDOW_MS / mean), 2 * trust, due, CELLS / 2));
  }
}

/** Whether something was sent to a worker behind another call. */
function isAhead({ window }: WorkerHandle): boolean {
  return window.live > 1;
}

/** How long the call in front may take before it holds others up, in milliseconds. */
function patience({ window }: WorkerHandle): number {
  return Math.max(STALL_MS, 2 * (window.frontWork?.terms.profile.mean ?? 0));
}

/** Whether a worker has not reported for longer than the call in front should take. */
function isSilent(worker: WorkerHandle): boolean {
  return performance.now() - worker.reportedAt > patience(worker);
}
