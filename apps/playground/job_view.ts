// How a job looks in JSON: a row for lists and events, and everything for the page of one job.

import { stripVTControlCharacters } from "node:util";
import { type Job, type JobState, stateOf } from "./job_board.ts";
import { KINDS } from "./kinds.ts";

/** Longer messages of errors are cut in rows; the job itself shows them whole. */
const ROW_TEXT = 200;

/** How far a chain of causes is followed; it may be a circle. */
const CAUSES = 8;

export interface JobRow {
  id: string;
  number: number;
  kind: string;
  executor: string;
  state: JobState;
  /** Times are milliseconds since 1970. */
  submittedAt: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  progress: { fraction: number; detail: string | null } | null;
  worker: string | null;
  file: { name: string; bytes: number } | null;
  /** The result in a few words, for those who want no more. */
  summary: string | null;
  error: { name: string; message: string } | null;
}

export interface ErrorView {
  name: string;
  message: string;
  code: string | number | null;
  stack: string | null;
  cause: ErrorView | null;
}

export interface JobDetail extends Omit<JobRow, "error"> {
  parameters: Record<string, unknown>;
  options: Record<string, unknown>;
  result: unknown;
  error: ErrorView | null;
}

export function rowOf(job: Job): JobRow {
  const { future, upload } = job;
  const snapshot = future.snapshot();
  const error = "error" in snapshot ? viewError(snapshot.error, 1) : null;
  return {
    id: job.id,
    number: job.number,
    kind: job.kind,
    executor: job.executor,
    state: stateOf(job),
    submittedAt: snapshot.submittedAt ?? null,
    startedAt: snapshot.startedAt ?? null,
    finishedAt: snapshot.finishedAt ?? null,
    progress: snapshot.progress
      ? { fraction: snapshot.progress.fraction, detail: text(snapshot.progress.detail) }
      : null,
    worker: snapshot.worker?.name ?? null,
    file: upload ?? null,
    summary: "value" in snapshot ? summarise(job.kind, snapshot.value) : null,
    error: error && { name: error.name, message: error.message.slice(0, ROW_TEXT) },
  };
}

export function detailOf(job: Job): JobDetail {
  const snapshot = job.future.snapshot();
  return {
    ...rowOf(job),
    parameters: job.parameters,
    options: { ...job.options },
    result: withoutBytes(snapshot.value, `/api/jobs/${job.id}/pixels`),
    error: "error" in snapshot ? viewError(snapshot.error, CAUSES) : null,
  };
}

/** Gives the pixels of a job that drew a picture. */
export function pixelsOf(job: Job): Uint8Array<ArrayBuffer> | undefined {
  const { value } = job.future.snapshot();
  if (typeof value !== "object" || value === null || !("pixels" in value)) return undefined;
  // Copied out, for a response must not be backed by memory that another thread may share.
  return value.pixels instanceof Uint8Array ? new Uint8Array(value.pixels) : undefined;
}

/** Replaces binary parts by where they can be had. */
function withoutBytes(value: unknown, href: string): unknown {
  if (typeof value !== "object" || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) =>
      part instanceof Uint8Array ? [key, { bytes: part.byteLength, href }] : [key, part],
    ),
  );
}

function summarise(kind: string, value: unknown): string {
  return KINDS.get(kind)?.summarise(value).slice(0, ROW_TEXT) ?? "";
}

/** A task may throw anything, so nothing is taken for granted here. */
function viewError(error: unknown, depth: number): ErrorView {
  if (!(error instanceof Error)) {
    return { name: typeof error, message: String(error), code: null, stack: null, cause: null };
  }
  const code = "code" in error ? error.code : undefined;
  return {
    name: error.name,
    message: plain(error.message),
    code: typeof code === "string" || typeof code === "number" ? code : null,
    stack: error.stack === undefined ? null : plain(error.stack),
    cause: error.cause === undefined || depth <= 1 ? null : viewError(error.cause, depth - 1),
  };
}

/** Errors of a runtime may be coloured for a terminal, which this is not. */
function plain(text: string): string {
  return stripVTControlCharacters(text);
}

function text(detail: unknown): string | null {
  return detail === undefined ? null : String(detail).slice(0, ROW_TEXT);
}
