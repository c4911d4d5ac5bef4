// The rows of the table of jobs, and their head, which sorts them.

import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { JobRow, JobsQuery } from "../../contract.ts";
import { kindTitle } from "../catalogue.ts";
import { readSort } from "../job_query.ts";
import { ranAt, ranFor, waitedFor } from "../job_times.ts";
import { kindColour } from "../kind_colour.ts";
import { isLocal } from "../local.ts";
import { ask, asked, openJob, openPanel } from "../route.ts";
import { pointedAt, pointedWithin } from "../shared_time.ts";
import { Icon } from "./icon.tsx";
import { JobActions } from "./job_actions.tsx";
import { StateBadge } from "./state_badge.tsx";

const COLUMNS: readonly { title: string; sort?: JobsQuery["sort"]; end?: boolean }[] = [
  { title: "No.", sort: "number" },
  { title: "Kind", sort: "kind" },
  { title: "State", sort: "state" },
  { title: "Outcome" },
  { title: "Executor and worker", sort: "executor" },
  { title: "Waited", sort: "wait", end: true },
  { title: "Ran", sort: "run", end: true },
  { title: "Actions", end: true },
];

export function Head() {
  const { sort, order } = readSort();
  return (
    <div role="rowgroup" class="head">
      <div class="row" role="row" aria-rowindex={1}>
        {COLUMNS.map(({ title, sort: by, end }) => (
          <div
            key={title}
            class="cell"
            role="columnheader"
            data-end={end}
            aria-sort={by !== sort ? undefined : order === "asc" ? "ascending" : "descending"}
          >
            {by === undefined ? (
              <span class={title === "Actions" ? "unseen" : ""}>{title}</span>
            ) : (
              <button
                type="button"
                onClick={() =>
                  ask({ sort: by, order: by === sort && order === "desc" ? "asc" : "desc" })
                }
              >
                {title}
                {by === sort && <Icon name={order === "asc" ? "up" : "down"} />}
              </button>
            )}
          </div>
        ))}
      </div>
    </div>
  );
}

export function Row({ job, index, top }: { job: JobRow; index: number; top: number }) {
  const chosen = openJob.value === job.id;
  // Drawn anew where the answer is another, not with each step of the pointer.
  const ranThen = useMemo(
    () => computed(() => ranAt(job, pointedAt.value, pointedWithin.value)),
    [job],
  ).value;
  const point = (at: number | null) => {
    if (asked("lanes") === undefined) return;
    pointedWithin.value = 0;
    pointedAt.value = at ?? undefined;
  };
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      data-chosen={chosen}
      data-then={ranThen}
      onPointerEnter={() => point(job.startedAt)}
      onPointerLeave={() => point(null)}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => openPanel(job.id)}
    >
      <div class="cell number" role="cell">
        {job.number}
      </div>
      <div class="cell kind" role="cell">
        <span class="swatch" style={{ background: kindColour(job.kind) }} />
        <button
          type="button"
          class="job-link"
          aria-label={`Open job ${job.number}, ${kindTitle(job.kind)}`}
        >
          {kindTitle(job.kind)}
        </button>
        {job.attempts > 1 && <span class="tag">{job.attempts} starts</span>}
        {isLocal(job) && <span class="tag">this page</span>}
        {job.file && <span class="quiet file">{job.file.name}</span>}
      </div>
      <div class="cell standing" role="cell">
        <StateBadge state={job.state} reason={job.reason} />
        {job.state === "running" && job.progress && (
          <progress
            max={1}
            value={job.progress.fraction}
            aria-label={`Progress of job ${job.number}`}
          />
        )}
      </div>
      <div class="cell outcome" role="cell" data-failed={job.state === "failed"}>
        {outcomeOf(job)}
      </div>
      <div class="cell where" role="cell">
        {job.executor}
        {job.worker && <span class="quiet"> · {job.worker.name}</span>}
      </div>
      <Times job={job} />
      <div class="cell actions" role="cell">
        <JobActions job={job} named={false} />
      </div>
    </div>
  );
}

/** Apart from the row, because of a running job nothing else changes with the clock. */
function Times({ job }: { job: JobRow }) {
  return (
    <>
      <div class="cell time" role="cell">
        {waitedFor(job)}
      </div>
      <div class="cell time" role="cell">
        {ranFor(job)}
      </div>
    </>
  );
}

function outcomeOf(job: JobRow): string {
  if (job.state === "running") return job.progress?.detail ?? "";
  if (job.error !== null) return `${job.error.name}: ${job.error.message}`;
  return job.summary ?? "";
}
