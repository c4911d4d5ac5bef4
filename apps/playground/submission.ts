// Submission: reads a request's body, JSON or multipart, into jobs that are known to be good.

import type { HonoRequest } from "hono";
import { z } from "zod";
import { describeKind, type JobKind, type JobOptions, KINDS, type Upload } from "./kinds.ts";
import { type FieldProblem, Problem, quote } from "./problem.ts";
import { type Form, mediaType, readForm, readJson } from "./request_body.ts";

/** How many jobs one request may submit. */
export const BATCH_LIMIT = 1000;

const LONGEST_FILE_NAME = 200;

/** What may be said of a job beside its kind's own parameters. */
const envelope = z.strictObject({
  kind: z.string(),
  executor: z.string(),
  parameters: z.unknown().default({}),
  /** A text in the place of a file. */
  file: z.string().optional(),
  count: z.int().min(1).max(BATCH_LIMIT).default(1),
  timeout: z.int().min(1).max(600_000).optional(),
  priority: z.int().min(-100).max(100).optional(),
  retries: z.int().min(0).max(5).optional(),
});

const NUMBERS_OF_ENVELOPE = new Set(["count", "timeout", "priority", "retries"]);

/** One job, or several equal ones, ready to be submitted. */
export interface Submission {
  kind: JobKind;
  executor: string;
  parameters: Record<string, unknown>;
  upload: Upload | undefined;
  count: number;
  options: JobOptions;
}

/** Which executors there are, and why one of them must not run certain kinds. */
export interface Executors {
  names(): string[];
  sharesEventLoop(name: string): boolean;
}

/** Reads and checks the jobs a request submits; anything wrong is a `Problem` that names the field. */
export async function readSubmissions(
  request: HonoRequest,
  executors: Executors,
): Promise<Submission[]> {
  const type = mediaType(request);
  if (type === "application/json") {
    const body = await readJson(request);
    if (!Array.isArray(body)) return [check(body, undefined, "", executors)];
    if (body.length === 0) throw cannotSubmit(400, "body", "the batch is empty");
    if (body.length > BATCH_LIMIT) throw tooMany(body.length);
    const submissions = body.map((job, i) => check(job, undefined, `[${i}].`, executors));
    const total = submissions.reduce((sum, { count }) => sum + count, 0);
    if (total > BATCH_LIMIT) throw tooMany(total);
    return submissions;
  }
  if (type === "multipart/form-data") {
    const form = await readForm(request);
    return [check(fieldsOfForm(form), form.file, "", executors)];
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
  const { parameters } = describeKind(kind);
  return Object.hasOwn(parameters, parameter) && parameters[parameter]?.type !== "string";
}

/** Gives text that is no number back as it is, for the schema to refuse it. */
function numberOrText(text: string): number | string {
  const number = Number(text);
  return text.trim() === "" || !Number.isFinite(number) ? text : number;
}

/** Checks one job; `at` is where it stands in the body, for the names of fields. */
function check(
  body: unknown,
  uploaded: Upload | undefined,
  at: string,
  executors: Executors,
): Submission {
  const {
    kind: kindName,
    executor,
    parameters,
    file,
    count,
    ...options
  } = parse(envelope, body, at);
  const kind = KINDS.get(kindName);
  if (kind === undefined) {
    throw cannotSubmit(400, `${at}kind`, `unknown kind ${quote(kindName)}`, [...KINDS.keys()]);
  }
  if (!executors.names().includes(executor)) {
    throw cannotSubmit(
      400,
      `${at}executor`,
      `unknown executor ${quote(executor)}`,
      executors.names(),
    );
  }
  if (kind.needsWorker !== undefined && executors.sharesEventLoop(executor)) {
    const why = `kind "${kind.name}" cannot run on executor "${executor}", ${kind.needsWorker}`;
    throw cannotSubmit(422, `${at}executor`, why);
  }
  const upload = uploaded ?? (file === undefined ? undefined : textAsUpload(file));
  if (kind.file !== undefined && upload === undefined) {
    throw cannotSubmit(400, `${at}file`, `kind "${kind.name}" needs ${kind.file}`);
  }
  if (kind.file === undefined && upload !== undefined) {
    throw cannotSubmit(400, `${at}file`, `kind "${kind.name}" takes no file`);
  }
  return {
    kind,
    executor,
    parameters: parse(kind.parameters, parameters, `${at}parameters.`),
    upload: upload && { ...upload, name: upload.name.slice(0, LONGEST_FILE_NAME) },
    count,
    options: withoutUndefined(options),
  };
}

function textAsUpload(text: string): Upload {
  return { name: "(text)", bytes: new TextEncoder().encode(text) };
}

function parse<S extends z.ZodObject>(schema: S, value: unknown, at: string): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.flatMap((issue) => describeIssue(issue, at));
  const first = fields[0];
  throw new Problem(400, `Cannot submit job: ${first?.field} ${first?.detail}`, { fields });
}

/** Says in this app's own words what zod found. */
function describeIssue(issue: z.core.$ZodIssue, at: string): FieldProblem[] {
  const field =
    issue.path.length > 0 ? `${at}${issue.path.join(".")}` : at.replace(/\.$/, "") || "body";
  const characters = "origin" in issue && issue.origin === "string" ? " characters" : "";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        field: `${at}${key.slice(0, 60)}`,
        detail: "is not known",
      }));
    case "too_small":
      return [{ field, detail: `must be at least ${issue.minimum}${characters}` }];
    case "too_big":
      return [{ field, detail: `must be at most ${issue.maximum}${characters}` }];
    case "invalid_type": {
      const a = issue.expected === "int" ? "a whole number" : `a value of type ${issue.expected}`;
      return [{ field, detail: `must be ${a}` }];
    }
    default:
      return [{ field, detail: issue.message }];
  }
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
