// JobBoard: the jobs the playground knows, from submission until they are forgotten.
//
// It keeps no state of its own about a job's progress: that is the future's. It only ties a future to an id, says
// when one changed (the executors' events), and forgets the oldest settled jobs, so that memory stays bounded.

import {
  BrokenExecutorError,
  type Executor,
  type Future,
  QueueFullError,
  ShutdownError,
} from "@concurrent/futures";
import { Problem } from "./problem.ts";
import type { Submission } from "./submission.ts";

/** Settled jobs that are kept; the oldest go first. */
const KEPT_JOBS = 1000;

/** Bytes of binary results (pictures) that settled jobs may keep together. */
const KEPT_BYTES = 64 * 1024 * 1024;

/** Jobs that may wait for one executor: two full batches, few enough to bound memory. */
export const QUEUE_LIMIT = 2000;

/** Bytes of uploaded files that pending and running jobs may hold together. */
const HELD_BYTES = 64 * 1024 * 1024;

/** A full queue of short jobs has room again within this many seconds. */
const RETRY_AFTER = 1;

export const JOB_STATES = ["pending", "running", "finished", "failed", "cancelled"] as const;

/** A future's state, with its two ways to be finished told apart. */
export type JobState = (typeof JOB_STATES)[number];

export interface Job {
  readonly id: string;
  /** Counts from 1, in the order of submission: what people call it. */
  readonly number: number;
  readonly kind: string;
  readonly executor: string;
  readonly parameters: Record<string, unknown>;
  readonly options: Submission["options"];
  readonly upload: { name: string; bytes: number } | undefined;
  readonly future: Future<unknown>;
}

/** What a list of jobs may be narrowed to. */
export interface JobFilter {
  state?: JobState | undefined;
  executor?: string | undefined;
  kind?: string | undefined;
}

/** Told when a job changed, and when it was forgotten. */
export interface JobListener {
  changed(job: Job): void;
  forgotten(id: string): void;
}

export class JobBoard {
  readonly #executors: Map<string, Executor>;
  /** In the order of submission. */
  readonly #jobs = new Map<string, Job>();
  readonly #byFuture = new WeakMap<Future<unknown>, Job>();
  /** Settled jobs with the bytes of their results, in the order of settling. */
  readonly #settled = new Map<string, number>();
  #settledBytes = 0;
  #lastNumber = 0;
  #heldBytes = 0;
  readonly #listeners = new Set<JobListener>();

  constructor(executors: Map<string, Executor>) {
    this.#executors = executors;
    for (const executor of executors.values()) {
      executor.observe((event) => {
        const job = "future" in event && event.future && this.#byFuture.get(event.future);
        if (job) this.#tell(job);
      });
    }
  }

  /** Submits all of these jobs, or, where there is no room for all, none. */
  submit(submissions: Submission[]): Job[] {
    this.#checkRoom(submissions);
    const jobs: Job[] = [];
    try {
      for (const submission of submissions) {
        for (let i = 0; i < submission.count; i++) jobs.push(this.#start(submission));
      }
    } catch (error) {
      // Workers get their tasks at the end of this turn at the earliest, so this takes back what never ran.
      for (const job of jobs) job.future.cancel({ interrupt: true });
      throw asProblem(error);
    }
    for (const job of jobs) this.#add(job);
    return jobs;
  }

  get(id: string): Job | undefined {
    return this.#jobs.get(id);
  }

  /** Lists jobs, newest first. */
  list(filter: JobFilter = {}): Job[] {
    const wanted = (job: Job) =>
      (filter.executor === undefined || job.executor === filter.executor) &&
      (filter.kind === undefined || job.kind === filter.kind) &&
      (filter.state === undefined || stateOf(job) === filter.state);
    return [...this.#jobs.values()].filter(wanted).reverse();
  }

  /** Counts the known jobs by state. */
  counts(): Record<JobState, number> {
    const counts = { pending: 0, running: 0, finished: 0, failed: 0, cancelled: 0 };
    for (const job of this.#jobs.values()) counts[stateOf(job)]++;
    return counts;
  }

  listen(listener: JobListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  #checkRoom(submissions: Submission[]): void {
    // Asked beforehand, because what is taken back is counted as cancelled by the executor.
    for (const [name, executor] of this.#executors) {
      const wanted = submissions.filter((submission) => submission.executor === name);
      const count = wanted.reduce((sum, submission) => sum + submission.count, 0);
      if (count > 0 && executor.stats().queued + count > QUEUE_LIMIT) throw queueFull();
    }
    const bytes = submissions.reduce((sum, { upload }) => sum + (upload?.bytes.byteLength ?? 0), 0);
    if (this.#heldBytes + bytes > HELD_BYTES) {
      const detail = "waiting jobs hold too many uploaded bytes";
      throw new Problem(429, `Cannot submit jobs: ${detail}`, {
        field: "file",
        retryAfter: RETRY_AFTER,
      });
    }
  }

  #start(submission: Submission): Job {
    const { kind, parameters, upload, options } = submission;
    const executor = this.#executors.get(submission.executor) as Executor;
    const empty = { name: "", bytes: new Uint8Array() };
    return {
      id: crypto.randomUUID(),
      number: ++this.#lastNumber,
      kind: kind.name,
      executor: submission.executor,
      parameters,
      options,
      upload: upload && { name: upload.name, bytes: upload.bytes.byteLength },
      future: kind.bind(parameters, upload ?? empty)(executor, options),
    };
  }

  #add(job: Job): void {
    this.#jobs.set(job.id, job);
    this.#byFuture.set(job.future, job);
    // Counted once a job, although a batch shares its file: an upper bound is enough for a bound.
    const held = job.upload?.bytes ?? 0;
    this.#heldBytes += held;
    this.#tell(job);
    job.future.addDoneCallback(() => {
      this.#heldBytes -= held;
      this.#settle(job);
    });
  }

  #settle(job: Job): void {
    const bytes = resultBytes(job);
    this.#settled.set(job.id, bytes);
    this.#settledBytes += bytes;
    this.#tell(job);
    for (const [oldest, oldestBytes] of this.#settled) {
      if (this.#settled.size <= KEPT_JOBS && this.#settledBytes <= KEPT_BYTES) break;
      this.#settled.delete(oldest);
      this.#settledBytes -= oldestBytes;
      this.#jobs.delete(oldest);
      for (const listener of this.#listeners) listener.forgotten(oldest);
    }
  }

  #tell(job: Job): void {
    for (const listener of this.#listeners) listener.changed(job);
  }
}

/** Tells a job's state from its future. */
export function stateOf(job: Job): JobState {
  const { state } = job.future;
  if (state !== "finished") return state;
  return "error" in job.future.snapshot() ? "failed" : "finished";
}

function resultBytes(job: Job): number {
  const { value } = job.future.snapshot();
  if (typeof value !== "object" || value === null) return 0;
  return Object.values(value).reduce(
    (sum: number, part) => sum + (part instanceof Uint8Array ? part.byteLength : 0),
    0,
  );
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
