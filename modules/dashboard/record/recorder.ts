// Recorder: watches executors, and knows of every job what it did and does.
//
//   executors ══ events ══▶ Recorder ──▶ Job ──▶ History (written in batches, asked for lists)
//                              │           └───▶ Journal (what changed, for the live stream)
//                              └──▶ Tally, Samples, Workers (numbers and lanes)
//
// It takes part in nothing: it does not look at failures (the executor still reports those its user did not see), and
// it submits only what it is given to submit.

import type { Executor, Future, TaskEvent } from "@concurrent/futures";
import type { Bar, Sample, WorkerName } from "../contract.ts";
import { barsFrom, lostBar } from "./bars.ts";
import { viewError } from "./error_view.ts";
import { History, type HistoryOptions } from "./history.ts";
import type { Asked, Job, JobBulk, Picture } from "./job.ts";
import { Journal } from "./journal.ts";
import { marksOf, noteHold } from "./marks.ts";
import { groupName, note, shorten } from "./moments.ts";
import { reasonOf } from "./outcome.ts";
import { keepOutput, printedIn } from "./output.ts";
import { OUTPUT } from "./printed.ts";
import { KEPT_RUNS, Runs } from "./runs.ts";
import { ExecutorSeries, Samples } from "./series.ts";
import { Tally } from "./tally.ts";
import { every } from "./timers.ts";
import { toJson } from "./to_json.ts";
import { Workers } from "./workers.ts";

/** Milliseconds between two looks for jobs to forget. */
const RETAIN_EVERY = 2000;

/** Of so many seconds in which nothing happens is told together: a page that is only looked at costs next to nothing. */
const IDLE_TOLD = 5;

/** How a result is told. */
export interface Told {
  readonly summary: string;
  readonly picture?: Picture;
}

export interface RecorderOptions {
  readonly history: HistoryOptions;
  /** What may change of the executors although nothing runs, as text: readers are told within a second. */
  readonly standing?: () => string;
  /** Tells a result in a few words; without it, the result's JSON does. */
  readonly tell?: ((kind: string, value: unknown) => Told | undefined) | undefined;
}

export class Recorder implements Disposable {
  readonly journal = new Journal();
  readonly tally = new Tally();
  readonly workers = new Workers();
  readonly runs: Runs;
  readonly samples: Samples;
  readonly series = new Map<string, ExecutorSeries>();
  readonly history: History;
  readonly #tell: RecorderOptions["tell"];
  readonly #standing: () => string;
  readonly #executors: ReadonlyMap<string, Executor>;
  readonly #keepJobs: number;
  /** Jobs that are not settled, or not written. */
  readonly #live = new Map<string, Job>();
  // No DisposableStack: Node has it since 24.
  readonly #ends: Disposable[] = [];
  /** What the next job was asked to do, while it is being submitted. */
  #asked: Asked | undefined = undefined;
  #submitted: Job | undefined = undefined;
  #lastNumber: number;
  /** Samples that readers are to be told of. */
  readonly #untold: Sample[] = [];
  /** How the executors stood in the last second, if nothing happened in it. */
  #stoodAt: string | undefined;

  constructor(executors: ReadonlyMap<string, Executor>, options: RecorderOptions) {
    this.#executors = executors;
    this.#tell = options.tell;
    this.#standing = options.standing ?? (() => "");
    this.#keepJobs = options.history.keepJobs;
    this.history = new History(options.history, {
      written: (jobs, late) => this.#written(jobs, late),
      storageChanged: () => void this.journal.add({ what: "storage" }),
    });
    this.#ends.push({ [Symbol.dispose]: () => this.history.close() });
    this.#lastNumber = this.history.lastNumber;
    this.#recount();
    this.runs = new Runs(this.history.runs(KEPT_RUNS));
    this.samples = new Samples(executors.size);
    for (const [name, executor] of executors) this.#watch(name, executor);
    this.#ends.push(every(1000, () => this.sample()));
    this.#ends.push(every(RETAIN_EVERY, () => this.retain()));
  }

  /** Jobs that are not settled, or not written yet. */
  get live(): IterableIterator<Job> {
    return this.#live.values();
  }

  get(id: string): Job | undefined {
    return this.#live.get(id);
  }

  /** Records the job that `submit` submits as what it was asked to do. What `submit` throws is thrown. */
  submit(asked: Asked, submit: () => Future<unknown>): Job {
    this.#asked = asked;
    try {
      submit();
      return this.#submitted as Job;
    } finally {
      this.#asked = undefined;
      this.#submitted = undefined;
    }
  }

  /** Cancels jobs that were submitted in this turn, and forgets that they ever were. */
  discard(jobs: readonly Job[]): void {
    for (const job of jobs) job.future?.cancel({ interrupt: true });
    for (const job of jobs) {
      this.tally.remove(job.state, job.reason);
      this.runs.remove(job);
      this.history.drop(job);
      this.#live.delete(job.id);
    }
    this.journal.add({ what: "forgotten", jobs: jobs.length });
  }

  /** Forgets what is too old or too much; it is done now and then. */
  retain(): void {
    let jobs = 0;
    for (const group of this.history.retain(this.tally.view().total)) {
      this.tally.remove(group.state, group.reason, group.jobs);
      jobs += group.jobs;
    }
    if (jobs > 0) this.journal.add({ what: "forgotten", jobs });
  }

  /** Ends a second. Readers are told of it: of one in which nothing happened together with the next ones. */
  sample(): void {
    const executors = this.#executors;
    const at = performance.timeOrigin + performance.now();
    for (const [name, executor] of executors) {
      const sample = (this.series.get(name) as ExecutorSeries).take(at, name, executor);
      this.samples.add(sample);
      this.#untold.push(sample);
    }
    const isIdle = this.#untold.slice(-executors.size).every(hasNothing);
    const standing = isIdle ? this.#standing() : undefined;
    // The first second without anything is told at once: figures go to zero with it.
    const isSame = standing !== undefined && standing === this.#stoodAt;
    this.#stoodAt = standing;
    if (isSame && this.#untold.length < IDLE_TOLD * executors.size) return;
    for (const sample of this.#untold.splice(0)) this.journal.add({ what: "sample", sample });
  }

  /** Draws the newest bars of a stretch of time. */
  bars(since: number, until: number, limit: number): Bar[] {
    return this.history.bars(since, until, limit).flatMap(barsFrom);
  }

  /** Ends the watching, and writes what waits. */
  [Symbol.dispose](): void {
    for (const end of this.#ends.splice(0).reverse()) end[Symbol.dispose]();
  }

  #watch(name: string, executor: Executor): void {
    const series = new ExecutorSeries();
    this.series.set(name, series);
    /** By the executor's own numbers. */
    const jobs = new Map<number, Job>();
    const onEvent = (event: TaskEvent) => {
      switch (event.type) {
        case "submitted":
          jobs.set(event.id, this.#onSubmitted(name, event));
          series.submitted();
          break;
        case "started":
          this.#onStarted(jobs.get(event.id), event, series);
          break;
        case "progress":
          this.#onProgress(jobs.get(event.id), event);
          break;
        case "hold":
          this.#onHold(jobs.get(event.id), event);
          break;
        case "settled":
          this.#onSettled(jobs.get(event.id), event, series);
          jobs.delete(event.id);
          break;
        case "console":
          this.#onPrinted(event.taskId === undefined ? undefined : jobs.get(event.taskId), event);
          break;
        case "worker-started": {
          const worker = this.workers.started(name, event.worker, event.at);
          this.journal.add({ what: "worker", worker });
          break;
        }
        case "worker-exited": {
          const { exitCode = null, signal = null, abandoned, at } = event;
          const exit = { code: exitCode, signal, abandoned };
          const worker = this.workers.exited(name, event.worker.id, at, exit);
          if (worker !== undefined) this.journal.add({ what: "worker", worker });
          break;
        }
        default:
          event satisfies never;
      }
    };
    this.#ends.push(executor.observe(onEvent));
  }

  #onSubmitted(executor: string, event: TaskEvent & { type: "submitted" }): Job {
    const job: Job = {
      id: crypto.randomUUID(),
      number: ++this.#lastNumber,
      executor,
      asked: this.#asked ?? askedOf(event.task),
      submittedAt: event.at,
      state: "pending",
      reason: null,
      startedAt: null,
      finishedAt: null,
      attempts: 0,
      progress: null,
      worker: null,
      summary: null,
      error: null,
      moments: null,
      marks: null,
      group: event.group ?? null,
      holds: null,
      bulk: null,
      future: event.future ?? null,
      change: 0,
    };
    if (event.group !== undefined)
      note(job, { at: event.at, what: "grouped", detail: groupName(event.group) });
    this.#submitted = job;
    this.#live.set(job.id, job);
    this.tally.add("pending", null);
    this.runs.add(job);
    this.#changed(job);
    return job;
  }

  #onStarted(
    job: Job | undefined,
    event: TaskEvent & { type: "started" },
    series: ExecutorSeries,
  ): void {
    if (job === undefined || job.finishedAt !== null) return;
    const { at } = event;
    const worker: WorkerName = { id: event.worker.id, name: event.worker.name };
    if (job.startedAt === null) series.started(at - job.submittedAt);
    else this.#noteLoss(job, job.startedAt);
    if (job.attempts > 0) note(job, { at, what: "started", worker });
    job.attempts++;
    job.startedAt = at;
    job.worker = worker;
    this.#move(job, "running");
    this.#changed(job);
  }

  /** A job that starts once more has lost the worker it had. */
  #noteLoss(job: Job, startedAt: number): void {
    const { worker } = job;
    const lane = worker && this.workers.get(job.executor, worker.id);
    const at = lane?.exitedAt ?? startedAt;
    const bar = lostBar(job, at);
    if (bar !== undefined) this.journal.add({ what: "bar", bar });
    if (job.attempts === 1) note(job, { at: startedAt, what: "started", worker });
    note(job, { at, what: "lost", worker });
    job.marks = marksOf(job.moments ?? []);
    job.holds = null;
  }

  #onProgress(job: Job | undefined, event: TaskEvent & { type: "progress" }): void {
    if (job === undefined || job.finishedAt !== null) return;
    const { fraction, detail } = event.progress;
    const printed = printedIn(detail);
    if (printed !== undefined) {
      job.bulk ??= emptyBulk();
      keepOutput(job.bulk, printed);
    } else {
      const text =
        detail === undefined ? null : shorten(typeof detail === "string" ? detail : toJson(detail));
      job.progress = { fraction, detail: text };
      note(job, { at: event.at, what: "progress", fraction, detail: text });
    }
    this.#changed(job);
  }

  #onPrinted(job: Job | undefined, event: TaskEvent & { type: "console" }): void {
    if (job === undefined || job.finishedAt !== null) return;
    const { at, level, text } = event;
    job.bulk ??= emptyBulk();
    keepOutput(job.bulk, { [OUTPUT]: [{ at, level, text }], cut: false });
    this.#changed(job);
  }

  #onHold(job: Job | undefined, event: TaskEvent & { type: "hold" }): void {
    if (job === undefined || job.finishedAt !== null) return;
    if (noteHold(job, event.hold, event.at)) this.#changed(job);
  }

  #onSettled(
    job: Job | undefined,
    event: TaskEvent & { type: "settled" },
    series: ExecutorSeries,
  ): void {
    if (job === undefined) return;
    const { outcome, error, at } = event;
    const reason = reasonOf(outcome, error);
    job.finishedAt = at;
    this.#move(job, outcome, reason);
    series.settled(outcome, job.startedAt === null ? null : at - job.startedAt);
    if (reason === "timed-out") series.totals.timedOut++;
    if (reason === "worker-lost") series.totals.lost++;
    if (outcome === "failed") job.error = viewError(error);
    else if (outcome === "finished") this.#keepResult(job, event.future);
    job.future = null;
    this.#changed(job);
  }

  #keepResult(job: Job, future: Future<unknown> | undefined): void {
    // Elements of a map have no future, and nobody but the map's reader has their results.
    if (future === undefined) return;
    const { value } = future.snapshot();
    const told = this.#tell?.(job.asked.kind, value);
    const result = toJson(told?.picture === undefined ? value : { ...told.picture, pixels: "…" });
    job.summary = shorten(told?.summary ?? (value === undefined ? "" : result));
    job.bulk ??= emptyBulk();
    job.bulk.result = result;
    job.bulk.picture = told?.picture ?? null;
  }

  #move(job: Job, state: Job["state"], reason: Job["reason"] = null): void {
    const before = job.state;
    this.tally.remove(before, job.reason);
    job.state = state;
    job.reason = reason;
    this.tally.add(state, reason);
    this.runs.moved(job, before);
  }

  #changed(job: Job): void {
    this.journal.changed(job);
    this.history.put(job);
  }

  #written(jobs: readonly Job[], late: boolean): void {
    if (late) this.journal.add({ what: "listed", jobs: jobs.length });
    for (const job of jobs) {
      if (job.finishedAt === null) continue;
      this.#live.delete(job.id);
      // The journal may still have the job, to tell of it in short.
      job.bulk = null;
      job.moments = null;
    }
    // At once, and more than was written: in a flood that does not end, jobs come faster than any clock forgets them.
    if (this.tally.view().total > this.#keepJobs) this.retain();
  }

  #recount(): void {
    this.tally.clear();
    for (const group of this.history.groups({}))
      this.tally.add(group.state, group.reason, group.jobs);
  }
}

function hasNothing({ queued, running, submitted, finished, failed, cancelled }: Sample): boolean {
  return queued + running + submitted + finished + failed + cancelled === 0;
}

function askedOf(kind: string): Asked {
  return { kind, batch: null, parameters: {}, options: {}, file: null, againOf: null };
}

function emptyBulk(): JobBulk {
  return { result: null, picture: null, output: [], outputChars: 0, outputCut: false };
}
