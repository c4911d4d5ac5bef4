// Jobs: all jobs as a live table, narrowed and sorted by the URL; or grouped by run, or by error.

import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { texts } from "../api.ts";
import { JobList } from "../job_list.ts";
import { readQuery } from "../job_query.ts";
import { Lanes } from "../lanes/lanes.tsx";
import { onRows } from "../live.ts";
import { BulkActions } from "../parts/bulk_actions.tsx";
import { Icon } from "../parts/icon.tsx";
import { Filters, StateTabs } from "../parts/job_filters.tsx";
import { JobTable } from "../parts/job_table.tsx";
import { Pinned } from "../parts/pinned.tsx";
import { addressOf, ask, asked } from "../route.ts";
import { Failures, Runs } from "./runs.tsx";

/** How they are grouped, as it stands in the URL. */
const GROUPINGS = [
  { by: undefined, name: "Each" },
  { by: "run", name: "By run" },
  { by: "error", name: "By error" },
] as const;

/** In a list that is longer, those that run may be out of sight. */
const LONG = 20;

export function Jobs() {
  const by = asked("by");
  return (
    <div class="jobs" data-by={by}>
      <h1 class="unseen">Jobs</h1>
      {by === "run" ? <ByRun /> : by === "error" ? <ByError /> : <Each />}
    </div>
  );
}

function Each() {
  const key = useComputed(() => JSON.stringify(readQuery())).value;
  const grown = useRef<(rows: number) => void>(() => {});
  const list = useMemo(() => new JobList(readQuery(), (rows) => grown.current(rows)), [key]);
  useEffect(() => {
    const forget = onRows((rows, more) => list.changed(rows, more));
    return () => {
      forget();
      list.stop();
    };
  }, [list]);
  list.version.value;
  const query = readQuery();
  const { sort: _, order: __, ...filter } = query;
  return (
    <>
      <div class="jobs-head">
        <Grouping />
        <StateTabs list={list} />
      </div>
      <div class="jobs-bar">
        <Filters />
        <BulkActions query={query} {...list.there} />
        <BesideLanes />
        <Export filter={filter} />
      </div>
      {asked("lanes") !== undefined && (
        <Lanes {...(query.executor && { executor: query.executor })} />
      )}
      {query.state === undefined && list.total > LONG && <Pinned query={filter} />}
      <JobTable key={key} list={list} grown={grown} />
    </>
  );
}

function ByRun() {
  return (
    <>
      <div class="jobs-head">
        <Grouping />
        <p class="quiet">Jobs that were submitted together. Tick two to compare them.</p>
      </div>
      <Runs />
    </>
  );
}

function ByError() {
  const { sort: _, order: __, state: ___, ...filter } = readQuery();
  return (
    <>
      <div class="jobs-head">
        <Grouping />
        <p class="quiet">Failures whose errors differ in nothing but numbers.</p>
      </div>
      <div class="jobs-bar">
        <Filters />
      </div>
      <Failures filter={filter} />
    </>
  );
}

function Grouping() {
  const now = asked("by");
  return (
    <nav class="segments" aria-label="Grouping">
      {GROUPINGS.map(({ by, name }) => (
        <a
          key={name}
          href={addressOf("jobs", by === undefined ? {} : { by })}
          aria-current={by === now ? "true" : undefined}
        >
          {name}
        </a>
      ))}
    </nav>
  );
}

/** Shows the lanes above the list: what ran at the moment that is pointed at there is marked here, and the other way round. */
function BesideLanes() {
  const shown = asked("lanes") !== undefined;
  return (
    <button
      type="button"
      aria-pressed={shown}
      title="Lanes above the list: point at a time, and the jobs that ran then are marked"
      onClick={() => ask({ lanes: shown ? undefined : "yes" }, "replace")}
    >
      <Icon name="lanes" />
      Lanes
    </button>
  );
}

/** All that is listed, as a file. */
function Export({ filter }: { filter: Record<string, unknown> }) {
  const address = (format: string) =>
    `api/export?${new URLSearchParams({ ...texts(filter), format })}`;
  return (
    <span class="export" role="group" aria-label="Export what is listed">
      <Icon name="download" />
      <a href={address("csv")} download="jobs.csv">
        CSV
      </a>
      <a href={address("json")} download="jobs.json">
        JSON
      </a>
    </span>
  );
}
