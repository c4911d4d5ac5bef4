// The requests the page makes, each under a name. What goes out and what comes in is typed by the server's own routes.

import { DetailedError, hc, parseResponse } from "hono/client";
import type { App } from "../app.ts";
import type { JobDetail, JobFilter, JobsQuery, ProblemView, Submission } from "../contract.ts";
import { BASE } from "./base.ts";

const { api } = hc<App>(BASE);

/** What the server refused, in its own words. */
export class Refusal extends Error {
  override name = "Refusal";
  readonly problem: ProblemView;

  constructor(problem: ProblemView) {
    super(problem.detail);
    this.problem = problem;
  }
}

export const fetchKinds = () => answer(() => parseResponse(api.kinds.$get()));

export const fetchExperiments = () => answer(() => parseResponse(api.experiments.$get()));

export function fetchJobs(query: Partial<JobsQuery>) {
  return answer(() => parseResponse(api.jobs.$get({ query: texts(query) })));
}

export async function fetchJob(id: string): Promise<JobDetail> {
  const { job } = await answer(() => parseResponse(api.jobs[":id"].$get({ param: { id } })));
  // The client's types lose an error's cause, which is an error again.
  return job as JobDetail;
}

/** The route takes JSON or a form; its type says both. */
type Either = Parameters<typeof api.jobs.$post>[0];

export function submit(jobs: Submission | Submission[]) {
  return answer(() => parseResponse(api.jobs.$post({ json: jobs } as Either)));
}

/** Submits with a file; the fields of a submission and the kind's parameters stand beside each other. */
export function submitForm(fields: Record<string, unknown>, file: File) {
  const form = { ...texts(fields), file };
  return answer(() => parseResponse(api.jobs.$post({ form } as Either)));
}

export function cancelJob(id: string, interrupt: boolean) {
  const post = api.jobs[":id"].cancel.$post;
  return answer(() => parseResponse(post({ param: { id }, json: { interrupt } })));
}

export function runAgain(id: string, changes: Partial<Omit<Submission, "kind" | "count">> = {}) {
  return answer(() => parseResponse(api.jobs[":id"].again.$post({ param: { id }, json: changes })));
}

export function cancelMany(filter: JobFilter, interrupt: boolean) {
  return answer(() => parseResponse(api.jobs.cancel.$post({ json: { filter, interrupt } })));
}

export function runManyAgain(filter: JobFilter) {
  return answer(() => parseResponse(api.jobs.again.$post({ json: { filter } })));
}

export function resize(name: string, maxWorkers: number) {
  const post = api.executors[":name"].resize.$post;
  return answer(() => parseResponse(post({ param: { name }, json: { maxWorkers } })));
}

export function setIntake(name: string, intake: "open" | "paused") {
  const post = api.executors[":name"].intake.$post;
  return answer(() => parseResponse(post({ param: { name }, json: { intake } })));
}

export function endWorker(name: string, id: number) {
  const post = api.executors[":name"].workers[":id"].end.$post;
  return answer(() => parseResponse(post({ param: { name, id: String(id) } })));
}

export interface ComparisonWanted {
  kind: string;
  parameters: Record<string, unknown>;
  executors: string[];
  count: number;
  file?: string;
}

export function compare(wanted: ComparisonWanted) {
  return answer(() => parseResponse(api.comparisons.$post({ json: wanted })));
}

export function tryExperiment(experiment: string, executor: string) {
  return answer(() => parseResponse(api.trials.$post({ json: { experiment, executor } })));
}

/** Gives an answer, or throws what the server refused. */
async function answer<T>(ask: () => Promise<T>): Promise<T> {
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
function texts(query: Record<string, unknown>): Record<string, string> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}
