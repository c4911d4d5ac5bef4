// A request's body: cut off at its limit, and read as JSON or as a form.

import type { HonoRequest, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { Upload } from "./kinds.ts";
import { Problem, quote } from "./problem.ts";

/** How much a JSON body may hold: some hundred jobs, or one with a short text, fit easily. */
const JSON_LIMIT = 64 * 1024;

/** How much a multipart body may hold, the file included. */
export const UPLOAD_LIMIT = 10 * 1024 * 1024;

/** Uploads that may be under way at once: together they are in memory while they come. */
const UPLOADS_AT_ONCE = 8;

export interface Form {
  texts: Map<string, string>;
  file: Upload | undefined;
}

/** Cuts bodies off at their limit; only a multipart body may carry a file, and only so many at once. */
export function limitBody(): MiddlewareHandler {
  const json = limit(JSON_LIMIT);
  const upload = limit(UPLOAD_LIMIT);
  let uploads = 0;
  return async function limitBody(c, next) {
    if (mediaType(c.req) !== "multipart/form-data") return await json(c, next);
    if (uploads >= UPLOADS_AT_ONCE) {
      const detail = `Cannot read body: ${uploads} uploads are under way`;
      throw new Problem(429, detail, { field: "body", retryAfter: 1 });
    }
    uploads++;
    try {
      return await upload(c, next);
    } finally {
      uploads--;
    }
  };
}

/** Tells what the body is said to be, without its parameters. */
export function mediaType(request: HonoRequest): string | undefined {
  return request.header("content-type")?.split(";")[0]?.trim().toLowerCase();
}

/** Reads a JSON body; an absent one is `undefined`. */
export async function readJson(request: HonoRequest): Promise<unknown> {
  const text = await request.text();
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // Whatever it is: for nesting that is too deep, runtimes throw errors of different classes.
    throw new Problem(400, "Cannot read body: malformed JSON", { field: "body" });
  }
}

/** Reads a multipart form of texts and at most one file, named "file". */
export async function readForm(request: HonoRequest): Promise<Form> {
  const form = await request.formData().catch(() => {
    throw new Problem(400, "Cannot read body: malformed multipart form", { field: "body" });
  });
  const texts = new Map<string, string>();
  let file: Upload | undefined;
  for (const name of new Set(form.keys())) {
    const [value, ...more] = form.getAll(name) as (File | string)[];
    if (value === undefined || more.length > 0) throw wrong(name, "is given more than once");
    if (typeof value === "string") texts.set(name, value);
    else if (name === "file") file = { name: value.name, bytes: await bytesOf(value) };
    else throw wrong(name, 'must be text, a file is sent as "file"');
  }
  return { texts, file };
}

async function bytesOf(file: File): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}

function wrong(name: string, what: string): Problem {
  return new Problem(400, `Cannot read form: field ${quote(name)} ${what}`, { field: name });
}

function limit(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      const detail = `Cannot read body: it is larger than ${maxSize / 1024} KiB`;
      throw new Problem(413, detail, { field: "body" });
    },
  });
}
