// How long a job waited and ran: as far as that is known, and growing while it goes on.

import type { JobRow } from "../contract.ts";
import { clock } from "./clock.ts";
import { duration } from "./format.ts";

type Job = Pick<JobRow, "state" | "submittedAt" | "startedAt" | "finishedAt">;

/** Whether a job is over, whenever that was: of one that was lost with its server, nobody knows. */
export function isOver({ state }: Pick<JobRow, "state">): boolean {
  return state !== "pending" && state !== "running";
}

/** When a job ended, or the time that is shown, while it goes on; undefined, where nobody knows when it ended. */
export function endOf(job: Job): number | undefined {
  return job.finishedAt ?? (isOver(job) ? undefined : clock.value);
}

/** Whether a job ran at a moment, give or take some milliseconds. */
export function ranAt(job: Job, at: number | undefined, within: number): boolean {
  if (at === undefined || job.startedAt === null || job.startedAt > at + within) return false;
  const end = job.finishedAt ?? (isOver(job) ? job.startedAt : Number.POSITIVE_INFINITY);
  return at - within <= end;
}

/** Says how long a job waited: until it started, or ended before it did. */
export function waitedFor(job: Job): string {
  const until = job.startedAt ?? endOf(job);
  return until === undefined ? "–" : duration(until - job.submittedAt);
}

/** Says how long a job ran, where it did. */
export function ranFor(job: Job): string {
  const until = endOf(job);
  return job.startedAt === null || until === undefined ? "–" : duration(until - job.startedAt);
}
