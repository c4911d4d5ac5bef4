// The requests that only the playground's page makes; those of every dashboard are in the dashboard's.

import { hc, parseResponse } from "hono/client";
import type { JobFilter } from "../../../modules/dashboard/contract.ts";
import { answer, texts } from "../../../modules/dashboard/page/api.ts";
import { BASE } from "../../../modules/dashboard/page/base.ts";
import type { App } from "../app.ts";
import type { OwnCodeBody, Submission } from "../contract.ts";

const { api } = hc<App>(BASE);

export const fetchKinds = () => answer(() => parseResponse(api.kinds.$get()));

export const fetchOpponents = () => answer(() => parseResponse(api.opponents.$get()));

export const fetchExperiments = () => answer(() => parseResponse(api.experiments.$get()));

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

/** Has the server run what was typed. Where it does not, there is no such route. */
export function runCode(body: OwnCodeBody) {
  return answer(() => parseResponse(api.code.$post({ json: body })));
}

export function runAgain(id: string, changes: Partial<Omit<Submission, "kind" | "count">> = {}) {
  return answer(() => parseResponse(api.jobs[":id"].again.$post({ param: { id }, json: changes })));
}

export function runManyAgain(filter: JobFilter) {
  return answer(() => parseResponse(api.jobs.again.$post({ json: { filter } })));
}

export function runWholeAgain(id: string) {
  return answer(() => parseResponse(api.runs[":id"].again.$post({ param: { id } })));
}

export function setIntake(name: string, intake: "open" | "paused") {
  const post = api.executors[":name"].intake.$post;
  return answer(() => parseResponse(post({ param: { name }, json: { intake } })));
}

export interface ComparisonWanted {
  kind: string;
  parameters: Record<string, unknown>;
  executors: string[];
  count: number;
  repeats: number;
  file?: string;
}

export function compare(wanted: ComparisonWanted) {
  return answer(() => parseResponse(api.comparisons.$post({ json: wanted })));
}

export function tryExperiment(experiment: string, executor: string) {
  return answer(() => parseResponse(api.trials.$post({ json: { experiment, executor } })));
}
