// Submitter: hands jobs to executors, a hundred thousand at a time without holding up the server, and never too many.

import process from "node:process";
import {
  BrokenExecutorError,
  type Executor,
  QueueFullError,
  ShutdownError,
  TaskGroup,
} from "@concurrent/futures";
import { delay } from "deno-std/async/delay.js";
import type { Executors } from "../../modules/dashboard/executors.ts";
import { Problem, quote } from "../../modules/dashboard/problem.ts";
import type { Asked, Job } from "../../modules/dashboard/record/job.ts";
import type { Recorder } from "../../modules/dashboard/record/recorder.ts";
import { BATCH_LIMIT } from "./contract.ts";
import { KeptFiles } from "./kept_files.ts";
import type { Upload } from "./kinds.ts";
import type { Submission } from "./submission.ts";

/** Jobs that may wait for one executor: one full batch, few enough to bound memory. */
export const QUEUE_LIMIT = BATCH_LIMIT;

/** What a process of the playground may have: enough for every kind, and soon used up by the one that wants it all. */
export const PROCESS_MEMORY = process.platform === "win32" ? {} : { memoryLimit: 512 };

/** A full queue of short jobs has room again within this many seconds. */
const RETRY_AFTER = 1;

/** Milliseconds of submitting after which others have their turn. */
const SLICE_MS = 10;

/** Jobs between two looks at the clock. */
const STRIDE = 100;

/** Runs that can be run again as a whole: the last ones. */
const KEPT_RUNS = 50;

/** Of a group's children, what becomes of one is nothing to the others. */
const EACH_ALONE = { onFailure: "continue", onDeadline: "partial" } as const;

/** What was submitted together. */
export interface Batch {
  readonly id: string;
  readonly jobs: readonly Job[];
}

export class Submitter {
  readonly files = new KeptFiles();
  readonly executors: Executors;
  readonly #recorder: Recorder;
  /** Jobs that have been promised a place in a queue and have not taken it yet. */
  readonly #promised = new Map<string, number>();
  /** What the last runs were asked to do, by their batches. */
  readonly #runs = new Map<string, readonly Submission[]>();

  constructor(recorder: Recorder, executors: Executors) {
    this.#recorder = recorder;
    this.executors = executors;
  }

  /** Submits all of these jobs, or, where there is no room for all, none. */
  async submit(submissions: readonly Submission[]): Promise<Batch> {
    this.#checkRoom(submissions);
    const batch: Batch & { jobs: Job[] } = { id: crypto.randomUUID(), jobs: [] };
    for (const { executor, count } of submissions) this.#promise(executor, count);
    let turn = performance.now() + SLICE_MS;
    try {
      for (const submission of submissions) {
        const start = this.#starter(submission, batch.id);
        for (let left = submission.count; left > 0; left--) {
          batch.jobs.push(start());
          if (batch.jobs.length % STRIDE !== 0 || performance.now() < turn) continue;
          await delay(0);
          turn = performance.now() + SLICE_MS;
        }
      }
    } catch (error) {
      this.#takeBack(batch.jobs);
      throw asProblem(error);
    } finally {
      for (const { executor, count } of submissions) this.#promise(executor, -count);
    }
    this.#keep(batch.id, submissions);
    return batch;
  }

  /** Submits all of a run anew, as it was. */
  async again(id: string): Promise<Batch> {
    const submissions = this.#runs.get(id);
    if (submissions === undefined) {
      const detail = `${quote(id)} is not one of the last ${KEPT_RUNS} without a file`;
      throw new Problem(404, `Cannot run again: ${detail}`);
    }
    return await this.submit(submissions);
  }

  /** One with a file is not kept: it may be large, and its jobs have it for as long as it is kept. */
  #keep(id: string, submissions: readonly Submission[]): void {
    if (submissions.some(({ upload }) => upload !== undefined)) return;
    this.#runs.set(id, submissions);
    const [oldest] = this.#runs.keys();
    if (this.#runs.size > KEPT_RUNS) this.#runs.delete(oldest as string);
  }

  #checkRoom(submissions: readonly Submission[]): void {
    for (const name of this.executors.names) {
      const wanted = submissions.filter(({ executor }) => executor === name);
      const count = wanted.reduce((sum, submission) => sum + submission.count, 0);
      if (count === 0) continue;
      if (!this.executors.takesJobs(name)) {
        const detail = `the intake of executor "${name}" is paused`;
        throw new Problem(503, `Cannot submit jobs: ${detail}`, { field: "executor" });
      }
      // Asked beforehand, because what is taken back is counted as cancelled by the executor.
      const { queued } = (this.executors.byName.get(name) as Executor).stats();
      if (queued + (this.#promised.get(name) ?? 0) + count > QUEUE_LIMIT) throw queueFull();
    }
  }

  /** Finds the file of a job that is known, while it is kept. */
  fileOf(id: string): Upload | undefined {
    const key =
      this.#recorder.get(id)?.asked.file?.key ?? this.#recorder.history.find(id)?.file_key;
    return typeof key === "string" ? this.files.get(key) : undefined;
  }

  #promise(executor: string, count: number): void {
    this.#promised.set(executor, (this.#promised.get(executor) ?? 0) + count);
  }

  /** Prepares what all jobs of a submission share, and gives what submits one of them. */
  #starter(submission: Submission, batch: string): () => Job {
    const { kind, parameters, upload, options, deadline, againOf = null } = submission;
    const executor = this.executors.byName.get(submission.executor) as Executor;
    const key = upload && this.files.keep(upload);
    const asked: Asked = {
      kind: kind.name,
      batch,
      parameters,
      options,
      file:
        upload === undefined || key === undefined
          ? null
          : { name: upload.name, bytes: upload.bytes.byteLength, key },
      againOf,
    };
    const start = kind.bind(parameters, upload, options);
    // It ends by its deadline, whoever is open then; each job tells what became of it.
    const group =
      deadline === undefined ? undefined : new TaskGroup(executor, { deadline, ...EACH_ALONE });
    // It is shown here how they end: nobody has to be told of failures at the end of the program.
    const onDone = key === undefined ? () => {} : () => this.files.release(key);
    return () =>
      this.#recorder.submit(asked, () => {
        const future = start(executor, group);
        if (key !== undefined) this.files.hold(key);
        future.addDoneCallback(onDone);
        return future;
      });
  }

  /** What never ran is as if it had never been asked for; what runs already is interrupted. */
  #takeBack(jobs: readonly Job[]): void {
    const pending = jobs.filter(({ state }) => state === "pending");
    for (const job of jobs) job.future?.cancel({ interrupt: true });
    this.#recorder.discard(pending);
  }
}

function asProblem(error: unknown): unknown {
  // An executor may have been given a smaller queue than this app allows.
  if (error instanceof QueueFullError) return queueFull();
  if (error instanceof BrokenExecutorError || error instanceof ShutdownError) {
    return new Problem(503, `Cannot submit jobs: ${error.message}`, { field: "executor" });
  }
  return error;
}

function queueFull(): Problem {
  return new Problem(429, "Cannot submit jobs: the executor's queue has no room for them", {
    field: "executor",
    retryAfter: RETRY_AFTER,
  });
}
