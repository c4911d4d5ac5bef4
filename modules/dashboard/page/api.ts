// The requests the page makes, each under a name. What goes out and what comes in is typed by the server's own routes.

import { DetailedError, hc, parseResponse } from "hono/client";
import type {
  FailureGroup,
  JobDetail,
  JobFilter,
  JobsQuery,
  ProblemView,
  Sample,
} from "../contract.ts";
import type { Api } from "../routes/all.ts";
import { BASE } from "./base.ts";

const { api } = hc<Api>(BASE);

/** What the server refused, in its own words. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly problem: ProblemView;

  constructor(problem: ProblemView) {
    super(problem.detail);
    this.problem = problem;
  }
}

export function fetchJobs(query: Partial<JobsQuery>) {
  return answer(() => parseResponse(api.jobs.$get({ query: texts(query) })));
}

export async function fetchJob(id: string): Promise<JobDetail> {
  const { job } = await answer(() => parseResponse(api.jobs[":id"].$get({ param: { id } })));
  // The client's types lose an error's cause, which is an error again.
  return job as JobDetail;
}

export async function fetchFailures(filter: JobFilter): Promise<FailureGroup[]> {
  const query = texts(filter);
  return (await answer(() => parseResponse(api.failures.$get({ query })))).groups;
}

export async function fetchDay(): Promise<Sample[]> {
  return (await answer(() => parseResponse(api.samples.$get()))).samples;
}

export function cancelJob(id: string, interrupt: boolean) {
  const post = api.jobs[":id"].cancel.$post;
  return answer(() => parseResponse(post({ param: { id }, json: { interrupt } })));
}

export function cancelMany(filter: JobFilter, interrupt: boolean) {
  return answer(() => parseResponse(api.jobs.cancel.$post({ json: { filter, interrupt } })));
}

export function resize(name: string, maxWorkers: number) {
  const post = api.executors[":name"].resize.$post;
  return answer(() => parseResponse(post({ param: { name }, json: { maxWorkers } })));
}

export function warm(name: string) {
  return answer(() => parseResponse(api.executors[":name"].warm.$post({ param: { name } })));
}

export function setPaused(name: string, paused: boolean) {
  const post = api.executors[":name"].pause.$post;
  return answer(() => parseResponse(post({ param: { name }, json: { paused } })));
}

export function endWorker(name: string, id: number) {
  const post = api.executors[":name"].workers[":id"].end.$post;
  return answer(() => parseResponse(post({ param: { name, id: String(id) } })));
}

/** Gives an answer, or throws what the server refused. */
export async function answer<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof DetailedError)) throw error;
    const { data } = error.detail as { data?: ProblemView | string };
    if (typeof data === "object") throw new Refusal(data);
    throw error;
  }
}

/** A query is text; what is not asked for is left out. */
export function texts(query: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
