// JobRunner: has the local pool make the calls of jobs. What comes of the server is anybody's: it is checked, and nothing of a
// job is run here.

import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import { continueTrace } from "../../core/call_tracer.ts";
import { BrokenExecutorError, WorkerLostError } from "../../core/errors.ts";
import type { Future } from "../../core/future.ts";
import { hasNeverBegun } from "../../core/never_begun.ts";
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

/** What a call has come to that nobody waits for. */
const GIVEN_UP: WireOutcome = [2, ""];

/** Results that are asked for later are kept for so many seconds, unless the job says otherwise. */
const KEEP_S = 600;

/** A job that runs here. */
interface RunningJob {
  readonly queue: string;
  readonly job: Job<unknown>;
  readonly futures: Future<unknown>[];
  /** What is told of each of these. */
  readonly words: ProgressWords[];
  /** Ends the chunk of a map, where it is one. */
  abort?: AbortController;
  /** It is given up, and nobody waits for what comes of it. */
  isAborted: boolean;
  /** The agent ends before it: that is its outcome. */
  readonly forsake: PromiseWithResolvers<JobResult>;
  readonly lost: () => JobResult | undefined;
}

/**
 * The jobs that run here: as many as an agent takes at once, and seldom looked for. A list and no map: V8 replaces a map's table
 * again and again while entries come and go, and what a table that was replaced still points to lives on until all of the memory
 * is looked through. An agent spent more time on that than on a short job itself.
 */
class RunningJobs {
  readonly all: RunningJob[] = [];

  get size(): number {
    return this.all.length;
  }

  find(queue: string, id: string): RunningJob | undefined {
    return this.all.find((running) => running.job.id === id && running.queue === queue);
  }

  add(running: RunningJob): void {
    this.all.push(running);
  }

  remove(running: RunningJob): void {
    const last = this.all.pop();
    if (last !== undefined && last !== running) this.all[this.all.indexOf(running)] = last;
  }
}

/** Runs the jobs of one agent. */
export class JobRunner {
  readonly #settings: AgentSettings;
  readonly #client: Redis;
  readonly #results: ResultWriter;
  readonly #tasks: NamedTasks;
  readonly #locks: JobLocks;
  readonly #running = new RunningJobs();
  /** By queue. */
  readonly #kept = new Map<string, KeptResults>();
  readonly #broken: (error: unknown) => void;
  #idle: PromiseWithResolvers<void> | undefined = undefined;
  /** Beats while something runs. */
  #clock: ReturnType<typeof setInterval> | undefined = undefined;

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
    abort(this.#running.find(queue, id), reason);
  }

  /** If another agent may have it by now, what runs here is of no use, and must not go on beside that. */
  async lockRanOut(queue: string, id: string): Promise<void> {
    const running = this.#running.find(queue, id);
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
    clearInterval(this.#clock);
    let mayRunAgain = false;
    for (const job of this.#running.all) {
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
      queue,
      job,
      futures: [],
      words: [],
      isAborted: false,
      forsake: Promise.withResolvers<JobResult>(),
      lost: () =>
        lostWith < retryLimit(data.r)
          ? undefined
          : this.#results.result(id, 0, this.#results.lostBefore(job.name, data)),
    };
    this.#running.add(running);
    try {
      const result = await Promise.race([
        running.forsake.promise,
        this.#make(queue, job, data, running, lostWith, startedAt),
      ]);
      const keeping = this.#keep(queue, job);
      if (keeping !== undefined) await keeping;
      if (this.#locks.isOld(job)) await this.#locks.retake(this.#keysOf(queue), job);
      return result;
    } catch (error) {
      if (error instanceof GivenBack) {
        // First, so that it is not asked for again at once.
        this.#broken(error.cause);
        await job.moveToWait(job.token);
      }
      throw error;
    } finally {
      this.#running.remove(running);
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
    let ends: (WireOutcome | Unmade)[];
    if (task instanceof Error) ends = calls.map(() => this.#results.failure(task));
    else if (calls.length > 1 && data.o === undefined)
      ends = await this.#makeChunk(task, calls, running);
    else
      ends = await Promise.all(
        calls.map((args, at) => this.#makeCall(task, args, at, job, data, running)),
      );
    const outcomes = this.#outcomesOf(ends, calls, running);
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

  /**
   * What the calls of a job have come to. Where the pool broke under it the job goes back to its queue, if none of them has begun
   * or all may run again; else it is as if the agent had been lost, which its pool is.
   *
   * @throws {GivenBack} if it goes back.
   */
  #outcomesOf(
    ends: readonly (WireOutcome | Unmade)[],
    calls: readonly (unknown[] | Spoilt)[],
    { lost }: RunningJob,
  ): WireOutcome[] {
    const unmade = ends.find((end) => end instanceof Unmade);
    if (unmade === undefined) return ends as WireOutcome[];
    const hasBegun = ends.some((end, at) =>
      end instanceof Unmade ? end.hasBegun : !(calls[at] instanceof Spoilt),
    );
    const whenLost = lost();
    if (!hasBegun || whenLost === undefined) throw new GivenBack(unmade.cause);
    this.#broken(unmade.cause);
    return ends.map((end, at) => (end instanceof Unmade ? (whenLost.c?.[at] as WireOutcome) : end));
  }

  /** Has the server keep the result no shorter than asked, and those of other jobs no shorter for it. */
  #keep(queue: string, { opts }: Job<unknown>): Promise<void> | undefined {
    const age = ageOf({ opts });
    if (age === undefined) return undefined;
    const keep = (longest: number) => {
      for (const kept of [opts.removeOnComplete, opts.removeOnFail])
        if (typeof kept === "object" && "age" in kept) kept.age = longest;
    };
    const longest = this.#keptOf(queue).ageFor(age);
    // Without the server there is nothing to be kept either.
    if (typeof longest !== "number") return longest.then(keep, () => {});
    keep(longest);
    return undefined;
  }

  #beat(): void {
    if (this.#running.size === 0) {
      clearInterval(this.#clock);
      this.#clock = undefined;
    }
    for (const { words } of this.#running.all) for (const of of words) of.beat();
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
  ): Promise<WireOutcome | Unmade> {
    if (args instanceof Spoilt) return args.outcome;
    const { executor, progressInterval } = this.#settings;
    let future: Future<unknown>;
    try {
      future = continueTrace(data.p, () => executor.submit(task, ...args));
    } catch (error) {
      return this.#unmadeBy(error, false);
    }
    running.futures.push(future);
    if (running.isAborted) future.cancel({ interrupt: true });
    const words = new ProgressWords(future, {
      interval: progressInterval,
      send: (word) => job.updateProgress({ v: WIRE_VERSION, at, ...word } satisfies JobProgress),
      encode: (detail) => this.#results.detail(detail),
    });
    running.words.push(words);
    if (progressInterval > 0) this.#clock ??= setInterval(() => this.#beat(), progressInterval);
    if (data.o !== undefined) words.tell({ w: this.#results.agent });
    const outcome = await this.#outcomeOf(task, future);
    await words.end();
    return outcome;
  }

  async #makeChunk(
    task: Task<unknown[], unknown>,
    calls: readonly (unknown[] | Spoilt)[],
    running: RunningJob,
  ): Promise<(WireOutcome | Unmade)[]> {
    const outcomes = calls.map((args): WireOutcome | Unmade | undefined =>
      args instanceof Spoilt ? args.outcome : undefined,
    );
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
            : this.#unmadeBy(outcome.reason, !hasNeverBegun(outcome.reason));
      }
    } catch (error) {
      // The whole of it has ended: it was given up, or the pool is broken and takes no more.
      const outcome = running.isAborted ? GIVEN_UP : this.#unmadeBy(error, false);
      return outcomes.map((known) => known ?? outcome);
    }
    return outcomes.map((known) => known ?? GIVEN_UP);
  }

  async #outcomeOf(
    task: Task<unknown[], unknown>,
    future: Future<unknown>,
  ): Promise<WireOutcome | Unmade> {
    try {
      const value = await future.result();
      return await this.#results.success(task.options.name ?? task.source.export, value);
    } catch (error) {
      if (future.cancelled()) return GIVEN_UP;
      return this.#unmadeBy(error, !hasNeverBegun(error));
    }
  }

  /** What a call has come to that has failed: its own error, or none where the pool is broken. */
  #unmadeBy(error: unknown, hasBegun: boolean): WireOutcome | Unmade {
    return isBroken(error) ? new Unmade(error, hasBegun) : this.#results.failure(error);
  }
}

/** In the place of arguments that cannot be read: what comes of their call. */
class Spoilt {
  readonly outcome: WireOutcome;

  constructor(outcome: WireOutcome) {
    this.outcome = outcome;
  }
}

/** In the place of an outcome: the pool broke, and the call has none. */
class Unmade {
  readonly cause: unknown;
  readonly hasBegun: boolean;

  constructor(cause: unknown, hasBegun: boolean) {
    this.cause = cause;
    this.hasBegun = hasBegun;
  }
}

/** The pool broke under a job that another agent may make. BullMQ knows it by its name, as one that is back in the queue. */
class GivenBack extends Error {
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

/** For how many seconds a job's result is to be kept, if it says so as our executors have it. */
function ageOf({ opts }: Pick<Job<unknown>, "opts">): number | undefined {
  const { age } = (opts.removeOnComplete ?? {}) as { age?: unknown };
  return typeof age === "number" && age >= 1 ? age : undefined;
}
