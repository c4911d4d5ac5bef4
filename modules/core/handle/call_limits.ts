// CallLimits: the clocks that run against a worker's start and against the call that runs: the loading of its module, its
// timeout, and the second that is left to it once a timer or promise of its own has failed.

import { CancelledError, TimeoutError } from "../errors.ts";
import { Timer } from "../time/timer.ts";
import type { Call, Place } from "../work/work.ts";
import { TaskClock } from "./task_clock.ts";
import type { Window } from "./window.ts";

/** A call that has thrown an error beside itself has so long to end as it would have without, in milliseconds. */
const LATE_MS = 1000;

/** Where the calls are, and how to learn of what has ended meanwhile. */
export interface LookedAfter extends Place {
  /** Settles what the worker has reported. */
  look(): void;
}

/** The calls that clocks run against. */
type LimitedCalls = Pick<Window, "workAt" | "front" | "callAt">;

/** The clocks of one worker. */
export class CallLimits {
  readonly #window: LimitedCalls;
  readonly #worker: LookedAfter;
  readonly #startTimeout: number;
  readonly #onNotReady: (verdict: Error) => void;
  readonly #onNotLoaded: () => void;
  /** Start of the worker, or loading of a task's module: whichever goes on. */
  readonly #startTimer = new Timer();
  readonly #taskClock = new TaskClock();
  /** The call that has thrown an error beside itself: after a while it has failed. */
  #lateSeq: number | undefined = undefined;
  readonly #lateTimer = new Timer();

  /**
   * @param onNotReady Told when the worker does not start in time.
   * @param onNotLoaded Told when it does not load a module in time; its call has failed by then.
   */
  constructor(
    window: LimitedCalls,
    worker: LookedAfter,
    startTimeout: number,
    onNotReady: (verdict: Error) => void,
    onNotLoaded: () => void,
  ) {
    this.#window = window;
    this.#worker = worker;
    this.#startTimeout = startTimeout;
    this.#onNotReady = onNotReady;
    this.#onNotLoaded = onNotLoaded;
  }

  /** The worker starts, or loads the module of the call in front. */
  starting(): void {
    this.#startTimer.set(this.#startTimeout, () => this.#startTimedOut());
  }

  /** It has. */
  started(): void {
    this.#startTimer.clear();
  }

  /** A call runs. */
  running(seq: number): void {
    const timeout = this.#window.workAt(seq)?.terms.timeout;
    if (timeout !== undefined) this.#taskClock.start(timeout, () => this.#timeOut(seq, timeout));
  }

  /** A call that runs has thrown an error beside itself: it may wait for what will never come. */
  failedBeside(seq: number, error: unknown): void {
    if (this.#lateSeq === seq) return;
    this.#lateSeq = seq;
    this.#lateTimer.set(LATE_MS, () => this.#failLate(seq, error));
  }

  /** The call that ran has ended. */
  ended(): void {
    this.#taskClock.stop();
  }

  stop(): void {
    this.#startTimer.clear();
    this.#lateTimer.clear();
    this.#taskClock.stop();
  }

  #startTimedOut(): void {
    const late = `within ${this.#startTimeout} ms`;
    const seq = this.#window.front;
    if (seq === undefined) {
      const what = `Cannot start worker ${this.#worker.identity.id}: not ready ${late}`;
      this.#onNotReady(new TimeoutError(what));
      return;
    }
    const { work, index } = this.#window.callAt(seq) as Call;
    const what = `Cannot start task "${work.terms.name}": module ${work.terms.source.module} did not load ${late}`;
    const error = new TimeoutError(what);
    this.#worker.end(seq, error);
    work.fail(index, error);
    this.#onNotLoaded();
  }

  #timeOut(seq: number, timeout: number): void {
    const call = this.#unsettled(seq);
    if (call === undefined) return;
    const what = `Cannot finish task "${call.work.terms.name}": it ran longer than ${timeout} ms`;
    const error = new TimeoutError(what);
    this.#worker.end(seq, error);
    call.work.giveUp(call.index, error);
  }

  #failLate(seq: number, error: unknown): void {
    const call = this.#unsettled(seq);
    if (call === undefined) return;
    const what = `Cannot finish task "${call.work.terms.name}": a timer or promise of its own has failed`;
    this.#worker.end(seq, new CancelledError(what, { cause: error }));
    call.work.giveUp(call.index, error);
  }

  /** A call that somebody waits for still; undefined if it has ended meanwhile. */
  #unsettled(seq: number): Call | undefined {
    this.#worker.look();
    const call = this.#window.callAt(seq);
    return call?.work.isSettled(call.index) === false ? call : undefined;
  }
}
