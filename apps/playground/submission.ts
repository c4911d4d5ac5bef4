// Submission: reads a request's body, JSON or multipart, into jobs that are known to be good.

import type { HonoRequest } from "hono";
import type { Executors } from "../../modules/dashboard/executors.ts";
import { check } from "../../modules/dashboard/issues.ts";
import { Problem, quote } from "../../modules/dashboard/problem.ts";
import { mediaType } from "../../modules/dashboard/request_body.ts";
import { BATCH_LIMIT, submission as envelope } from "./contract.ts";
import {
  type JobKind,
  type JobOptions,
  KINDS,
  parametersOf,
  type Upload,
  whyNot,
} from "./kinds.ts";
import { type Form, readForm, readJson } from "./read_body.ts";

const LONGEST_FILE_NAME = 200;

const NUMBERS_OF_ENVELOPE = new Set(["count", "timeout", "priority", "retries"]);

const SUBMIT = { action: "submit job" };

/** One job, or several equal ones, ready to be submitted. */
export interface Submission {
  readonly kind: JobKind;
  readonly executor: string;
  readonly parameters: Record<string, unknown>;
  readonly upload: Upload | undefined;
  readonly count: number;
  readonly options: JobOptions;
  /** Milliseconds that they have together, as the children of one group. Default: they are of none. */
  readonly deadline?: number;
  /** The job that is run again. */
  readonly againOf?: string;
}

/** What a submission is checked against. */
export interface Site {
  readonly executors: Executors;
  /** Gives the file of a job that is known, while it is kept. */
  fileOf(id: string): Upload | undefined;
}

/** Reads and checks the jobs a request submits; anything wrong is a `Problem` that names the field. */
export async function readSubmissions(request: HonoRequest, site: Site): Promise<Submission[]> {
  const type = mediaType(request);
  if (type === "application/json") {
    const body = await readJson(request);
    if (!Array.isArray(body)) return [checkSubmission(body, site)];
    if (body.length === 0) throw cannotSubmit(400, "body", "the batch is empty");
    if (body.length > BATCH_LIMIT) throw tooMany(body.length);
    const submissions = body.map((job, i) => checkSubmission(job, site, { at: `[${i}].` }));
    const total = submissions.reduce((sum, { count }) => sum + count, 0);
    if (total > BATCH_LIMIT) throw tooMany(total);
    return submissions;
  }
  if (type === "multipart/form-data") {
    const form = await readForm(request);
    return [checkSubmission(fieldsOfForm(form), site, { upload: form.file })];
  }
  const found = type === undefined ? "no content type" : `content type ${quote(type)}`;
  throw new Problem(415, `Cannot submit job: ${found}, send JSON or a multipart form`, {
    field: "Content-Type",
  });
}

/** Sorts a form's fields: what is said of any job, and the kind's own parameters. */
function fieldsOfForm(form: Form): Record<string, unknown> {
  const kind = KINDS.get(form.texts.get("kind") ?? "");
  const parameters = new Map<string, unknown>();
  const fields = new Map<string, unknown>();
  for (const [name, text] of form.texts) {
    if (Object.hasOwn(envelope.shape, name) && name !== "parameters") {
      fields.set(name, NUMBERS_OF_ENVELOPE.has(name) ? numberOrText(text) : text);
    } else {
      parameters.set(name, kind && isNumber(kind, name) ? numberOrText(text) : text);
    }
  }
  // Built from entries, because assigning a key named "__proto__" would set a prototype instead.
  fields.set("parameters", Object.fromEntries(parameters));
  return Object.fromEntries(fields);
}

function isNumber(kind: JobKind, parameter: string): boolean {
  const parameters = parametersOf(kind);
  return Object.hasOwn(parameters, parameter) && parameters[parameter]?.type !== "string";
}

/** Gives text that is no number back as it is, for the schema to refuse it. */
function numberOrText(text: string): number | string {
  const number = Number(text);
  return text.trim() === "" || !Number.isFinite(number) ? text : number;
}

/** Checks one job; `at` is where it stands in the body, for the names of fields. */
export function checkSubmission(
  body: unknown,
  site: Site,
  { at = "", upload }: { at?: string; upload?: Upload | undefined } = {},
): Submission {
  const { executors } = site;
  const known = check(envelope, body, { ...SUBMIT, at });
  const { kind: kindName, executor, file, fileOf: id, count, parameters: _, ...options } = known;
  // As they came: a record leaves out a key named "__proto__" that the kind's own schema shall refuse.
  const { parameters = {} } = body as { parameters?: unknown };
  const kind = KINDS.get(kindName);
  if (kind === undefined) {
    throw cannotSubmit(400, `${at}kind`, `unknown kind ${quote(kindName)}`, [...KINDS.keys()]);
  }
  executors.find(executor, "submit job", `${at}executor`);
  const reason = whyNot(kind, executor, executors);
  if (reason !== undefined) {
    const why = `kind "${kind.name}" cannot run on executor "${executor}", ${reason}`;
    throw cannotSubmit(422, `${at}executor`, why);
  }
  const files = [upload, file, id].filter((given) => given !== undefined);
  if (files.length > 1) {
    throw cannotSubmit(400, `${at}file`, "give one of an upload, a text and a job that has a file");
  }
  let given = upload ?? (file === undefined ? undefined : textAsUpload(file));
  if (id !== undefined) given = site.fileOf(id);
  if (id !== undefined && given === undefined) {
    throw cannotSubmit(400, `${at}fileOf`, `no file is kept of job ${quote(id)}`);
  }
  if (kind.file !== undefined && given === undefined) {
    throw cannotSubmit(400, `${at}file`, `kind "${kind.name}" needs ${kind.file}`);
  }
  if (kind.file === undefined && given !== undefined) {
    throw cannotSubmit(400, `${at}file`, `kind "${kind.name}" takes no file`);
  }
  return {
    kind,
    executor,
    parameters: check(kind.parameters, parameters, { ...SUBMIT, at: `${at}parameters.` }),
    upload: given && { ...given, name: given.name.slice(0, LONGEST_FILE_NAME) },
    count,
    options: withoutUndefined(options),
  };
}

function textAsUpload(text: string): Upload {
  return { name: "(text)", bytes: new TextEncoder().encode(text) };
}

function cannotSubmit(status: 400 | 422, field: string, what: string, known?: string[]): Problem {
  const choice = known === undefined ? "" : `, known are ${known.join(", ")}`;
  return new Problem(status, `Cannot submit job: ${what}${choice}`, { field });
}

function tooMany(count: number): Problem {
  const detail = `${count} jobs in one batch, at most ${BATCH_LIMIT} are allowed`;
  return new Problem(400, `Cannot submit jobs: ${detail}`, { field: "count" });
}

/** An option that is present and undefined is not the same as an absent one to the compiler. */
function withoutUndefined(options: Record<string, number | undefined>): JobOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}
