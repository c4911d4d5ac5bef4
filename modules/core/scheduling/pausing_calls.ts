// PausingCalls: the calls of an executor that are not due yet — before their first run, or before the next one of a call that
// has failed. One that may have to be run again stays here while its function is asked.

import { typeName } from "../checks.ts";
import { coversErrors, retryLimit, retryPause } from "../retry.ts";
import type { Alarm, Alarms } from "../time/alarms.ts";
import type { Call, Work } from "../work/work.ts";

/** A call that pauses. */
interface Pause extends Call {
  /** What is done with it when it is due, if that is something else. */
  readonly next?: (() => void) | undefined;
  /** Rings when it is due; undefined while it is decided whether it ever will be. */
  alarm: Alarm | undefined;
}

/** What is done with them in the end, and who hears of mistakes. */
export interface Rested {
  /** It may run now; `next` says how, where that is not known. */
  due(call: Call, next: (() => void) | undefined): void;
  /** What a function threw that was asked whether to run a call again. */
  report(error: unknown, work: Work): void;
}

/** Calls that pause: in no window, and not in the queue, where they would hold up others. */
export class PausingCalls {
  readonly #alarms: Alarms;
  readonly #rested: Rested;
  readonly #pauses = new Map<Work, Set<Pause>>();
  #size = 0;

  constructor(alarms: Alarms, rested: Rested) {
    this.#alarms = alarms;
    this.#rested = rested;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** Those there are. */
  *calls(): Generator<Call> {
    for (const pauses of this.#pauses.values()) yield* pauses;
  }

  /** Has the only call of a work pause before its first run; `next` is done then, when it waits again. */
  delay(work: Work, ms: number, next: () => void): void {
    const pause = this.#add(work, work.take(), next);
    work.rest(pause.index, false);
    this.#wake(pause, ms);
  }

  /**
   * Runs a call again that has failed, if that is to be; false if not: it has failed for good.
   *
   * @param isLost Whether it was lost with its worker.
   */
  again(work: Work, index: number, error: unknown, isLost: boolean): boolean {
    const { retries } = work.terms.options;
    const failures = work.failuresOf(index);
    if (retries === undefined || failures === undefined) return false;
    if (failures >= retryLimit(retries) || !(isLost || coversErrors(retries))) return false;
    const pause = this.#add(work, index);
    work.rest(index, true);
    const on = typeof retries === "object" ? retries.on : undefined;
    if (typeof on === "function") {
      // In a turn of its own: whatever that function does, it finds every call in its place (invariant 1).
      queueMicrotask(() => this.#decide(pause, on, error, failures));
      return true;
    }
    this.#wake(pause, retryPause(retries, failures));
    return true;
  }

  /** Takes calls out: those of one work, or all. */
  take(of?: Work): Call[] {
    const works = of === undefined ? [...this.#pauses.keys()] : [of];
    const taken = works.flatMap((work) => [...(this.#pauses.get(work) ?? [])]);
    for (const pause of taken) this.#remove(pause);
    return taken;
  }

  /** Asks whether a call that has failed with `error` is to be run again. */
  #decide(pause: Pause, on: (error: unknown) => boolean, error: unknown, failures: number): void {
    const { work, index } = pause;
    let isToRun = false;
    if (!this.#has(pause)) return;
    try {
      const answer: unknown = on(error);
      if (typeof answer === "object" && answer !== null)
        throw new TypeError(`Cannot use retries.on: it returned ${typeName(answer)}`);
      isToRun = Boolean(answer);
    } catch (fault) {
      this.#rested.report(fault, work);
    }
    // What it did may have ended the executor, or the call.
    if (!this.#has(pause)) return;
    if (isToRun) {
      this.#wake(pause, retryPause(work.terms.options.retries ?? 0, failures));
      return;
    }
    this.#remove(pause);
    work.fail(index, error);
  }

  /** It is due after so many milliseconds. */
  #wake(pause: Pause, ms: number): void {
    const rested = () => {
      pause.alarm = undefined;
      this.#remove(pause);
      this.#rested.due(pause, pause.next);
    };
    if (ms === 0) rested();
    else pause.alarm = this.#alarms.set(ms, rested);
  }

  #add(work: Work, index: number, next?: () => void): Pause {
    const pause: Pause = { work, index, alarm: undefined, next };
    const key = work.whole;
    const pauses = this.#pauses.get(key);
    if (pauses === undefined) this.#pauses.set(key, new Set([pause]));
    else pauses.add(pause);
    this.#size++;
    return pause;
  }

  #has(pause: Pause): boolean {
    return this.#pauses.get(pause.work.whole)?.has(pause) === true;
  }

  #remove(pause: Pause): void {
    const key = pause.work.whole;
    const pauses = this.#pauses.get(key);
    if (pauses?.delete(pause) !== true) return;
    if (pauses.size === 0) this.#pauses.delete(key);
    this.#size--;
    if (pause.alarm !== undefined) this.#alarms.clear(pause.alarm);
  }
}
