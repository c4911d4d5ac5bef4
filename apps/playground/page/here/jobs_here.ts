// The jobs that run in this page: their states, and what came of them. Nothing of it reaches the server.

import { signal } from "@preact/signals";
import type {
  Bar,
  ErrorView,
  JobRow,
  JobState,
  OutputLine,
  Reason,
} from "../../../../modules/dashboard/contract.ts";
import { hearLocal } from "../../../../modules/dashboard/page/live.ts";
import type { LocalJobs } from "../../../../modules/dashboard/page/local.ts";
import { mergeBars } from "../../../../modules/dashboard/record/bars.ts";
import { OUTPUT_LIMIT } from "../../../../modules/dashboard/record/printed.ts";
import type { Call, FromSandbox } from "./messages.ts";
import { openRun } from "./run.ts";
import { barOf, detailOf, HERE, placeOf, rowOf, runOf, sampleOf, workersOf } from "./views_here.ts";

/** Batches that are done and are kept, with their results; the oldest are forgotten. */
const KEPT_BATCHES = 20;

/** Batches that may be under way at once: each has workers of its own. */
const AT_ONCE = 6;

/** Bars that are told at once, about; short neighbours are merged, as the server does. */
const BARS = 4000;

/** Samples for charts are taken this often while something runs, as the server's are. */
const SAMPLE_MS = 1000;

/** In the place of a result that structured clone cannot carry from frame to frame. */
const UNSHOWN = "(a value that cannot be shown here)";

/** A job of this page. */
export interface JobHere {
  readonly number: number;
  readonly title: string;
  /** The playground's kind, or the name of the function. */
  readonly kind: string;
  /** What it was given, as text; and by names, or places. */
  readonly about: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  state: JobState;
  reason: Reason | null;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  worker: { readonly id: number; readonly name: string } | undefined;
  progress: number;
  result: unknown;
  error: ErrorView | undefined;
  readonly output: OutputLine[];
  /** Characters of output that may still come. */
  room: number;
  /** Whether it printed more than is kept. */
  cut: boolean;
}

/** A worker of this page. Each batch has its own. */
export interface WorkerHere {
  readonly id: number;
  readonly name: string;
  readonly startedAt: number;
  exitedAt: number | null;
}

/** A call, and what is said of it. */
export interface CallHere extends Call {
  readonly kind?: string;
  readonly about: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** What was submitted together: typed in the code tab, or a kind of the playground's. */
export interface BatchHere {
  readonly number: number;
  readonly from: "code" | "kind";
  readonly title: string;
  readonly jobs: readonly JobHere[];
  readonly workers: ReadonlyMap<number, WorkerHere>;
  readonly submittedAt: number;
  /** Cancels those that are not done; or one of them. */
  cancel(job?: JobHere): void;
}

/** The newest first: all that are under way, and the last ones that are not. */
export const batches = signal<readonly BatchHere[]>([]);
/** Counts changes of jobs, once a frame at most: who draws jobs reads it. */
export const changes = signal(0);
/** How many workers a batch may have; known once there was one. */
export const workersHere = signal<number | undefined>(undefined);

let submittedJobs = 0;
let submittedBatches = 0;
/** What changed since it was last drawn. */
const changed = new Map<BatchHere, Set<JobHere>>();
let sampling: ReturnType<typeof setInterval> | undefined;
let sampledAt = 0;

/**
 * Runs calls of a module in workers that nothing ran in before, and lists them.
 *
 * @param module its text.
 * @throws {RangeError} When enough is under way already.
 */
export async function runHere(
  from: BatchHere["from"],
  title: string,
  module: string,
  calls: readonly CallHere[],
): Promise<BatchHere> {
  const jobs = calls.map(jobOf);
  const workers = new Map<number, WorkerHere>();
  let isCancelled = false;
  let cancel = (_job?: JobHere) => {
    isCancelled = true;
  };
  const batch: BatchHere = {
    number: ++submittedBatches,
    from,
    title,
    jobs,
    workers,
    submittedAt: now(),
    cancel: (job) => cancel(job),
  };
  list(batch);
  sample();
  draw(batch, jobs);
  try {
    const run = await openRun(module, (message) => {
      const job = hear(jobs, workers, message);
      if (!isUnderWay(batch)) {
        run.close();
        // With the frame, all that was in it.
        for (const worker of workers.values()) worker.exitedAt ??= now();
      }
      draw(batch, job === undefined ? [] : [job]);
    });
    cancel = (job) => run.say({ what: "cancel", job: job && jobs.indexOf(job) });
    run.say({
      what: "submit",
      calls: calls.map(({ name, args, options }) => ({ name, args, options })),
    });
    if (isCancelled) cancel();
  } catch (error) {
    batches.value = batches.value.filter((other) => other !== batch);
    changed.delete(batch);
    throw error;
  }
  return batch;
}

/** Before anything is waited for, so that what was begun first is listed first, and so often is counted. */
function list(batch: BatchHere): void {
  const underWay = batches.value.filter(isUnderWay);
  if (underWay.length >= AT_ONCE) {
    throw new RangeError(`${AT_ONCE} runs are under way in this page: cancel one, or wait for it`);
  }
  const done = batches.value.filter((other) => !isUnderWay(other)).slice(0, KEPT_BATCHES - 1);
  batches.value = [batch, ...underWay, ...done].sort((a, b) => b.number - a.number);
}

export function isUnderWay({ jobs }: BatchHere): boolean {
  return jobs.some(({ finishedAt }) => finishedAt === undefined);
}

/** How long a batch has taken, and how much work was done in it, in milliseconds. */
export function timesOf({ jobs, submittedAt }: BatchHere): { wall: number; work: number } {
  const until = now();
  const work = jobs.reduce(
    (sum, { startedAt, finishedAt }) =>
      startedAt === undefined ? sum : sum + Math.max(0, (finishedAt ?? until) - startedAt),
    0,
  );
  const end = jobs.reduce(
    (last, { finishedAt }) => Math.max(last, finishedAt ?? until),
    submittedAt,
  );
  return { wall: end - submittedAt, work };
}

function jobOf({ name, kind = name, about, parameters }: CallHere): JobHere {
  return {
    number: ++submittedJobs,
    title: name,
    kind,
    about,
    parameters,
    state: "pending",
    reason: null,
    startedAt: undefined,
    finishedAt: undefined,
    worker: undefined,
    progress: 0,
    result: UNSHOWN,
    error: undefined,
    output: [],
    room: OUTPUT_LIMIT,
    cut: false,
  };
}

/** Takes what a sandbox tells; gives the job it is of. */
function hear(
  jobs: readonly JobHere[],
  workers: Map<number, WorkerHere>,
  message: FromSandbox,
): JobHere | undefined {
  if (message.what === "ready") {
    workersHere.value = message.maxWorkers;
    return undefined;
  }
  if (message.what === "worker") {
    const { id, name } = message.worker;
    const startedAt = workers.get(id)?.startedAt ?? message.at;
    workers.set(id, { id, name, startedAt, exitedAt: message.lives ? null : message.at });
    return undefined;
  }
  const job = jobs[message.job];
  if (job === undefined) return undefined;
  switch (message.what) {
    case "started":
      Object.assign(job, { state: "running", startedAt: message.at, worker: message.worker });
      break;
    case "progress":
      job.progress = message.fraction;
      break;
    case "printed":
      print(job, message.lines);
      break;
    case "result":
      job.result = message.value;
      break;
    case "settled":
      Object.assign(job, {
        state: message.state,
        finishedAt: message.at,
        error: message.error,
        reason: message.error === undefined ? null : reasonOf(message.error),
      });
      break;
    default:
      message satisfies never;
  }
  return job;
}

/** Keeps what was printed, as far as there is room. */
function print(job: JobHere, lines: readonly OutputLine[]): void {
  for (const { at, level, text } of lines) {
    job.cut ||= text.length > job.room;
    if (job.room <= 0) return;
    job.output.push({ at, level, text: text.slice(0, job.room) });
    // A line costs something even if it is empty.
    job.room -= text.length + 16;
  }
}

/** Has what changed drawn with the next frame: here, and wherever jobs are seen. */
function draw(batch: BatchHere, jobs: readonly JobHere[]): void {
  if (changed.size === 0) requestAnimationFrame(tell);
  const before = changed.get(batch) ?? new Set();
  changed.set(batch, before);
  for (const job of jobs) before.add(job);
}

function tell(): void {
  const news = [...changed];
  changed.clear();
  changes.value++;
  hearLocal({
    workers: news.flatMap(([batch]) => workersOf(batch)),
    bars: barsOf(news),
    rows: news.flatMap(([batch, jobs]) => [...jobs].map((job) => rowOf(batch, job))),
    runs: news.map(([batch]) => runOf(batch)),
    samples: [],
  });
}

function barsOf(of: readonly (readonly [BatchHere, Iterable<JobHere>])[]): Bar[] {
  const bars = of.flatMap(([batch, jobs]) => Array.from(jobs, (job) => barOf(batch, job)));
  return mergeBars(
    bars.filter((bar) => bar !== undefined),
    BARS,
  );
}

/** Takes a sample each second, from the first job until a second in which there was none. */
function sample(): void {
  if (sampling !== undefined) return;
  sampledAt = now();
  sampling = setInterval(() => {
    const taken = sampleOf(batches.peek().filter(wasUnderWay), sampledAt, now());
    sampledAt = taken.at;
    hearLocal({ workers: [], bars: [], rows: [], runs: [], samples: [taken] });
    const { submitted, queued, running, finished, failed, cancelled } = taken;
    if (submitted + queued + running + finished + failed + cancelled > 0) return;
    clearInterval(sampling);
    sampling = undefined;
  }, SAMPLE_MS);
}

/** Since the last sample: its workers end with it. */
function wasUnderWay(batch: BatchHere): boolean {
  const lives = [...batch.workers.values()];
  return isUnderWay(batch) || lives.some(({ exitedAt }) => (exitedAt ?? now()) > sampledAt);
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** All of them, for lanes, charts, lists and panels. */
export const LOCAL: LocalJobs = {
  executor: HERE,
  all: () => ({
    workers: batches.peek().toReversed().flatMap(workersOf),
    bars: barsOf(batches.peek().map((batch) => [batch, batch.jobs])),
    rows: [],
    runs: batches.peek().map(runOf),
    samples: [],
  }),
  rows: () => batches.peek().flatMap(rowsOf),
  detail(id) {
    const [batch, job] = find(id);
    return batch && job && detailOf(batch, job);
  },
  cancel(id) {
    const [batch, job] = find(id);
    if (job) batch?.cancel(job);
  },
};

/** Of batches that are over, they are made once. */
const rowsKnown = new WeakMap<BatchHere, readonly JobRow[]>();

function rowsOf(batch: BatchHere): readonly JobRow[] {
  const known = rowsKnown.get(batch);
  if (known !== undefined) return known;
  const rows = batch.jobs.toReversed().map((job) => rowOf(batch, job));
  if (!isUnderWay(batch)) rowsKnown.set(batch, rows);
  return rows;
}

function find(id: string): [BatchHere | undefined, JobHere | undefined] {
  const place = placeOf(id);
  const batch = batches.peek().find(({ number }) => number === place?.batch);
  return [batch, batch?.jobs.find(({ number }) => number === place?.job)];
}

function reasonOf({ name }: ErrorView): Reason | null {
  if (name === "TimeoutError") return "timed-out";
  return name === "WorkerLostError" ? "worker-lost" : null;
}
