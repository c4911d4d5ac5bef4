// JobRunner: has the local pool make the calls of jobs. What comes of the server is anybody's: it is checked, and nothing of a
// job is run here.

import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import { continueTrace } from "../../core/call_tracer.ts";
import { BrokenExecutorError, WorkerLostError } from "../../core/errors.ts";
import type { Future } from "../../core/future.ts";
import { retryLimit } from "../../core/retry.ts";
import type { Task } from "../../core/task.ts";
import { decodeText } from "../codec.ts";
import {
  type JobData,
  type JobProgress,
  type JobResult,
  LONG_RESULT,
  QueueKeys,
  readJobData,
  WIRE_VERSION,
  type WireAgent,
  type WireOutcome,
} from "../job.ts";
import type { AgentSettings } from "./agent_options.ts";
import { JobLocks } from "./job_locks.ts";
import { KeptResults } from "./kept_results.ts";
import { NamedTasks } from "./named_tasks.ts";
import { ProgressWords } from "./progress_words.ts";
import { ResultWriter } from "./result_writer.ts";

/** Results that are asked for later are kept for so many seconds, unless the job says otherwise. */
const KEEP_S = 600;

/** A job that runs here. */
interface RunningJob {
  readonly job: Job<unknown>;
  readonly futures: Set<Future<unknown>>;
  /** Ends the chunk of a map, where it is one. */
  abort?: AbortController;
  /** It is given up, and nobody waits for what comes of it. */
  isAborted: boolean;
  /** The agent ends before it: that is its outcome. */
  readonly forsake: PromiseWithResolvers<JobResult>;
  readonly lost: () => JobResult | undefined;
}

/** Runs the jobs of one agent. */
export class JobRunner {
  readonly #settings: AgentSettings;
  readonly #client: Redis;
  readonly #results: ResultWriter;
  readonly #tasks: NamedTasks;
  readonly #locks: JobLocks;
  readonly #running = new Map<string, RunningJob>();
  /** By queue. */
  readonly #kept = new Map<string, KeptResults>();
  readonly #broken: (error: unknown) => void;
  #idle: PromiseWithResolvers<void> | undefined = undefined;

  /** @param broken Is told that the pool makes no calls any more. */
  constructor(
    agent: WireAgent,
    settings: AgentSettings,
    client: Redis,
    broken: (error: unknown) => void,
  ) {
    this.#broken = broken;
    this.#settings = settings;
    this.#client = client;
    this.#results = new ResultWriter(agent, settings.limits, settings.secret);
    this.#tasks = new NamedTasks(settings.tasks);
    this.#locks = new JobLocks(client, settings.lock);
  }

  /** How many jobs run. */
  get running(): number {
    return this.#running.size;
  }

  /** Hears for how long a queue's results are kept elsewhere; to be called in every beat. */
  async refresh(queue: string): Promise<void> {
    await this.#keptOf(queue).refresh();
  }

  /** Gives a job up, if it runs here. */
  abort(queue: string, id: string, reason: string): void {
    abort(this.#running.get(keyOf(queue, id)), reason);
  }

  /** If another agent may have it by now, what runs here is of no use, and must not go on beside that. */
  async lockRanOut(queue: string, id: string): Promise<void> {
    const running = this.#running.get(keyOf(queue, id));
    if (running === undefined || (await this.#locks.retake(this.#keysOf(queue), running.job)))
      return;
    abort(running, "its lock was lost");
  }

  /** Resolves when nothing runs any more, or that many milliseconds later. */
  async drained(ms: number): Promise<void> {
    if (this.#running.size === 0) return;
    this.#idle = Promise.withResolvers<void>();
    const timer = ms === Number.POSITIVE_INFINITY ? undefined : setTimeout(this.#idle.resolve, ms);
    await this.#idle.promise;
    clearTimeout(timer);
  }

  /**
   * Gives up what runs. What must not run again is told to be lost at once; what may, another agent finds when its lock has
   * run out.
   *
   * @returns Whether there is something that may.
   */
  giveUp(): boolean {
    let mayRunAgain = false;
    for (const job of this.#running.values()) {
      const lost = job.lost();
      mayRunAgain ||= lost === undefined;
      if (lost !== undefined) job.forsake.resolve(lost);
      abort(job, "the agent ends");
    }
    return mayRunAgain;
  }

  async process(queue: string, job: Job<unknown>): Promise<JobResult> {
    const startedAt = performance.now();
    const id = job.id as string;
    let data: JobData;
    try {
      data = readJobData(job.data);
      this.#results.assertSigned(id, data);
    } catch (error) {
      return this.#results.result(id, 0, [this.#results.failure(error)]);
    }
    const lostWith = job.stalledCounter ?? 0;
    const isLost = lostWith > retryLimit(data.r);
    if (isLost || (this.#locks.isOld(job) && !(await this.#locks.retake(this.#keysOf(queue), job))))
      return this.#results.result(id, 0, this.#results.lostBefore(job.name, data));
    const running: RunningJob = {
      job,
      futures: new Set(),
      isAborted: false,
      forsake: Promise.withResolvers<JobResult>(),
      lost: () =>
        lostWith < retryLimit(data.r)
          ? undefined
          : this.#results.result(id, 0, this.#results.lostBefore(job.name, data)),
    };
    const key = keyOf(queue, id);
    this.#running.set(key, running);
    try {
      const result = await Promise.race([
        running.forsake.promise,
        this.#make(queue, job, data, running, lostWith, startedAt),
      ]);
      await this.#keep(queue, job);
      if (this.#locks.isOld(job)) await this.#locks.retake(this.#keysOf(queue), job);
      return result;
    } catch (error) {
      if (error instanceof NotBegun) {
        // First, so that it is not asked for again at once.
        this.#broken(error.cause);
        await job.moveToWait(job.token);
      }
      throw error;
    } finally {
      this.#running.delete(key);
      if (this.#running.size === 0) this.#idle?.resolve();
    }
  }

  async #make(
    queue: string,
    job: Job<unknown>,
    data: JobData,
    running: RunningJob,
    lostWith: number,
    startedAt: number,
  ): Promise<JobResult> {
    const calls = data.a.map((text) => this.#argsOf(text));
    const task = this.#tasks.find(job.name, data, lostWith);
    let outcomes: WireOutcome[];
    if (task instanceof Error) outcomes = calls.map(() => this.#results.failure(task));
    else if (calls.length > 1 && data.o === undefined)
      outcomes = await this.#makeChunk(task, calls, running);
    else
      outcomes = await Promise.all(
        calls.map((args, at) => this.#makeCall(task, args, at, job, data, running)),
      );
    this.#results.cutToSize(outcomes);
    const ms = performance.now() - startedAt;
    const length = outcomes.reduce((sum, [, text]) => sum + text.length, 0);
    const id = job.id as string;
    if (length <= LONG_RESULT) return this.#results.result(id, ms, outcomes);
    const keep = (ageOf(job) ?? KEEP_S) * 1000;
    const text = JSON.stringify(outcomes);
    await this.#client.set(this.#keysOf(queue).result(id), text, "PX", Math.ceil(keep));
    return { v: WIRE_VERSION, w: this.#results.agent, ms, ...this.#results.signature(id, text) };
  }

  /** Has the server keep the result no shorter than asked, and those of other jobs no shorter for it. */
  async #keep(queue: string, { opts }: Job<unknown>): Promise<void> {
    const age = ageOf({ opts });
    if (age === undefined) return;
    try {
      const longest = await this.#keptOf(queue).ageFor(age);
      for (const kept of [opts.removeOnComplete, opts.removeOnFail])
        if (typeof kept === "object" && "age" in kept) kept.age = longest;
    } catch {
      // Without the server there is nothing to be kept either.
    }
  }

  #keptOf(queue: string): KeptResults {
    const found = this.#kept.get(queue);
    if (found !== undefined) return found;
    const kept = new KeptResults(this.#client, this.#keysOf(queue));
    this.#kept.set(queue, kept);
    return kept;
  }

  #keysOf(queue: string): QueueKeys {
    return new QueueKeys(this.#settings.server.prefix, queue);
  }

  #argsOf(text: string): unknown[] | Spoilt {
    try {
      return decodeText(text, this.#results.limits);
    } catch (error) {
      return new Spoilt(this.#results.failure(error));
    }
  }

  async #makeCall(
    task: Task<unknown[], unknown>,
    args: unknown[] | Spoilt,
    at: number,
    job: Job<unknown>,
    data: JobData,
    running: RunningJob,
  ): Promise<WireOutcome> {
    if (args instanceof Spoilt) return args.outcome;
    const { executor, progressInterval } = this.#settings;
    let future: Future<unknown>;
    try {
      future = continueTrace(data.p, () => executor.submit(task, ...args));
    } catch (error) {
      if (isBroken(error) && data.a.length === 1) throw new NotBegun(error);
      return this.#results.failure(error);
    }
    running.futures.add(future);
    if (running.isAborted) future.cancel({ interrupt: true });
    const words = new ProgressWords(future, {
      interval: progressInterval,
      send: (word) => job.updateProgress({ v: WIRE_VERSION, at, ...word } satisfies JobProgress),
      encode: (detail) => this.#results.detail(detail),
    });
    if (data.o !== undefined) words.tell({ w: this.#results.agent });
    const outcome = await this.#outcomeOf(task, future, data.a.length === 1);
    await words.end();
    return outcome;
  }

  async #makeChunk(
    task: Task<unknown[], unknown>,
    calls: readonly (unknown[] | Spoilt)[],
    running: RunningJob,
  ): Promise<WireOutcome[]> {
    const outcomes = calls.map((args) => (args instanceof Spoilt ? args.outcome : undefined));
    const places = calls.flatMap((args, at) => (args instanceof Spoilt ? [] : [at]));
    const lists = calls.filter((args) => !(args instanceof Spoilt)) as unknown[][];
    running.abort = new AbortController();
    if (running.isAborted) running.abort.abort();
    const { signal } = running.abort;
    const name = task.options.name ?? task.source.export;
    try {
      const results = this.#settings.executor.starmap(task, lists, { entries: true, signal });
      for await (const { index, outcome } of results) {
        const at = places[index] as number;
        outcomes[at] =
          outcome.status === "fulfilled"
            ? await this.#results.success(name, outcome.value)
            : this.#results.failure(outcome.reason);
      }
    } catch (error) {
      // The whole of it has ended: it was given up, or the pool is broken.
      const outcome: WireOutcome = running.isAborted ? [2, ""] : this.#results.failure(error);
      return outcomes.map((known) => known ?? outcome);
    }
    return outcomes.map((known) => known ?? [2, ""]);
  }

  async #outcomeOf(
    task: Task<unknown[], unknown>,
    future: Future<unknown>,
    isAlone: boolean,
  ): Promise<WireOutcome> {
    try {
      const value = await future.result();
      return await this.#results.success(task.options.name ?? task.source.export, value);
    } catch (error) {
      if (future.cancelled()) return [2, ""];
      const hasBegun = future.snapshot().startedAt !== undefined;
      if (isAlone && !hasBegun && isBroken(error)) throw new NotBegun(error);
      return this.#results.failure(error);
    }
  }
}

/** In the place of arguments that cannot be read: what comes of their call. */
class Spoilt {
  readonly outcome: WireOutcome;

  constructor(outcome: WireOutcome) {
    this.outcome = outcome;
  }
}

/** The pool broke before it began with a job, which another agent may make. BullMQ knows it by its name, as one that is back in the queue. */
class NotBegun extends Error {
  override readonly name: string = "WaitingError";

  constructor(cause: unknown) {
    super("Cannot run job: the agent's pool is broken", { cause });
  }
}

/** Whether a pool makes no calls any more; one of its workers that is lost is another matter. */
function isBroken(error: unknown): boolean {
  return error instanceof BrokenExecutorError && !(error instanceof WorkerLostError);
}

function abort(job: RunningJob | undefined, reason: string): void {
  if (job === undefined || job.isAborted) return;
  job.isAborted = true;
  job.abort?.abort(reason);
  for (const future of job.futures) future.cancel({ interrupt: true, reason });
}

function keyOf(queue: string, id: string): string {
  return `${queue}:${id}`;
}

/** For how many seconds a job's result is to be kept, if it says so as our executors have it. */
function ageOf({ opts }: Pick<Job<unknown>, "opts">): number | undefined {
  const { age } = (opts.removeOnComplete ?? {}) as { age?: unknown };
  return typeof age === "number" && age >= 1 ? age : undefined;
}
