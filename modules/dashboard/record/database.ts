// The database behind the history: its table, how it is opened, and how a job becomes a row and back.

import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type SQLOutputValue } from "node:sqlite";
import type { JobDetail, JobMoment, JobRow, OutputLine } from "../contract.ts";
import { type Job, type JobBulk, momentsOf, ROW_TEXT } from "./job.ts";
import { marksOf } from "./marks.ts";
import { groupOf } from "./moments.ts";

/** Of the table below. A file of another one is left alone. */
const SCHEMA_VERSION = 1;

/** Large columns come last: SQLite reads a row from its start, and only as far as it must. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS jobs (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,
    kind TEXT NOT NULL,
    executor TEXT NOT NULL,
    batch TEXT,
    state TEXT NOT NULL,
    reason TEXT,
    priority INTEGER NOT NULL,
    submitted_at REAL NOT NULL,
    started_at REAL,
    finished_at REAL,
    attempts INTEGER NOT NULL,
    fraction REAL,
    progress_detail TEXT,
    worker_id INTEGER,
    worker_name TEXT,
    file_name TEXT,
    file_bytes INTEGER,
    file_key TEXT,
    summary TEXT,
    error_name TEXT,
    error_message TEXT,
    again_of TEXT,
    options TEXT NOT NULL,
    bulk_bytes INTEGER NOT NULL,
    parameters TEXT NOT NULL,
    moments TEXT,
    error TEXT,
    result TEXT,
    output TEXT,
    output_cut INTEGER NOT NULL,
    picture_width INTEGER,
    picture_height INTEGER,
    pixels BLOB
  ) STRICT;
`;

/** What a row is made of, in the order of the table. */
const COLUMNS = [...SCHEMA.matchAll(/^ {4}(\w+) (?:INTEGER|TEXT|REAL|BLOB)/gm)].map(
  ([, name]) => name as string,
);

/** What a list needs of a job. */
export const ROW_COLUMNS = COLUMNS.slice(0, COLUMNS.indexOf("error_message") + 1).join(", ");

/** Inserts a job, or brings it up to date. Values stand in the order of the table: by name, binding takes five times as long. */
export const UPSERT = `INSERT INTO jobs (${COLUMNS.join(", ")}) VALUES (${COLUMNS.map(() => "?").join(", ")})
  ON CONFLICT (number) DO UPDATE SET ${COLUMNS.slice(2)
    .map((name) => `${name} = excluded.${name}`)
    .join(", ")}`;

export type DatabaseRow = Record<string, SQLOutputValue>;

/** Opens a database; in memory without a path. Throws where that cannot be. */
export function openDatabase(path: string | undefined, maxBytes?: number): DatabaseSync {
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path ?? ":memory:");
  try {
    if (path !== undefined) {
      // One server at a time: another one's running jobs must not be taken for lost.
      database.exec("PRAGMA locking_mode = EXCLUSIVE");
      database.exec("PRAGMA journal_mode = WAL");
      // A power cut may cost the last writes, and never the file.
      database.exec("PRAGMA synchronous = NORMAL");
    }
    const version = Number(database.prepare("PRAGMA user_version").get()?.user_version);
    if (version !== 0 && version !== SCHEMA_VERSION) {
      throw new Error(`it was written by another version (${version}, not ${SCHEMA_VERSION})`);
    }
    database.exec(SCHEMA);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    if (maxBytes !== undefined) limitPages(database, maxBytes);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function limitPages(database: DatabaseSync, maxBytes: number): void {
  const size = Number(database.prepare("PRAGMA page_size").get()?.page_size);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / size))}`);
}

/** What a job is in the table, in the order of its columns. */
export function valuesOf(job: Job, session: string): Record<string, SQLInputValue> {
  const { asked, bulk, error } = job;
  const output = bulk === null || bulk.output.length === 0 ? null : JSON.stringify(bulk.output);
  return {
    number: job.number,
    id: job.id,
    session,
    kind: asked.kind,
    executor: job.executor,
    batch: asked.batch,
    state: job.state,
    reason: job.reason,
    priority: asked.options.priority ?? 0,
    submitted_at: job.submittedAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
    attempts: job.attempts,
    fraction: job.progress?.fraction ?? null,
    progress_detail: job.progress?.detail ?? null,
    worker_id: job.worker?.id ?? null,
    worker_name: job.worker?.name ?? null,
    file_name: asked.file?.name ?? null,
    file_bytes: asked.file?.bytes ?? null,
    file_key: asked.file?.key ?? null,
    summary: job.summary,
    error_name: error?.name ?? null,
    error_message: error?.message.slice(0, ROW_TEXT) ?? null,
    again_of: asked.againOf,
    options: JSON.stringify(asked.options),
    // Counted once: a settled job does not change any more.
    bulk_bytes: job.finishedAt === null ? 0 : bulkBytes(bulk, output),
    parameters: JSON.stringify(asked.parameters),
    moments: job.moments === null ? null : JSON.stringify(job.moments),
    error: error === null ? null : JSON.stringify(error),
    result: bulk?.result ?? null,
    output,
    output_cut: bulk?.outputCut ? 1 : 0,
    picture_width: bulk?.picture?.width ?? null,
    picture_height: bulk?.picture?.height ?? null,
    pixels: bulk?.picture?.pixels ?? null,
  };
}

/** What of a job counts against the bound on results: small ones do not. */
function bulkBytes(bulk: JobBulk | null, output: string | null): number {
  const bytes =
    (bulk?.result?.length ?? 0) + (output?.length ?? 0) + (bulk?.picture?.pixels.byteLength ?? 0);
  return bytes < 1024 ? 0 : bytes;
}

export function rowFrom(row: DatabaseRow): JobRow {
  const { fraction, worker_id: worker, file_name: file, error_name: error } = row;
  return {
    id: row.id as string,
    number: row.number as number,
    kind: row.kind as string,
    executor: row.executor as string,
    batch: row.batch as string | null,
    state: row.state as JobRow["state"],
    reason: row.reason as JobRow["reason"],
    priority: row.priority as number,
    submittedAt: row.submitted_at as number,
    startedAt: row.started_at as number | null,
    finishedAt: row.finished_at as number | null,
    attempts: row.attempts as number,
    progress:
      fraction === null
        ? null
        : { fraction: fraction as number, detail: row.progress_detail as string | null },
    worker: worker === null ? null : { id: worker as number, name: row.worker_name as string },
    file: file === null ? null : { name: file as string, bytes: row.file_bytes as number },
    summary: row.summary as string | null,
    error: error === null ? null : { name: error as string, message: row.error_message as string },
  };
}

/** What is known of one job. Where its picture is, and whether it can run again, others know. */
export function detailFrom(row: DatabaseRow): Omit<JobDetail, "canRunAgain"> {
  const short = rowFrom(row);
  const moments = parse<JobMoment[]>(row.moments, []);
  return {
    ...short,
    parameters: parse(row.parameters, {}),
    options: parse(row.options, {}),
    moments: momentsOf(short, moments),
    marks: marksOf(moments) ?? [],
    group: groupOf(moments),
    result: parse(row.result, null),
    picture:
      row.picture_width === null || row.picture_height === null
        ? null
        : {
            width: row.picture_width as number,
            height: row.picture_height as number,
            href: `api/jobs/${short.id}/pixels`,
          },
    error: parse(row.error, null),
    output: parse<OutputLine[]>(row.output, []),
    outputCut: row.output_cut === 1,
    againOf: row.again_of as string | null,
  };
}

function parse<T>(json: SQLOutputValue | undefined, otherwise: T): T {
  return typeof json === "string" ? (JSON.parse(json) as T) : otherwise;
}
