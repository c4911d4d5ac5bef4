// The requests the page makes, each under a name. (Provisional: to be hc<App>.)

import type {
  Comparison,
  ExecutorView,
  ExperimentView,
  JobDetail,
  JobFilter,
  JobRow,
  JobsPage,
  JobsQuery,
  KindDescription,
  ProblemView,
  Submission,
  Submitted,
  Trial,
} from "../contract.ts";
import { BASE } from "./base.ts";

/** What the server refused, in its own words. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly problem: ProblemView;

  constructor(problem: ProblemView) {
    super(problem.detail);
    this.problem = problem;
  }
}

async function call<T>(method: "GET" | "POST", path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body instanceof FormData) init.body = body;
  else if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { "content-type": "application/json" };
  }
  const response = await fetch(new URL(path, BASE), init);
  if (!response.ok) throw new Refusal(await response.json());
  return (await response.json()) as T;
}

export const fetchKinds = () => call<{ kinds: KindDescription[] }>("GET", "api/kinds");
export const fetchExperiments = () =>
  call<{ experiments: ExperimentView[] }>("GET", "api/experiments");
export const fetchJobs = (query: Partial<JobsQuery>) =>
  call<JobsPage>(
    "GET",
    `api/jobs?${new URLSearchParams(
      Object.entries(query)
        .filter(([, v]) => v !== undefined)
        .map(([k, v]) => [k, String(v)]),
    )}`,
  );
export const fetchJob = (id: string) => call<{ job: JobDetail }>("GET", `api/jobs/${id}`);
export const submit = (body: Submission | Submission[] | FormData) =>
  call<Submitted>("POST", "api/jobs", body);
export const cancelJob = (id: string, interrupt: boolean) =>
  call<{ cancelled: boolean; job: JobRow }>("POST", `api/jobs/${id}/cancel`, { interrupt });
export const runAgain = (id: string, changes: Record<string, unknown> = {}) =>
  call<Submitted>("POST", `api/jobs/${id}/again`, changes);
export const cancelMany = (filter: JobFilter, interrupt: boolean) =>
  call<{ matched: number; cancelled: number }>("POST", "api/jobs/cancel", { filter, interrupt });
export const runManyAgain = (filter: JobFilter) =>
  call<{ matched: number; submitted: number; skipped: number; batch: string | null }>(
    "POST",
    "api/jobs/again",
    { filter },
  );
export const resize = (name: string, maxWorkers: number) =>
  call<{ executor: ExecutorView }>("POST", `api/executors/${name}/resize`, { maxWorkers });
export const setIntake = (name: string, intake: "open" | "paused") =>
  call<{ executor: ExecutorView }>("POST", `api/executors/${name}/intake`, { intake });
export const endWorker = (name: string, id: number) =>
  call<{ executor: ExecutorView }>("POST", `api/executors/${name}/workers/${id}/end`);
export const compare = (body: {
  kind: string;
  parameters: Record<string, unknown>;
  executors: string[];
  count: number;
  file?: string;
}) => call<{ comparison: Comparison }>("POST", "api/comparisons", body);
export const tryExperiment = (experiment: string, executor: string) =>
  call<{ trial: Trial }>("POST", "api/trials", { experiment, executor });
