// The runner: takes jobs from the input, starts them when they may start, and sees each to its end.
//
//   input ──▶ waiting for their time ──▶ running ──▶ output has arrived ──▶ joblog ──▶ counted
//                    (Pace)          ▲       │
//                                    └───────┘ failed, and tries are left
//
// A job counts as done only when its output and then its line in the joblog are written: whoever is killed before repeats it.

import type { Intake } from "../input/intake.ts";
import type { Job } from "../input/item.ts";
import type { Output } from "../output/output.ts";
import { type Halt, isHaltDue } from "../quantities.ts";
import type { Joblog } from "./joblog.ts";
import { CANCELLED, type Ending, type Launcher, type Running } from "./launcher.ts";
import type { Pace } from "./pace.ts";

/** A timer of the platform waits no longer. */
const MAX_TIMER = 2 ** 31 - 1;

/** What a run is made of. */
export interface RunnerParts {
  readonly intake: Intake;
  readonly pace: Pace;
  readonly launcher: Launcher;
  readonly output: Output;
  readonly joblog: Joblog | undefined;
  readonly retries: number;
  readonly halt: Halt | undefined;
}

/** What a runner tells of each job that has ended for good. */
export type OnEnded = (running: Running, ending: Ending, ms: number) => void;

/** How many jobs came to which end. */
export interface Counts {
  done: number;
  failed: number;
  cancelled: number;
}

/** Runs everything once. */
export class Runner {
  readonly counts: Counts = { done: 0, failed: 0, cancelled: 0 };
  readonly #parts: RunnerParts;
  readonly #onEnded: OnEnded;
  /** By launch: a million short jobs would feel to be put in and taken out one by one. */
  readonly #running = new Set<readonly Running[]>();
  readonly #slots = new Set<number>();
  /** Failed or given back: they go first. */
  readonly #again: { readonly job: Job; readonly attempt: number }[] = [];
  readonly #end = new AbortController();
  #launches = 0;
  /** Jobs whose output or line in the joblog is not written yet. */
  #settling = 0;
  #isStopped = false;
  #isReading = false;
  #timer: ReturnType<typeof setTimeout> | undefined = undefined;
  #wake: () => void = () => {};
  #fatal: { error: unknown } | undefined = undefined;
  #inputFault: { error: unknown } | undefined = undefined;

  constructor(parts: RunnerParts, onEnded: OnEnded) {
    this.#parts = parts;
    this.#onEnded = onEnded;
  }

  /** The jobs that run now, the longest first. */
  get running(): readonly Running[] {
    return [...this.#running].flat();
  }

  /** Whether no more jobs are started. */
  get isStopped(): boolean {
    return this.#isStopped;
  }

  /**
   * Runs until there is nothing left.
   *
   * @throws What makes the whole run impossible, such as an input that cannot be read.
   */
  async run(): Promise<void> {
    while (this.#fatal === undefined) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#start();
      if (this.#isOver) break;
      await woken;
    }
    clearTimeout(this.#timer);
    if (this.#fatal !== undefined) throw this.#fatal.error;
    await this.#parts.output.flushed();
    if (this.#inputFault !== undefined) throw this.#inputFault.error;
  }

  /** Starts no more jobs. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#parts.intake.stop();
    // Others may wait for their turns.
    const dropped = [...this.#again.splice(0).map(({ job }) => job), ...this.#parts.pace.clear()];
    for (const job of dropped) this.#parts.output.open(job).end();
    this.#wake();
  }

  /** Starts no more jobs, and ends those that run. */
  interrupt(): void {
    this.stop();
    this.#end.abort();
  }

  get #isOver(): boolean {
    if (this.#launches > 0 || this.#settling > 0) return false;
    return (
      this.#isStopped ||
      (this.#parts.intake.ended && this.#again.length + this.#parts.pace.waiting === 0)
    );
  }

  /**
   * Jobs that have ended and are not in the joblog hold their places: a kill would repeat them, and it must not repeat more
   * than may run. But for those that wait for their turn: the one whose turn it is may take for ever.
   */
  get #unlogged(): number {
    return this.#parts.output.options.keepOrder ? 0 : this.#settling;
  }

  #start(): void {
    const { launcher, intake } = this.#parts;
    while (!this.#isStopped) {
      const { together, launches } = launcher.room();
      if (this.#launches + this.#unlogged >= launches) return;
      const jobs = this.#take(together);
      if (jobs.length === 0) break;
      void this.#launch(jobs);
    }
    // Not where jobs are there and may not start yet: whoever holds them wakes us.
    if (!this.#isStopped && intake.isEmpty && !intake.ended) void this.#read();
  }

  /** Takes jobs that may start now. */
  #take(most: number): Running[] {
    const { intake, pace, output } = this.#parts;
    // As many as may go together: those of a long batch that were given back may be a thousand short ones.
    if (this.#again.length > 0)
      return this.#again.splice(0, most).map(({ job, attempt }) => this.#open(job, attempt));
    if (output.isFull) {
      void output.flushed().then(() => this.#wake());
      return [];
    }
    // Where results wait for an earlier one, that one's end makes room.
    const room = output.hasTurn(intake.taken - intake.skipped);
    if (pace.isFree) return room ? intake.take(most).map((job) => this.#open(job, 0)) : [];
    const next = pace.next(() => (room ? intake.take(1)[0] : undefined), performance.now());
    if (typeof next === "object") return [this.#open(next, 0)];
    if (next !== undefined) this.#wakeAt(next);
    return [];
  }

  #open(job: Job, attempt: number): Running {
    return { job, output: this.#parts.output.open(job), attempt, slot: 0, startedAt: 0 };
  }

  /** Jobs that run one after the other have one slot. */
  #takeSlot(): number {
    let slot = 1;
    while (this.#slots.has(slot)) slot++;
    this.#slots.add(slot);
    return slot;
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      await this.#parts.intake.more();
    } catch (error) {
      // What was read before is done: that is the end of the input.
      this.#inputFault = { error };
      this.#parts.intake.stop();
    }
    this.#isReading = false;
    this.#wake();
  }

  #wakeAt(time: number): void {
    clearTimeout(this.#timer);
    const ms = Math.min(Math.max(0, time - performance.now()), MAX_TIMER);
    this.#timer = setTimeout(() => this.#wake(), ms);
  }

  async #launch(jobs: readonly Running[]): Promise<void> {
    this.#launches++;
    const startedAt = performance.now();
    const slot = this.#takeSlot();
    for (const running of jobs) {
      running.startedAt = startedAt;
      running.slot = slot;
    }
    this.#running.add(jobs);
    let endings: readonly Ending[] = [];
    try {
      endings = await this.#parts.launcher.launch(jobs, this.#end.signal);
    } catch (error) {
      this.#fail(error);
    }
    const now = performance.now();
    this.#slots.delete(slot);
    this.#running.delete(jobs);
    for (let at = 0; at < jobs.length; at++) {
      const running = jobs[at] as Running;
      const ending = endings[at] ?? (this.#isStopped ? CANCELLED : undefined);
      if (ending !== undefined) this.#ended(running, ending, ending.ms ?? now - startedAt);
      else this.#again.push({ job: running.job, attempt: running.attempt });
    }
    this.#launches--;
    this.#wake();
  }

  #ended(running: Running, ending: Ending, ms: number): void {
    const { retries, joblog } = this.#parts;
    if (ending.state === "failed" && running.attempt < retries && !this.#isStopped) {
      running.output.drop();
      this.#again.push({ job: running.job, attempt: running.attempt + 1 });
      return;
    }
    if (ending.state === "cancelled") running.output.drop();
    if (joblog === undefined || ending.state === "cancelled") {
      running.output.end();
      this.#count(running, ending, ms);
    } else void this.#log(joblog, running, ending, ms);
  }

  async #log(joblog: Joblog, running: Running, ending: Ending, ms: number): Promise<void> {
    this.#settling++;
    const start = (performance.timeOrigin + running.startedAt) / 1000;
    try {
      await new Promise<void>((resolve) => running.output.end(resolve));
      await this.#parts.output.flushed();
      const { exitCode, signal } = ending;
      const command = this.#parts.launcher.commandOf(running.job);
      const { seq, item } = running.job;
      joblog.write({ seq, item, start, seconds: ms / 1000, exitCode, signal, command });
      this.#count(running, ending, ms);
    } catch (error) {
      this.#fail(error);
    }
    this.#settling--;
    this.#wake();
  }

  #count(running: Running, ending: Ending, ms: number): void {
    const { counts } = this;
    counts[ending.state]++;
    this.#onEnded(running, ending, ms);
    const { halt } = this.#parts;
    if (halt === undefined || ending.state !== "failed" || this.#isStopped) return;
    if (!isHaltDue(halt, counts.failed, counts.done + counts.failed)) return;
    if (halt.when === "soon") this.stop();
    else this.interrupt();
  }

  #fail(error: unknown): void {
    this.#fatal ??= { error };
    this.#wake();
  }
}
