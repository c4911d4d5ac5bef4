// Job: what is known of one job while it lives here, and how it is told.

import type { Future } from "@concurrent/futures";
import type {
  ErrorView,
  JobMoment,
  JobRow,
  JobState,
  Mark,
  OutputLine,
  Reason,
  WorkerName,
} from "../contract.ts";

/** Longer texts are cut in rows; the job itself shows them whole. */
export const ROW_TEXT = 200;

/** What a job was asked to do; of a job somebody else submitted, only the kind is known. */
export interface Asked {
  readonly kind: string;
  readonly batch: string | null;
  readonly parameters: Record<string, unknown>;
  readonly options: { timeout?: number; priority?: number; retries?: number };
  readonly file: { readonly name: string; readonly bytes: number; readonly key: string } | null;
  readonly againOf: string | null;
}

/** One byte a pixel, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** What becomes large, and is let go as soon as history has it. */
export interface JobBulk {
  /** JSON. */
  result: string | null;
  picture: Picture | null;
  output: OutputLine[];
  outputChars: number;
  outputCut: boolean;
}

export interface Job {
  readonly id: string;
  /** Counts from 1, over all starts of the server. */
  readonly number: number;
  readonly executor: string;
  readonly asked: Asked;
  readonly submittedAt: number;
  state: JobState;
  reason: Reason | null;
  startedAt: number | null;
  finishedAt: number | null;
  attempts: number;
  progress: { fraction: number; detail: string | null } | null;
  worker: WorkerName | null;
  summary: string | null;
  error: ErrorView | null;
  /** What cannot be told from the times above: progress, losses, later starts. */
  moments: JobMoment[] | null;
  /** The number of its group; told among the moments, too. */
  group: number | null;
  /** What it waited for and held, as the moments say; kept when those are let go. */
  marks: readonly Mark[] | null;
  /** What of that is among the moments and not over, by its number. */
  holds: Map<number, "waits" | "holds"> | null;
  bulk: JobBulk | null;
  /** To cancel it; let go when it settles. */
  future: Future<unknown> | null;
  /** The number of its last change in the journal. */
  change: number;
}

export function rowOf(job: Job): JobRow {
  const { asked, error } = job;
  return {
    id: job.id,
    number: job.number,
    kind: asked.kind,
    executor: job.executor,
    batch: asked.batch,
    state: job.state,
    reason: job.reason,
    priority: asked.options.priority ?? 0,
    submittedAt: job.submittedAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    attempts: job.attempts,
    progress: job.progress,
    worker: job.worker,
    file: asked.file && { name: asked.file.name, bytes: asked.file.bytes },
    summary: job.summary,
    error: error && { name: error.name, message: error.message.slice(0, ROW_TEXT) },
  };
}

/** Tells a job's life in the order it happened. */
export function momentsOf(row: JobRow, recorded: readonly JobMoment[]): JobMoment[] {
  const bare = { worker: null, fraction: null, detail: null };
  const told: JobMoment[] = [{ ...bare, at: row.submittedAt, what: "submitted" }];
  told.push(...recorded.filter(({ what }) => what === "grouped"));
  if (row.startedAt !== null && !recorded.some(({ what }) => what === "started")) {
    told.push({ ...bare, at: row.startedAt, what: "started", worker: row.worker });
  }
  told.push(...recorded.filter(({ what }) => what !== "grouped"));
  if (row.finishedAt !== null) {
    const detail = row.reason ?? row.state;
    told.push({ ...bare, at: row.finishedAt, what: "settled", worker: row.worker, detail });
  }
  return told;
}
