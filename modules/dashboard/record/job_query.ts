// What is asked of the history, in SQL: filters, orders, and nothing that a client wrote as SQL.

import type { JobFilter, JobsQuery } from "../contract.ts";

/** A condition with the values it names. */
export interface Condition {
  readonly sql: string;
  readonly values: Record<string, string | number>;
}

/** All that text search looks at. */
const TEXT = [
  "number",
  "id",
  "kind",
  "executor",
  "coalesce(worker_name, '')",
  "coalesce(file_name, '')",
  "coalesce(summary, '')",
  "coalesce(error_name, '')",
  "coalesce(error_message, '')",
].join(" || ' ' || ");

const COLUMNS: Record<Exclude<keyof JobFilter, "text">, string> = {
  state: "state",
  reason: "reason",
  executor: "executor",
  kind: "kind",
  worker: "worker_id",
  batch: "batch",
};

/** Whether a job goes on. One that is over without an end was lost with its server: nobody knows how long it took. */
const GOES_ON = "state IN ('pending', 'running')";

/** Durations that still grow end now. */
const ORDERS: Record<JobsQuery["sort"], string> = {
  number: "number",
  state: "coalesce(reason, state)",
  kind: "kind",
  executor: "executor",
  wait: `coalesce(started_at, finished_at, CASE WHEN ${GOES_ON} THEN :now END) - submitted_at`,
  run: `coalesce(finished_at, CASE WHEN ${GOES_ON} THEN :now END) - started_at`,
};

/** Says a filter in SQL; an empty one is true of every job. */
export function conditionOf(filter: JobFilter): Condition {
  const parts: string[] = [];
  const values: Record<string, string | number> = {};
  for (const [name, column] of Object.entries(COLUMNS)) {
    const value = filter[name as keyof typeof COLUMNS];
    if (value === undefined) continue;
    parts.push(`${column} = :${name}`);
    values[name] = value;
  }
  if (filter.text !== undefined && filter.text !== "") {
    parts.push(`(${TEXT} LIKE :text ESCAPE '\\' OR output LIKE :printed ESCAPE '\\')`);
    values.text = like(filter.text);
    // What was printed is kept as JSON.
    values.printed = like(JSON.stringify(filter.text).slice(1, -1));
  }
  return { sql: parts.length === 0 ? "1" : parts.join(" AND "), values };
}

/** A pattern that is found where a text stands, whatever is in it. */
function like(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`;
}

/** Says an order in SQL. Jobs that are equal in it stand in the order of their numbers. */
export function orderOf({ sort, order }: Pick<JobsQuery, "sort" | "order">): Condition {
  const direction = order === "asc" ? "ASC" : "DESC";
  if (sort === "number") return { sql: `number ${direction}`, values: {} };
  const expression = ORDERS[sort];
  const values: Record<string, number> = {};
  if (expression.includes(":now")) values.now = performance.timeOrigin + performance.now();
  return { sql: `${expression} ${direction} NULLS LAST, number ${direction}`, values };
}
