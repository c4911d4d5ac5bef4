// Local: jobs that run in the page itself. An app that has such brings them; lanes, charts, lists and panels show
// them beside the server's, in the shapes in which the server tells of its own.

import type { Counts, JobDetail, JobRow, Update } from "../contract.ts";
import type { ListQuery } from "./job_query.ts";

/** What is new of them. */
export type LocalNews = Pick<Update, "workers" | "bars" | "rows" | "runs" | "samples">;

/** What runs in the page, and is known to nobody else. */
export interface LocalJobs {
  /** What runs them: it stands beside the server's executors, and has the name of none. */
  readonly executor: string;
  /** All that is known: for a page that begins anew. */
  all(): LocalNews;
  /** The newest first. */
  rows(): readonly JobRow[];
  detail(id: string): JobDetail | undefined;
  cancel(id: string): void;
}

let brought: LocalJobs | undefined;

/** Says what runs in the page itself, before anything is drawn. */
export function bringLocal(jobs: LocalJobs | undefined): void {
  brought = jobs;
}

/** What runs in the page itself, where an app has such. */
export function local(): LocalJobs | undefined {
  return brought;
}

/** Whether something was not told by the server. */
export function isLocal({ executor }: { readonly executor: string }): boolean {
  return executor === brought?.executor;
}

/** Those that a query asks for, in its order. */
export function localRows(query: Partial<ListQuery>): readonly JobRow[] {
  const { sort = "number", order = "desc", text, batch, worker, ...same } = query;
  const rows = brought?.rows() ?? [];
  const found = rows.filter(
    (row) =>
      Object.entries(same).every(([name, value]) => row[name as keyof typeof same] === value) &&
      (batch === undefined || row.batch === batch) &&
      (worker === undefined || String(row.worker?.id) === String(worker)) &&
      (text === undefined || textOf(row).includes(text.toLowerCase())),
  );
  // They come as a list is sorted that nobody sorts.
  if (sort === "number" && order === "desc") return found;
  const of = (row: JobRow) => VALUES[sort](row);
  const by = order === "asc" ? 1 : -1;
  return found.sort((a, b) => by * (of(a) < of(b) ? -1 : of(a) > of(b) ? 1 : a.number - b.number));
}

/** Adds up what the server counts, and these. */
export function withLocal(counts: Counts, rows: readonly JobRow[]): Counts {
  const sum = structuredClone(counts);
  for (const { state, reason } of rows) {
    sum.total++;
    sum.states[state]++;
    if (reason !== null) sum.reasons[reason]++;
  }
  return sum;
}

const VALUES: Record<ListQuery["sort"], (row: JobRow) => number | string> = {
  number: ({ number }) => number,
  state: ({ state }) => state,
  kind: ({ kind }) => kind,
  executor: ({ executor }) => executor,
  wait: ({ submittedAt, startedAt }) => (startedAt ?? Number.POSITIVE_INFINITY) - submittedAt,
  run: ({ startedAt, finishedAt }) => (finishedAt ?? 0) - (startedAt ?? 0),
};

function textOf({ number, kind, worker, summary, error }: JobRow): string {
  const words = [number, kind, worker?.name, summary, error?.name, error?.message];
  return words.join(" ").toLowerCase();
}
