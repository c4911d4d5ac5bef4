// Reruns: runs jobs again, one or many, with changes or as they were.

import type { z } from "zod";
import type { JobFilter } from "../../modules/dashboard/contract.ts";
import { Problem, quote } from "../../modules/dashboard/problem.ts";
import type { DatabaseRow } from "../../modules/dashboard/record/database.ts";
import type { Recorder } from "../../modules/dashboard/record/recorder.ts";
import { type againBody, BATCH_LIMIT } from "./contract.ts";
import { KINDS } from "./kinds.ts";
import { checkSubmission, type Submission } from "./submission.ts";
import type { Batch, Submitter } from "./submitter.ts";

/** What was asked of a job, as it can be asked again. */
interface Known {
  readonly kind: string;
  readonly executor: string;
  readonly parameters: Record<string, unknown>;
  readonly options: Record<string, unknown>;
  readonly fileKey: string | null;
}

export class Reruns {
  readonly #recorder: Recorder;
  readonly #submitter: Submitter;

  constructor(recorder: Recorder, submitter: Submitter) {
    this.#recorder = recorder;
    this.#submitter = submitter;
  }

  /** Whether a job can run again: its kind is one of ours, and its file, if any, is still there. */
  canRunAgain(kind: string, fileKey: string | null): boolean {
    const known = KINDS.get(kind);
    if (known === undefined) return false;
    return known.file === undefined || (fileKey !== null && this.#has(fileKey));
  }

  /** Submits a job anew, with changes. */
  async again(id: string, changes: z.output<typeof againBody>): Promise<Batch> {
    const known = this.#known(id);
    if (known === undefined) {
      throw new Problem(404, `Cannot find job: no job ${quote(id)} is known`);
    }
    return await this.#submitter.submit([this.#submission(id, known, changes)]);
  }

  /** Submits anew the failed and cancelled jobs that a filter finds. */
  async allAgain(filter: JobFilter) {
    const rows = await this.#recorder.history.select(filter, ["failed", "cancelled"], BATCH_LIMIT);
    const submissions = rows.flatMap((row) => {
      try {
        return [this.#submission(row.id as string, knownOf(row), {})];
      } catch (error) {
        // One whose kind or executor is gone, or whose file is not kept: it is counted as skipped.
        if (error instanceof Problem) return [];
        throw error;
      }
    });
    const batch = submissions.length > 0 ? await this.#submitter.submit(submissions) : undefined;
    return {
      matched: rows.length,
      submitted: submissions.length,
      skipped: rows.length - submissions.length,
      batch: batch?.id ?? null,
    };
  }

  #submission(id: string, known: Known, changes: z.output<typeof againBody>): Submission {
    if (!KINDS.has(known.kind)) {
      throw new Problem(422, `Cannot run job again: kind ${quote(known.kind)} is not one of ours`);
    }
    const { kind, executor, parameters, options, fileKey } = known;
    const file = fileKey === null ? {} : { fileOf: id };
    const body = { kind, executor, parameters, ...options, ...file, ...withoutUndefined(changes) };
    return { ...checkSubmission(body, this.#submitter), againOf: id };
  }

  #known(id: string): Known | undefined {
    const job = this.#recorder.get(id);
    if (job === undefined) {
      const row = this.#recorder.history.find(id);
      return row && knownOf(row);
    }
    const { kind, parameters, options, file } = job.asked;
    return { kind, executor: job.executor, parameters, options, fileKey: file?.key ?? null };
  }

  #has(fileKey: string): boolean {
    return this.#submitter.files.get(fileKey) !== undefined;
  }
}

function knownOf(row: DatabaseRow): Known {
  return {
    kind: row.kind as string,
    executor: row.executor as string,
    parameters: JSON.parse(row.parameters as string),
    options: JSON.parse(row.options as string),
    fileKey: row.file_key as string | null,
  };
}

function withoutUndefined<T extends object>(changes: T): Partial<T> {
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as Partial<T>;
}
