// The query of a list of jobs, as it stands in the URL.

import type { JobsQuery } from "../contract.ts";
import { asked } from "./route.ts";

/** What is asked for of a list, whichever part of it is in view. */
export type ListQuery = Omit<JobsQuery, "offset" | "limit">;

const FILTERS = ["state", "reason", "executor", "kind", "worker", "batch", "text"];

const SORTS: readonly JobsQuery["sort"][] = ["number", "state", "kind", "executor", "wait", "run"];

/** What the URL asks for. Whether there is such a thing is for the server to say. */
export function readQuery(): Partial<ListQuery> {
  const given = FILTERS.map((name) => [name, asked(name)]).filter(([, value]) => value);
  return { ...Object.fromEntries(given), ...readSort() };
}

export function readSort(): Pick<JobsQuery, "sort" | "order"> {
  const sort = SORTS.find((name) => name === asked("sort")) ?? "number";
  return { sort, order: asked("order") === "asc" ? "asc" : "desc" };
}

/** Whether the list is narrowed by something else than a state. */
export function isNarrowed(): boolean {
  return ["executor", "kind", "worker", "batch", "text"].some((name) => asked(name));
}

/** Whether new jobs come in at the front, before all others. */
export function growsInFront(): boolean {
  const { sort, order } = readSort();
  return sort === "number" && order === "desc" && !asked("state") && !asked("reason");
}
