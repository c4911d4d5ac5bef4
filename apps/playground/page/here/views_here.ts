// What runs in this page, in the shapes in which the server tells of its jobs: lanes, charts, lists and panels know no others.

import type {
  Bar,
  JobDetail,
  JobMoment,
  JobRow,
  RunView,
  Sample,
  WorkerView,
} from "../../../../modules/dashboard/contract.ts";
import { counted } from "../../../../modules/dashboard/page/format.ts";
import { isPixels } from "../../../../modules/dashboard/page/parts/picture.tsx";
import { percentilesOf } from "../../../../modules/dashboard/record/percentiles.ts";
import type { BatchHere, JobHere } from "./jobs_here.ts";

/** The name of this page's pools, beside those of the server's executors. */
export const HERE = "browser";

/** More workers than a batch ever has: each has its own, and all of them have numbers of their own. */
const LANES = 100_000;

/** Characters of a result in a few words. */
const SUMMARY = 120;

const ID = /^here-(\d+)-(\d+)$/;

function batchId({ number }: BatchHere): string {
  return `here-${number}`;
}

function idOf(batch: BatchHere, job: JobHere): string {
  return `${batchId(batch)}-${job.number}`;
}

/** The numbers of a batch and of its job, where an id is of one of this page's. */
export function placeOf(id: string): { batch: number; job: number } | undefined {
  const [, batch, job] = ID.exec(id) ?? [];
  return batch === undefined ? undefined : { batch: Number(batch), job: Number(job) };
}

/** The number of a worker's lane. */
function laneOf(batch: BatchHere, worker: number): number {
  return batch.number * LANES + worker;
}

export function rowOf(batch: BatchHere, job: JobHere): JobRow {
  const { number, kind, state, reason, startedAt = null, finishedAt = null, worker, error } = job;
  return {
    id: idOf(batch, job),
    number,
    kind,
    executor: HERE,
    batch: batchId(batch),
    state,
    reason,
    priority: 0,
    submittedAt: batch.submittedAt,
    startedAt,
    finishedAt,
    attempts: startedAt === null ? 0 : 1,
    progress: job.progress > 0 ? { fraction: job.progress, detail: null } : null,
    worker: worker ? { id: laneOf(batch, worker.id), name: worker.name } : null,
    file: null,
    summary: state === "finished" ? inFewWords(job.result) : null,
    error: error ? { name: error.name, message: error.message } : null,
  };
}

export function detailOf(batch: BatchHere, job: JobHere): JobDetail {
  const { error: _, ...row } = rowOf(batch, job);
  return {
    ...row,
    parameters: { ...job.parameters },
    options: {},
    moments: momentsOf(row),
    marks: [],
    group: null,
    result: job.state === "finished" ? (job.result ?? null) : null,
    picture: null,
    error: job.error ?? null,
    output: job.output,
    outputCut: job.cut,
    againOf: null,
    canRunAgain: false,
  };
}

function momentsOf({
  submittedAt,
  startedAt,
  finishedAt,
  worker,
}: Pick<JobRow, "submittedAt" | "startedAt" | "finishedAt" | "worker">): JobMoment[] {
  const moment = { worker: null, fraction: null, detail: null };
  const moments: JobMoment[] = [{ ...moment, at: submittedAt, what: "submitted" }];
  if (startedAt !== null) moments.push({ ...moment, at: startedAt, what: "started", worker });
  if (finishedAt !== null) moments.push({ ...moment, at: finishedAt, what: "settled" });
  return moments;
}

/** Draws a job, if it was on a worker. */
export function barOf(batch: BatchHere, job: JobHere): Bar | undefined {
  const { number, kind, startedAt, finishedAt = null, worker } = job;
  if (startedAt === undefined || worker === undefined) return undefined;
  return [
    idOf(batch, job),
    number,
    kind,
    HERE,
    laneOf(batch, worker.id),
    batch.submittedAt,
    startedAt,
    finishedAt,
    job.reason ?? job.state,
    1,
  ];
}

export function workersOf(batch: BatchHere): WorkerView[] {
  return [...batch.workers.values()].map(({ id, name, startedAt, exitedAt }) => ({
    executor: HERE,
    id: laneOf(batch, id),
    name,
    startedAt,
    exitedAt,
    exit: exitedAt === null ? null : { code: null, signal: null, abandoned: false },
  }));
}

export function runOf(batch: BatchHere): RunView {
  const { jobs, submittedAt } = batch;
  const parts = Map.groupBy(jobs, ({ kind }) => kind);
  const started = jobs.flatMap(({ startedAt }) => startedAt ?? []);
  const ended = jobs.flatMap(({ finishedAt }) => finishedAt ?? []);
  const run: RunView = {
    id: batchId(batch),
    jobs: jobs.length,
    parts: [...parts].map(([kind, of]) => ({ kind, executor: HERE, jobs: of.length })),
    states: { pending: 0, running: 0, finished: 0, failed: 0, cancelled: 0 },
    submittedAt,
    startedAt: started.length > 0 ? started.reduce((a, b) => Math.min(a, b)) : null,
    finishedAt: ended.length === jobs.length ? ended.reduce((a, b) => Math.max(a, b), 0) : null,
    slowestMs: null,
  };
  for (const { state, startedAt, finishedAt } of jobs) {
    run.states[state]++;
    if (startedAt === undefined || finishedAt === undefined) continue;
    run.slowestMs = Math.max(run.slowestMs ?? 0, finishedAt - startedAt);
  }
  return run;
}

/** What all of them did since a moment. */
export function sampleOf(batches: readonly BatchHere[], since: number, at: number): Sample {
  const isNew = (time: number | undefined) => time !== undefined && time > since && time <= at;
  const jobs = batches.flatMap((batch) =>
    batch.jobs.map((job) => ({ ...timesOf(batch, job), job })),
  );
  const settled = jobs.filter(({ job }) => isNew(job.finishedAt));
  const count = (state: string) => settled.filter(({ job }) => job.state === state).length;
  const now = (state: string) => jobs.filter(({ job }) => job.state === state).length;
  const lives = batches.flatMap(({ workers }) => [...workers.values()]);
  return {
    at,
    executor: HERE,
    queued: now("pending"),
    running: now("running"),
    workers: lives.filter(({ exitedAt }) => exitedAt === null).length,
    busy: now("running"),
    submitted: batches.reduce(
      (sum, batch) => sum + (isNew(batch.submittedAt) ? batch.jobs.length : 0),
      0,
    ),
    finished: count("finished"),
    failed: count("failed"),
    cancelled: count("cancelled"),
    wait: percentilesOf(
      jobs.flatMap(({ job, waited }) => (isNew(job.startedAt) ? (waited ?? []) : [])),
    ),
    run: percentilesOf(settled.flatMap(({ ran }) => ran ?? [])),
  };
}

function timesOf({ submittedAt }: BatchHere, { startedAt, finishedAt }: JobHere) {
  return {
    waited: startedAt && startedAt - submittedAt,
    ran: startedAt && finishedAt && finishedAt - startedAt,
  };
}

function inFewWords(result: unknown): string | null {
  if (isPixels(result)) return `${result.width} × ${result.height} pixels`;
  if (ArrayBuffer.isView(result)) return counted(result.byteLength, "byte");
  if (Array.isArray(result)) return counted(result.length, "element");
  if (typeof result === "object" && result !== null) {
    const names = Object.keys(result);
    return names.length === 0 ? null : `{ ${names.slice(0, 4).join(", ")} }`;
  }
  return result === undefined ? null : String(result).slice(0, SUMMARY);
}
