// note(): writes down what happened in a job's life, in bounded memory.

import type { JobMoment, WorkerName } from "../contract.ts";
import { type Job, ROW_TEXT } from "./job.ts";

/** Moments of one job that are kept, beside the latest one. */
const MOMENTS = 60;

/** Notes a moment of a job; of very many, the last one replaces the one before it. */
export function note(
  job: Pick<Job, "moments">,
  moment: {
    at: number;
    what: JobMoment["what"];
    worker?: WorkerName | null;
    fraction?: number;
    detail?: string | null;
  },
): void {
  const { at, what, worker = null, fraction = null, detail = null } = moment;
  job.moments ??= [];
  if (job.moments.length > MOMENTS) job.moments.pop();
  job.moments.push({ at, what, worker, fraction, detail });
}

/** How a group is called by its number, among the moments of its jobs. */
export function groupName(group: number): string {
  return `group ${group}`;
}

/** The number of a job's group, as its moments tell it. */
export function groupOf(moments: readonly JobMoment[]): number | null {
  const grouped = moments.find(({ what }) => what === "grouped");
  return grouped === undefined ? null : Number(/\d+$/.exec(grouped.detail ?? "")?.[0] ?? 0);
}

/** A text for a row. */
export function shorten(text: string): string {
  return text.length > ROW_TEXT ? `${text.slice(0, ROW_TEXT)}…` : text;
}
