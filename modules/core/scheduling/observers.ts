// Observers: who is told what happens in an executor. Every event is made here, and at the time of this clock.

import { contextOfNow, type Enter, within } from "../async_context.ts";
import { callListener } from "../call_listener.ts";
import type { ConsoleLevel, Hold, TaskEvent } from "../events.ts";
import type { Latency } from "../executor.ts";
import type { Outcome } from "../future.ts";
import { Histogram } from "../histogram.ts";
import type { WorkerExit } from "../seam/channel.ts";
import { takeGroup } from "../submitting_group.ts";
import { EventClock } from "../time/event_clock.ts";
import type { Call, Work } from "../work/work.ts";
import type { CallObservers } from "../work/work_owner.ts";
import type { Progress, WorkerIdentity } from "../worker_identity.ts";

/** The observers of one executor. */
export class Observers implements CallObservers {
  /** Whether there are any. Not counted when asked: each call asks three times. */
  any = false;
  readonly #clock = new EventClock();
  /** Each with the context in which it began to observe. */
  readonly #listeners = new Map<(event: TaskEvent) => void, Enter>();
  readonly #report: (error: unknown) => void;
  /** Made for the first call that was observed. */
  #waits: Histogram | undefined = undefined;
  #runs: Histogram | undefined = undefined;

  /** @param report Takes what a listener throws, or what a promise it returned is rejected with. */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  add(listener: (event: TaskEvent) => void): Disposable {
    // A listener of its own each time: the same function may observe twice.
    const enter = contextOfNow();
    const observer = (event: TaskEvent) => enter(listener, event);
    this.#listeners.set(observer, enter);
    this.any = true;
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(observer);
        this.any = this.#listeners.size > 0;
      },
    };
  }

  /** Runs what tells of many things, one behind the other: they share readings of the clock, and a context. */
  together<R>(tell: () => R): R {
    if (!this.any) return tell();
    // The context of the first does for nearly all: there is one observer.
    const [enter] = this.#listeners.values();
    this.#clock.hold();
    try {
      return enter === undefined ? tell() : within(enter, tell);
    } finally {
      this.#clock.release();
    }
  }

  now(): number {
    return this.#clock.now();
  }

  waited(ms: number): void {
    this.#waits ??= new Histogram();
    this.#waits.add(ms);
  }

  ran(ms: number): void {
    this.#runs ??= new Histogram();
    this.#runs.add(ms);
  }

  /** How long calls took while somebody observed; undefined until one has begun and ended so. */
  get latency(): Latency | undefined {
    const wait = this.#waits?.percentiles();
    const run = this.#runs?.percentiles();
    return wait && run ? { wait, run } : undefined;
  }

  // Written out for calls with a future and for those without: spreading costs more than the rest.

  submitted(work: Work, index: number, at: number): void {
    const id = work.id(index);
    const task = work.terms.name;
    const { future } = work;
    const group = takeGroup();
    if (work.trace !== undefined) this.#tell(tracedSubmission(work, id, at, group));
    else if (future === undefined) this.#tell({ type: "submitted", id, task, at });
    else if (group !== undefined) this.#tell({ type: "submitted", id, task, future, group, at });
    else this.#tell({ type: "submitted", id, task, future, at });
  }

  started(work: Work, index: number, worker: WorkerIdentity, at: number): void {
    const id = work.id(index);
    const task = work.terms.name;
    const { future } = work;
    if (future === undefined) this.#tell({ type: "started", id, task, worker, at });
    else this.#tell({ type: "started", id, task, future, worker, at });
  }

  progressed(work: Work, index: number, progress: Progress): void {
    const id = work.id(index);
    const task = work.terms.name;
    const { future } = work;
    const at = this.now();
    if (future === undefined) this.#tell({ type: "progress", id, task, progress, at });
    else this.#tell({ type: "progress", id, task, future, progress, at });
  }

  /** Tells what a running call waits for or holds. In a turn of its own: whoever says it is in the middle of something. */
  held(work: Work, index: number, worker: WorkerIdentity, hold: Hold): void {
    queueMicrotask(() => {
      // What has settled holds nothing.
      if (work.isSettled(index)) return;
      if (hold.state !== "over") work.started(index, worker);
      const id = work.id(index);
      const task = work.terms.name;
      const at = this.now();
      const { future } = work;
      if (future === undefined) this.#tell({ type: "hold", id, task, hold, at });
      else this.#tell({ type: "hold", id, task, future, hold, at });
    });
  }

  settled(
    work: Work,
    index: number,
    outcome: Outcome,
    at: number,
    worker: WorkerIdentity | undefined,
    error: unknown,
  ): void {
    const id = work.id(index);
    const task = work.terms.name;
    const { future } = work;
    if (outcome === "finished" && worker !== undefined && future !== undefined) {
      this.#tell({ type: "settled", id, task, future, outcome, worker, at });
      return;
    }
    this.#tell({
      type: "settled",
      id,
      task,
      ...(future === undefined ? {} : { future }),
      outcome,
      ...(outcome === "finished" ? {} : { error }),
      ...(worker === undefined ? {} : { worker }),
      at,
    });
  }

  /** Tells what was printed, by a call or by none. Nothing of it is lost: where nobody listens, this program prints it. */
  printed(worker: WorkerIdentity, call: Call | undefined, level: ConsoleLevel, text: string): void {
    if (!this.any) {
      console[level](text);
      return;
    }
    const { work, index } = call ?? {};
    const of =
      work === undefined ? {} : { taskId: work.id(index as number), task: work.terms.name };
    const future = work?.future;
    this.#tell({
      type: "console",
      worker,
      ...of,
      ...(future === undefined ? {} : { future }),
      level,
      text,
      at: this.now(),
    });
  }

  workerStarted(worker: WorkerIdentity): void {
    if (this.any) this.#tell({ type: "worker-started", worker, at: this.now() });
  }

  workerExited(worker: WorkerIdentity, exit: WorkerExit): void {
    if (!this.any) return;
    const { code: exitCode, signal, abandoned = false } = exit;
    this.#tell({ type: "worker-exited", worker, exitCode, signal, abandoned, at: this.now() });
  }

  #tell(event: TaskEvent): void {
    for (const listener of this.#listeners.keys()) callListener(listener, event, this.#report);
  }
}

/** What is told of a call that somebody follows. */
function tracedSubmission(
  { trace = "", future, terms }: Work,
  id: number,
  at: number,
  group: number | undefined,
): TaskEvent {
  const [traceparent = ""] = trace.split(" ");
  return {
    type: "submitted",
    id,
    task: terms.name,
    ...(future === undefined ? {} : { future }),
    ...(group === undefined ? {} : { group }),
    traceparent,
    at,
  };
}
