// Marks: when a job waited for a lock and when it held one, told from the moments of its life.

import type { Hold } from "@concurrent/futures";
import type { Bar, JobMoment, Mark } from "../contract.ts";
import type { Job } from "./job.ts";
import { note, shorten } from "./moments.ts";

/** Moments of what is waited for and held that one job begins; others are for what else it does. */
const HOLD_MOMENTS = 30;

/** Where a bar has what. */
const STARTED = 6;
const FINISHED = 7;

/** Notes that a job waits for something, holds it, or neither any more; false where that is one too many. */
export function noteHold(
  job: Pick<Job, "moments" | "marks" | "holds">,
  { id, of, state }: Hold,
  at: number,
): boolean {
  job.holds ??= new Map();
  const before = job.holds.get(id);
  const what = momentOf(state, before, job.moments ?? []);
  if (what === undefined) return false;
  if (state === "over") job.holds.delete(id);
  else job.holds.set(id, state);
  note(job, { at, what, detail: shorten(of) });
  job.marks = marksOf(job.moments ?? []);
  return true;
}

function momentOf(
  state: Hold["state"],
  before: "waits" | "holds" | undefined,
  moments: readonly JobMoment[],
): JobMoment["what"] | undefined {
  // What has a beginning gets its end, however many there are.
  if (state === "over") return before && (before === "waits" ? "gave-up" : "released");
  if (before !== undefined) return state;
  const begun = moments.filter(({ what }) => what === "waits" || what === "holds").length;
  return begun < HOLD_MOMENTS ? state : undefined;
}

/**
 * The marks that the moments of a job tell of; null where they tell of none. Of several of one name, the first to begin is
 * the first to end.
 */
export function marksOf(moments: readonly JobMoment[]): Mark[] | null {
  const marks: Mark[] = [];
  const end = (what: Mark[0], of: string | undefined, at: number) => {
    const place = marks.findIndex(
      ([is, name, , to]) => to === null && is === what && (of === undefined || name === of),
    );
    if (place >= 0) marks[place] = (marks[place] as Mark).with(3, at) as Mark;
    return place >= 0;
  };
  for (const { what, at, detail } of moments) {
    const of = detail ?? "";
    if (what === "waits") marks.push(["waits", of, at, null]);
    else if (what === "gave-up") end("waits", of, at);
    else if (what === "released") end("holds", of, at);
    else if (what === "holds") {
      end("waits", of, at);
      marks.push(["holds", of, at, null]);
    } else if (what === "lost") {
      // All ends with the worker.
      while (end("waits", undefined, at) || end("holds", undefined, at));
    }
  }
  return marks.length === 0 ? null : marks;
}

/** A bar with the number of its job's group, and those of its job's marks that began in it. */
export function withMarks(bar: Bar, marks: readonly Mark[] | null, group: number | null): Bar {
  if (marks === null && group === null) return bar;
  const [start, end] = [bar[STARTED], bar[FINISHED] ?? Number.POSITIVE_INFINITY];
  const own = (marks ?? []).filter(([, , from]) => from >= start && from <= end);
  if (own.length === 0 && group === null) return bar;
  const [id, number, kind, executor, worker, submitted, started, finished, outcome, jobs] = bar;
  const drawn = [
    id,
    number,
    kind,
    executor,
    worker,
    submitted,
    started,
    finished,
    outcome,
  ] as const;
  return group === null ? [...drawn, jobs, own] : [...drawn, jobs, own, group];
}
