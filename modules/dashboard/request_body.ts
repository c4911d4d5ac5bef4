// A request's body: read within limits, before anything else is done with it.

import type { HonoRequest, MiddlewareHandler } from "hono";
import { Problem } from "./problem.ts";

/** How much a JSON body may hold: some hundred jobs, or one with a short text, fit easily. */
const JSON_LIMIT = 64 * 1024;

/** How much a multipart body may hold, the file included. */
export const UPLOAD_LIMIT = 10 * 1024 * 1024;

/** How long a body may take to come, in milliseconds: 10 MiB over a slow network. */
const BODY_MS = 30_000;

/** Uploads that may be under way at once: together they are in memory while they come. */
const UPLOADS_AT_ONCE = 8;

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
