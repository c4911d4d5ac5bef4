// The jobs that run in this page: their states, and what came of them. Nothing of it reaches the server.

import { signal } from "@preact/signals";
import type {
  ErrorView,
  JobState,
  OutputLine,
  Reason,
} from "../../../../modules/dashboard/contract.ts";
import { OUTPUT_LIMIT } from "../../../../modules/dashboard/record/printed.ts";
import type { Call, FromSandbox } from "./messages.ts";
import { openRun } from "./run.ts";

/** Batches that are done and are kept, with their results; the oldest are forgotten. */
const KEPT_BATCHES = 20;

/** Batches that may be under way at once: each has workers of its own. */
const AT_ONCE = 6;

/** In the place of a result that structured clone cannot carry from frame to frame. */
const UNSHOWN = "(a value that cannot be shown here)";

/** A job of this page. */
export interface JobHere {
  readonly number: number;
  readonly title: string;
  /** What it was given, as text. */
  readonly about: string;
  state: JobState;
  reason: Reason | null;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  worker: string | undefined;
  progress: number;
  result: unknown;
  error: ErrorView | undefined;
  readonly output: OutputLine[];
  /** Characters of output that may still come. */
  room: number;
  /** Whether it printed more than is kept. */
  cut: boolean;
}

/** What was submitted together: typed in the code tab, or a kind of the playground's. */
export interface BatchHere {
  readonly number: number;
  readonly from: "code" | "kind";
  readonly title: string;
  readonly jobs: readonly JobHere[];
  readonly submittedAt: number;
  /** Cancels those that are not done. */
  cancel(): void;
}

/** The newest first: all that are under way, and the last ones that are not. */
export const batches = signal<readonly BatchHere[]>([]);
/** Counts changes of jobs, once a frame at most: who draws jobs reads it. */
export const changes = signal(0);
/** How many workers a batch may have; known once there was one. */
export const workersHere = signal<number | undefined>(undefined);

let submittedJobs = 0;
let submittedBatches = 0;
let drawing = false;

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
  calls: readonly (Call & { readonly about: string })[],
): Promise<BatchHere> {
  const jobs = calls.map(({ name, about }) => jobOf(name, about));
  let isCancelled = false;
  let cancel = () => {
    isCancelled = true;
  };
  const batch: BatchHere = {
    number: ++submittedBatches,
    from,
    title,
    jobs,
    submittedAt: performance.timeOrigin + performance.now(),
    cancel: () => cancel(),
  };
  list(batch);
  try {
    const run = await openRun(module, (message) => {
      hear(jobs, message);
      if (!isUnderWay(batch)) run.close();
      draw();
    });
    cancel = () => run.say({ what: "cancel" });
    run.say({ what: "submit", calls: calls.map(({ about: _, ...call }) => call) });
    if (isCancelled) cancel();
  } catch (error) {
    batches.value = batches.value.filter((other) => other !== batch);
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
  const now = performance.timeOrigin + performance.now();
  const ends = jobs.map(({ finishedAt }) => finishedAt ?? now);
  const work = jobs.reduce(
    (sum, { startedAt, finishedAt }) =>
      startedAt === undefined ? sum : sum + Math.max(0, (finishedAt ?? now) - startedAt),
    0,
  );
  return { wall: Math.max(0, ...ends.map((end) => end - submittedAt)), work };
}

function jobOf(title: string, about: string): JobHere {
  return {
    number: ++submittedJobs,
    title,
    about,
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

function hear(jobs: readonly JobHere[], message: FromSandbox): void {
  if (message.what === "ready") {
    workersHere.value = message.maxWorkers;
    return;
  }
  const job = jobs[message.job];
  if (job === undefined) return;
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

function draw(): void {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    changes.value++;
  });
}

function reasonOf({ name }: ErrorView): Reason | null {
  if (name === "TimeoutError") return "timed-out";
  return name === "WorkerLostError" ? "worker-lost" : null;
}
