// The jobs that a filter finds, as CSV or JSON, written piece by piece: there may be very many.

import type { JobRow } from "../contract.ts";

/** The columns of a CSV, and what of a job is in each. */
const COLUMNS: Readonly<Record<string, (job: JobRow) => unknown>> = {
  number: (job) => job.number,
  id: (job) => job.id,
  run: (job) => job.batch,
  kind: (job) => job.kind,
  executor: (job) => job.executor,
  worker: (job) => job.worker?.name,
  state: (job) => job.state,
  reason: (job) => job.reason,
  priority: (job) => job.priority,
  attempts: (job) => job.attempts,
  submitted_at: (job) => iso(job.submittedAt),
  started_at: (job) => iso(job.startedAt),
  finished_at: (job) => iso(job.finishedAt),
  waited_ms: (job) => between(job.submittedAt, job.startedAt),
  ran_ms: (job) => between(job.startedAt, job.finishedAt),
  file: (job) => job.file?.name,
  summary: (job) => job.summary,
  error: (job) => job.error && `${job.error.name}: ${job.error.message}`,
};

export function* csvOf(pages: Iterable<readonly JobRow[]>): Generator<string> {
  yield `${Object.keys(COLUMNS).join(",")}\r\n`;
  for (const jobs of pages) {
    yield jobs.map((job) => `${Object.values(COLUMNS).map((of) => cell(of(job)))}\r\n`).join("");
  }
}

export function* jsonOf(pages: Iterable<readonly JobRow[]>): Generator<string> {
  let before = "[\n";
  for (const jobs of pages) {
    yield before + jobs.map((job) => JSON.stringify(job)).join(",\n");
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

/** A text that a spreadsheet would take for a formula is marked as a text: what a task says is not to be run. */
function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(String(value)) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : Math.round((to - from) * 1000) / 1000;
}
