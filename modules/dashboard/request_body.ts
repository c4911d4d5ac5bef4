// A request's body: read within limits, and understood as JSON or as a form.

import type { HonoRequest, MiddlewareHandler } from "hono";
import type { Upload } from "./kinds.ts";
import { readMultipart } from "./multipart.ts";
import { Problem, quote } from "./problem.ts";

/** How much a JSON body may hold: some hundred jobs, or one with a short text, fit easily. */
const JSON_LIMIT = 64 * 1024;

/** How much a multipart body may hold, the file included. */
export const UPLOAD_LIMIT = 10 * 1024 * 1024;

/** How long a body may take to come, in milliseconds: 10 MiB over a slow network. */
const BODY_MS = 30_000;

/** Uploads that may be under way at once: together they are in memory while they come. */
const UPLOADS_AT_ONCE = 8;

export interface Form {
  texts: Map<string, string>;
  file: Upload | undefined;
}

/**
 * Reads bodies before anything else does, as far as their limits go: in size, in time, and of those with a file, in number.
 *
 * Not Hono's own limit: that one knows no time, and on Deno it has the runtime complain about every body of unknown length.
 */
export function limitBody(timeout = BODY_MS): MiddlewareHandler {
  let uploads = 0;
  return async function limitBody(c, next) {
    const { body } = c.req.raw;
    if (body === null || c.req.method === "GET" || c.req.method === "HEAD") return await next();
    const isUpload = mediaType(c.req) === "multipart/form-data";
    if (isUpload && uploads >= UPLOADS_AT_ONCE) {
      const detail = `Cannot read body: ${uploads} uploads are under way`;
      throw new Problem(429, detail, { field: "body", retryAfter: 1 });
    }
    if (isUpload) uploads++;
    try {
      const limit = isUpload ? UPLOAD_LIMIT : JSON_LIMIT;
      if (Number(c.req.header("content-length")) > limit) throw tooLarge(limit);
      const bytes = await readBytes(body, limit, timeout);
      const { method, headers, url } = c.req.raw;
      c.req.raw = new Request(url, { method, headers, body: bytes });
    } finally {
      if (isUpload) uploads--;
    }
    return await next();
  };
}

/** Reads a stream to its end; one that is larger or takes longer is left where it is. */
async function readBytes(
  body: ReadableStream<Uint8Array>,
  limit: number,
  timeout: number,
): Promise<Blob> {
  const reader = body.getReader();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const late = Promise.withResolvers<never>();
  late.promise.catch(() => {});
  const timer = setTimeout(() => {
    const detail = `Cannot read body: it took longer than ${timeout / 1000} s`;
    late.reject(new Problem(408, detail, { field: "body" }));
  }, timeout);
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late.promise]);
      if (done) return new Blob(parts);
      size += value.byteLength;
      if (size > limit) throw tooLarge(limit);
      parts.push(new Uint8Array(value));
    }
  } catch (error) {
    // The rest is not wanted; whether its sender hears of it makes no difference here.
    void reader.cancel().catch(() => {});
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

function tooLarge(limit: number): Problem {
  const detail = `Cannot read body: it is larger than ${limit / 1024} KiB`;
  return new Problem(413, detail, { field: "body" });
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
  const type = request.header("content-type") ?? "";
  const parts = readMultipart(type, new Uint8Array(await request.arrayBuffer()));
  if (parts === undefined) {
    throw new Problem(400, "Cannot read body: malformed multipart form", { field: "body" });
  }
  const texts = new Map<string, string>();
  let file: Upload | undefined;
  for (const { name, fileName, bytes } of parts) {
    if (texts.has(name) || (name === "file" && file !== undefined)) {
      throw wrong(name, "is given more than once");
    }
    if (fileName === undefined) texts.set(name, new TextDecoder().decode(bytes));
    // Copied, for the file may be kept, and the rest of the body need not.
    else if (name === "file") file = { name: fileName, bytes: bytes.slice() };
    else throw wrong(name, 'must be text, a file is sent as "file"');
  }
  return { texts, file };
}

function wrong(name: string, what: string): Problem {
  return new Problem(400, `Cannot read form: field ${quote(name)} ${what}`, { field: name });
}
