// Jobs: all jobs as a live table of which only the rows in view exist, narrowed and sorted by the URL.

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { JobRow, JobState, JobsQuery, Reason } from "../../contract.ts";
import { kinds, kindTitle } from "../catalogue.ts";
import { clock } from "../clock.ts";
import { count, counted, duration } from "../format.ts";
import { JobList, type ListQuery } from "../job_list.ts";
import { kindColour } from "../kind_colour.ts";
import { executors, onRows } from "../live.ts";
import { BulkActions } from "../parts/bulk_actions.tsx";
import { Empty } from "../parts/empty.tsx";
import { Icon } from "../parts/icon.tsx";
import { JobActions } from "../parts/job_actions.tsx";
import { reasonText, StateBadge } from "../parts/state_badge.tsx";
import { addressOf, ask, asked, openJob, openPanel } from "../route.ts";

/** Rows above and below those in view, so that scrolling finds them drawn. */
const BEYOND = 8;

const ROW = 38;
/** In a narrow table a row has two lines. */
const NARROW_ROW = 66;
const NARROW = 640;

/** A search begins when typing pauses. */
const TYPED_MS = 200;

const STATES: readonly JobState[] = ["pending", "running", "finished", "failed", "cancelled"];
const REASONS: readonly Reason[] = ["timed-out", "worker-lost", "server-lost"];

/** What the URL says about the list. Words the server would refuse are left out. */
function readQuery(): Partial<ListQuery> {
  const query: Record<string, string | number> = {};
  for (const name of ["state", "reason", "executor", "kind", "worker", "batch", "text"]) {
    const value = asked(name);
    if (value !== undefined) query[name] = value;
  }
  const { sort, order } = readSort();
  return { ...query, sort, order } as Partial<ListQuery>;
}

const SORTS: readonly JobsQuery["sort"][] = ["number", "state", "kind", "executor", "wait", "run"];

function readSort(): Pick<JobsQuery, "sort" | "order"> {
  const sort = SORTS.find((name) => name === asked("sort")) ?? "number";
  return { sort, order: asked("order") === "asc" ? "asc" : "desc" };
}

export function Jobs() {
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
  return (
    <div class="jobs">
      <h1 class="unseen">Jobs</h1>
      <Tabs list={list} />
      <div class="jobs-bar">
        <Filters />
        <BulkActions query={readQuery()} total={list.total} counts={list.counts} />
      </div>
      <Table key={key} list={list} grown={grown} />
    </div>
  );
}

function Table({ list, grown }: { list: JobList; grown: { current: (rows: number) => void } }) {
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = useSignal(ROW);
  const view = useSignal({ first: 0, last: 40 });

  // Whoever reads further down keeps what they read in place while new rows come in above.
  grown.current = (rows) => {
    const { sort, order } = readSort();
    const inFront = sort === "number" && order === "desc" && !asked("state") && !asked("reason");
    const element = scroller.current;
    if (inFront && element && element.scrollTop > ROW) {
      element.scrollTop += rows * rowHeight.peek();
    }
  };

  function look(): void {
    const element = scroller.current;
    if (element === null) return;
    rowHeight.value = element.clientWidth <= NARROW ? NARROW_ROW : ROW;
    const first = Math.floor(element.scrollTop / rowHeight.peek());
    const last = first + Math.ceil(element.clientHeight / rowHeight.peek());
    const now = view.peek();
    if (now.first !== first || now.last !== last) view.value = { first, last };
    list.show(first, last);
  }

  useEffect(() => {
    const resized = new ResizeObserver(look);
    resized.observe(scroller.current as HTMLElement);
    look();
    return () => resized.disconnect();
  }, []);

  // Read here, because a component that is given the same again is not drawn again.
  list.version.value;
  const height = rowHeight.value;
  const from = Math.max(0, view.value.first - BEYOND);
  const to = Math.min(list.total, view.value.last + BEYOND);
  const rows = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i);
  const filtered = ["executor", "kind", "worker", "batch", "text"].some((name) => asked(name));
  return (
    <>
      <div class="table panel" role="table" aria-label="Jobs" aria-rowcount={list.total + 1}>
        <div class="scroller" ref={scroller} onScroll={look}>
          <Head />
          <div
            role="rowgroup"
            class="rows"
            style={{ height: `${list.total * height}px` }}
            onKeyDown={moveFocus}
          >
            {rows.map((index) => {
              const job = list.row(index);
              return job ? (
                <Row key={job.id} job={job} index={index} top={index * height} />
              ) : (
                <div
                  key={`missing ${index}`}
                  class="row row-missing"
                  role="row"
                  style={{ transform: `translateY(${index * height}px)` }}
                />
              );
            })}
          </div>
          {list.known && list.total === 0 && (
            <Empty title={filtered || asked("state") ? "No job is like that" : "No job yet"}>
              {filtered || asked("state") ? (
                <>
                  Nothing that is known now matches what is asked for.{" "}
                  <a href={addressOf("jobs")}>Show all jobs</a>.
                </>
              ) : (
                <>
                  Every job that is submitted gets a row here, and keeps it after it is done.{" "}
                  <a href={addressOf("live")}>Start some samples</a> or{" "}
                  <a href={addressOf("submit")}>submit one of your own</a>.
                </>
              )}
            </Empty>
          )}
        </div>
      </div>
      <p class="table-foot hint" role="status">
        {list.known ? counted(list.total, "job") : "Loading"}
        {filtered ? " match" : ""}
      </p>
    </>
  );
}

/** Up and down go from row to row, as in a list. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" } as const;
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const row = (event.target as Element).closest(".row");
  const next = row?.[step[event.key]]?.querySelector<HTMLElement>(".job-link");
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.closest(".row")?.scrollIntoView({ block: "nearest" });
}

function Tabs({ list }: { list: JobList }) {
  list.version.value;
  const { counts } = list;
  const state = asked("state");
  const reason = asked("reason");
  const all = { state: undefined, reason: undefined };
  return (
    <div class="state-tabs" role="group" aria-label="States">
      <Tab name="all" n={counts?.total} chosen={!state && !reason} onChoose={() => ask(all)} />
      {STATES.map((name) => (
        <Tab
          key={name}
          name={name}
          state={name}
          n={counts?.states[name]}
          chosen={state === name && !reason}
          onChoose={() => ask({ state: name, reason: undefined })}
        />
      ))}
      <span class="tabs-divider" />
      {REASONS.map((name) => (
        <Tab
          key={name}
          name={reasonText(name)}
          n={counts?.reasons[name]}
          chosen={reason === name}
          onChoose={() => ask({ state: "failed", reason: name })}
        />
      ))}
    </div>
  );
}

function Tab({
  name,
  state,
  n,
  chosen,
  onChoose,
}: {
  name: string;
  state?: JobState;
  n: number | undefined;
  chosen: boolean;
  onChoose(): void;
}) {
  return (
    <button type="button" aria-pressed={chosen} data-state={state} onClick={onChoose}>
      {name}
      <span class="tab-count">{n === undefined ? "–" : count(n)}</span>
    </button>
  );
}

function Filters() {
  const text = useSignal(asked("text") ?? "");
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  function search(value: string): void {
    text.value = value;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => ask({ text: value }, "replace"), TYPED_MS);
  }
  const others = ["worker", "batch"].filter((name) => asked(name) !== undefined);
  return (
    <search class="filters">
      <label class="search">
        <Icon name="search" />
        <span class="unseen">Search</span>
        <input
          type="search"
          placeholder="Search number, kind, worker, file, result, error"
          value={text.value}
          onInput={(event) => search(event.currentTarget.value)}
        />
      </label>
      <Choice
        label="Kind"
        name="kind"
        options={kinds.value.map(({ name, title }) => [name, title])}
      />
      <Choice
        label="Executor"
        name="executor"
        options={executors.value.map(({ name }) => [name, name])}
      />
      {others.map((name) => (
        <button
          key={name}
          type="button"
          class="chip"
          aria-label={`Take away the filter for the ${name}`}
          onClick={() => ask({ [name]: undefined })}
        >
          {name} {asked(name)?.slice(0, 8)}
          <Icon name="close" />
        </button>
      ))}
    </search>
  );
}

function Choice({
  label,
  name,
  options,
}: {
  label: string;
  name: string;
  options: (readonly [string, string])[];
}) {
  const value = asked(name) ?? "";
  return (
    <label class="filter">
      <span class="unseen">{label}</span>
      <select value={value} onInput={(event) => ask({ [name]: event.currentTarget.value })}>
        <option value="">{`Every ${label.toLowerCase()}`}</option>
        {value !== "" && !options.some(([option]) => option === value) && (
          <option value={value}>{value}</option>
        )}
        {options.map(([option, title]) => (
          <option key={option} value={option}>
            {title}
          </option>
        ))}
      </select>
    </label>
  );
}

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

function Head() {
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

function Row({ job, index, top }: { job: JobRow; index: number; top: number }) {
  const chosen = openJob.value === job.id;
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      data-chosen={chosen}
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
function Times({ job: { submittedAt, startedAt, finishedAt } }: { job: JobRow }) {
  const end = finishedAt ?? clock.value;
  return (
    <>
      <div class="cell time" role="cell">
        {duration((startedAt ?? end) - submittedAt)}
      </div>
      <div class="cell time" role="cell">
        {startedAt === null ? "–" : duration(end - startedAt)}
      </div>
    </>
  );
}

function outcomeOf(job: JobRow): string {
  if (job.state === "running") return job.progress?.detail ?? "";
  if (job.error !== null) return `${job.error.name}: ${job.error.message}`;
  return job.summary ?? "";
}
