// Problem: what the playground answers when it refuses a request (RFC 9457, `application/problem+json`).

import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";

/** The part of a request that is wrong, and what it should have been. */
export interface FieldProblem {
  field: string;
  detail: string;
}

export type ProblemStatus =
  | 400
  | 401
  | 403
  | 404
  | 405
  | 408
  | 409
  | 413
  | 415
  | 422
  | 429
  | 500
  | 503;

// RFC 9457 wants the status phrase as title where the type is "about:blank", which an absent type means.
const TITLES: Record<ProblemStatus, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** Refuses a request; whoever throws it needs no access to the response. */
export class Problem extends Error {
  override name = "Problem";
  readonly status: ProblemStatus;
  readonly fields: FieldProblem[];
  /** Seconds after which the same request may succeed. */
  readonly retryAfter: number | undefined;
  /** Those that only this refusal has. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ProblemStatus,
    detail: string,
    options: {
      field?: string;
      fields?: FieldProblem[];
      retryAfter?: number;
      headers?: Record<string, string>;
    } = {},
  ) {
    super(detail);
    this.status = status;
    this.fields =
      options.fields ?? (options.field === undefined ? [] : [{ field: options.field, detail }]);
    this.retryAfter = options.retryAfter;
    this.headers = options.headers ?? {};
  }

  toResponse(): Response {
    const type = "application/problem+json";
    const headers = new Headers({ ...this.headers, "content-type": type });
    if (this.retryAfter !== undefined) headers.set("retry-after", String(this.retryAfter));
    const body = {
      status: this.status,
      title: TITLES[this.status],
      detail: this.message,
      field: this.fields[0]?.field,
      errors: this.fields.length > 1 ? this.fields : undefined,
    };
    return new Response(JSON.stringify(body), { status: this.status, headers });
  }
}

/** Answers every error: a problem as it is, anything else without telling the client what broke. */
export function answerError(error: Error, _c: Context): Response {
  if (error instanceof Problem) return error.toResponse();
  // What reads bodies before a route does throws these: for JSON that is none.
  if (error instanceof HTTPException && error.status === 400) {
    return new Problem(400, "Cannot read body: malformed JSON", { field: "body" }).toResponse();
  }
  if (error instanceof HTTPException && error.status === 415) {
    const detail = "Cannot read body: it is sent as something else than JSON";
    return new Problem(415, detail, { field: "Content-Type" }).toResponse();
  }
  console.error(error);
  return new Problem(500, "Cannot answer: the server failed, its log says why").toResponse();
}

/** Shortens and quotes a value that a client sent, so that it can stand in a message. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
