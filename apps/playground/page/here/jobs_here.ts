// The jobs that run in this page: their states, and what came of them. Nothing of it reaches the server.

import type { Future } from "@concurrent/futures";
import { signal } from "@preact/signals";
import type { ErrorView, JobState, OutputLine, Reason } from "../../contract.ts";
import { viewError } from "../../record/error_view.ts";
import { OUTPUT, type Printed } from "../../record/printed.ts";
import type { Call, PagePool } from "./pool.ts";

/** Batches that are kept, with their results; the oldest are forgotten. */
const KEPT_BATCHES = 20;

/** A job of this page. */
export interface JobHere {
  readonly number: number;
  readonly title: string;
  /** What it was given, as text. */
  readonly about: string;
  readonly future: Future<unknown>;
  state: JobState;
  reason: Reason | null;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  worker: string | undefined;
  progress: number;
  result: unknown;
  error: ErrorView | undefined;
  readonly output: OutputLine[];
  cut: boolean;
}

/** Jobs that were submitted together. */
export interface BatchHere {
  readonly title: string;
  readonly jobs: readonly JobHere[];
  readonly submittedAt: number;
}

/** The last ones, the newest first. */
export const batches = signal<readonly BatchHere[]>([]);
/** Counts changes of jobs, once a frame at most: who draws jobs reads it. */
export const changes = signal(0);
/** How many workers the page may have; known once its pool is. */
export const workersHere = signal<number | undefined>(undefined);

const byFuture = new WeakMap<Future<unknown>, JobHere>();
let pool: Promise<PagePool> | undefined;
let submitted = 0;
let drawing = false;

/** Runs calls in this page's workers, and lists them. */
export async function runHere(
  title: string,
  calls: readonly (Call & { readonly about: string })[],
): Promise<BatchHere> {
  const ready = await ownPool();
  const submittedAt = performance.timeOrigin + performance.now();
  const jobs = calls.map((call) => follow(ready.submit(call), call.name, call.about));
  const batch: BatchHere = { title, jobs, submittedAt };
  batches.value = [batch, ...batches.value.slice(0, KEPT_BATCHES - 1)];
  return batch;
}

/** How long a batch has taken, and how much work was done in it, in milliseconds. */
export function timesOf({ jobs, submittedAt }: BatchHere): { wall: number; work: number } {
  const now = performance.timeOrigin + performance.now();
  const ends = jobs.map(({ finishedAt }) => finishedAt ?? now);
  const work = jobs.reduce(
    (sum, { startedAt, finishedAt }) =>
      startedAt === undefined ? sum : sum + Math.max(0, (finishedAt ?? now) - startedAt),
    0,
  );
  return { wall: Math.max(0, ...ends.map((end) => end - submittedAt)), work };
}

/** Its own file, so that nobody loads the library who runs nothing here. */
function ownPool(): Promise<PagePool> {
  pool ??= load();
  pool.catch(() => {
    pool = undefined;
  });
  return pool;
}

async function load(): Promise<PagePool> {
  const file = new URL("./here.js", import.meta.url).href;
  const { PagePool } = (await import(file)) as typeof import("./pool.ts");
  const made = new PagePool({
    started(future, at, worker) {
      change(future, (job) => Object.assign(job, { state: "running", startedAt: at, worker }));
    },
    settled(future, at) {
      change(future, (job) => settle(job, at));
    },
  });
  workersHere.value = made.maxWorkers;
  return made;
}

function follow(future: Future<unknown>, title: string, about: string): JobHere {
  const job: JobHere = {
    number: ++submitted,
    title,
    about,
    future,
    state: "pending",
    reason: null,
    startedAt: undefined,
    finishedAt: undefined,
    worker: undefined,
    progress: 0,
    result: undefined,
    error: undefined,
    output: [],
    cut: false,
  };
  byFuture.set(future, job);
  future.onProgress(({ fraction, detail }) =>
    change(future, () => {
      if (!isPrinted(detail)) {
        job.progress = fraction;
        return;
      }
      job.output.push(...detail[OUTPUT]);
      job.cut ||= detail.cut;
    }),
  );
  // Looked at, so that a failure is not reported a second time.
  future.exception().catch(() => {});
  return job;
}

function change(future: Future<unknown>, how: (job: JobHere) => void): void {
  const job = byFuture.get(future);
  if (job === undefined) return;
  how(job);
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    changes.value++;
  });
}

function settle(job: JobHere, at: number): void {
  const { state, value, error } = job.future.snapshot();
  job.finishedAt = at;
  if (state === "cancelled") job.state = "cancelled";
  else if (error === undefined) {
    job.state = "finished";
    job.result = value;
  } else {
    job.state = "failed";
    job.error = viewError(error);
    job.reason = reasonOf(job.error);
  }
}

function reasonOf({ name }: ErrorView): Reason | null {
  if (name === "TimeoutError") return "timed-out";
  return name === "WorkerLostError" ? "worker-lost" : null;
}

function isPrinted(detail: unknown): detail is Printed {
  return typeof detail === "object" && detail !== null && OUTPUT in detail;
}
