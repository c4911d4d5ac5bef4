// Bars: what the timeline draws. Where there are too many, short neighbours become one, so that the picture stays.

import type { Bar, JobMoment } from "../contract.ts";
import type { DatabaseRow } from "./database.ts";
import type { Job } from "./job.ts";
import { marksOf, withMarks } from "./marks.ts";
import { groupOf } from "./moments.ts";

/** Where a bar has what. */
const EXECUTOR = 3;
const WORKER = 4;
const STARTED = 6;
const FINISHED = 7;
const OUTCOME = 8;
const JOBS = 9;
const GROUP = 11;

/** Draws a job, if it was on a worker. */
export function barOf(job: Job): Bar | undefined {
  const { startedAt, worker } = job;
  if (startedAt === null || worker === null) return undefined;
  const { id, number, asked, executor, submittedAt, finishedAt } = job;
  const outcome = job.reason ?? job.state;
  const { id: on } = worker;
  const { kind } = asked;
  const bar: Bar = [id, number, kind, executor, on, submittedAt, startedAt, finishedAt, outcome, 1];
  return withMarks(bar, job.marks, job.group);
}

/** Draws an attempt that was lost with its worker, of a job that is run again. */
export function lostBar(job: Job, at: number): Bar | undefined {
  const bar = barOf(job);
  return bar && (bar.with(FINISHED, at).with(OUTCOME, "worker-lost") as Bar);
}

/** Draws what history has: a job, and the attempts it lost before. */
export function barsFrom(row: DatabaseRow): Bar[] {
  const start = [row.id, row.number, row.kind, row.executor] as [string, number, string, string];
  const submitted = row.submitted_at as number;
  const last = [
    ...start,
    row.worker_id as number,
    submitted,
    row.started_at as number,
    row.finished_at as number | null,
    row.outcome as Bar[typeof OUTCOME],
    1,
  ] as Bar;
  if (typeof row.moments !== "string") return [last];
  const lost: Bar[] = [];
  let open: JobMoment | undefined;
  const moments = JSON.parse(row.moments) as JobMoment[];
  for (const moment of moments) {
    if (moment.what === "started") open = moment;
    if (moment.what !== "lost" || !open?.worker) continue;
    lost.push([...start, open.worker.id, submitted, open.at, moment.at, "worker-lost", 1]);
    open = undefined;
  }
  const [marks, group] = [marksOf(moments), groupOf(moments)];
  return [...lost, last].map((bar) => withMarks(bar, marks, group));
}

/** Merges neighbours until at most about `most` bars are left, in the order of their starts. */
export function mergeBars(bars: readonly Bar[], most: number): Bar[] {
  let merged = bars.toSorted((a, b) => a[STARTED] - b[STARTED]);
  // A longer gap each time, so that what is merged first is what could not be told apart on a screen.
  for (let gap = 0.25; merged.length > most && gap < 1e9; gap *= 4) merged = merge(merged, gap);
  return merged;
}

/** Merges bars of a worker that ended alike and lie closer than `gap`, where each is not much longer itself. */
function merge(bars: readonly Bar[], gap: number): Bar[] {
  const merged: Bar[] = [];
  /** Where the last bar of each worker stands in `merged`. */
  const lastOf = new Map<string, number>();
  for (const bar of bars) {
    const lane = `${bar[WORKER]} ${bar[EXECUTOR]}`;
    const place = lastOf.get(lane);
    const last = place === undefined ? undefined : (merged[place] as Bar);
    if (place !== undefined && last !== undefined && belong(last, bar, gap)) {
      const finished = Math.max(last[FINISHED] as number, bar[FINISHED] as number);
      merged[place] = last.with(FINISHED, finished).with(JOBS, last[JOBS] + bar[JOBS]) as Bar;
    } else {
      lastOf.set(lane, merged.push(bar) - 1);
    }
  }
  return merged;
}

function belong(a: Bar, b: Bar, gap: number): boolean {
  const [end, otherEnd] = [a[FINISHED], b[FINISHED]];
  if (a[GROUP] !== b[GROUP]) return false;
  if (end === null || otherEnd === null || a[OUTCOME] !== b[OUTCOME]) return false;
  return b[STARTED] - end <= gap && otherEnd - b[STARTED] <= 4 * gap;
}
