// JobRunner: has the local pool make the calls of jobs. What comes of the server is anybody's: it is checked, and nothing of a
// job is run here.

import type { Job } from "bullmq";
import type { Redis } from "ioredis";
import { continueTrace } from "../../core/call_tracer.ts";
import { BrokenExecutorError, WorkerLostError } from "../../core/errors.ts";
import { type Future, onceDone, outcomeOf, resultOf } from "../../core/future.ts";
import { look } from "../../core/held_call.ts";
import { hasNeverBegun } from "../../core/never_begun.ts";
import { retryLimit } from "../../core/retry.ts";
import type { Task } from "../../core/task.ts";
import { decodeText } from "../codec.ts";
import {
  type JobData,
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
import { ProgressWords, type Telling } from "./progress_words.ts";
import { ResultWriter } from "./result_writer.ts";
import { type End, RunningJob, RunningJobs, Spoilt, Unmade } from "./running_jobs.ts";

/** What a call has come to that nobody waits for. */
const GIVEN_UP: WireOutcome = [2, ""];

/** Results that are asked for later are kept for so many seconds, unless the job says otherwise. */
const KEEP_S = 600;

/** Runs the jobs of one agent. */
export class JobRunner {
  readonly #settings: AgentSettings;
  readonly #client: Redis;
  readonly #results: ResultWriter;
  readonly #tasks: NamedTasks;
  readonly #locks: JobLocks;
  readonly #telling: Telling;
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
    this.#telling = {
      interval: settings.progressInterval,
      encode: (detail) => this.#results.detail(detail),
    };
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
    this.#running.find(queue, id)?.giveUp(reason);
  }

  /** If another agent may have it by now, what runs here is of no use, and must not go on beside that. */
  async lockRanOut(queue: string, id: string): Promise<void> {
    const running = this.#running.find(queue, id);
    if (running === undefined || (await this.#locks.retake(this.#keysOf(queue), running.job)))
      return;
    running.giveUp("its lock was lost");
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
      const lost = this.#lost(job);
      mayRunAgain ||= lost === undefined;
      if (lost !== undefined)
        job.result.resolve(this.#results.result(job.job.id as string, 0, lost));
      job.giveUp("the agent ends");
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
    const calls = data.a.map((text) => this.#argsOf(text));
    const running = new RunningJob(queue, job, data, lostWith, startedAt, calls);
    this.#running.add(running);
    try {
      this.#make(running);
      const result = await running.result.promise;
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

  /** Has its calls made. All of it is told by callbacks, for most jobs are one short call: a promise less is time saved. */
  #make(running: RunningJob): void {
    const { job, data, lostWith, calls } = running;
    const task = this.#tasks.find(job.name, data, lostWith);
    if (!(task instanceof Error) && calls.length > 1 && data.o === undefined) {
      this.#makeChunk(task, running).catch(running.result.reject);
      return;
    }
    for (const [at, args] of calls.entries()) {
      if (task instanceof Error) this.#ended(running, at, this.#results.failure(task));
      else if (args instanceof Spoilt) this.#ended(running, at, args.outcome);
      else this.#makeCall(task, args, at, running);
    }
  }

  #ended(running: RunningJob, at: number, end: End): void {
    const ends = running.ended(at, end);
    if (ends !== undefined) this.#allEnded(running, ends);
  }

  /** Writes down what has come of a job. */
  #allEnded(running: RunningJob, ends: readonly End[]): void {
    try {
      const outcomes = this.#outcomesOf(ends, running);
      this.#results.cutToSize(outcomes);
      const ms = performance.now() - running.startedAt;
      const length = outcomes.reduce((sum, [, text]) => sum + text.length, 0);
      const id = running.job.id as string;
      if (length <= LONG_RESULT) running.result.resolve(this.#results.result(id, ms, outcomes));
      else
        void this.#setApart(running, ms, outcomes).then(
          running.result.resolve,
          running.result.reject,
        );
    } catch (error) {
      running.result.reject(error);
    }
  }

  /** Writes outcomes beside their job. */
  async #setApart(
    { job, queue }: RunningJob,
    ms: number,
    outcomes: readonly WireOutcome[],
  ): Promise<JobResult> {
    const id = job.id as string;
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
  #outcomesOf(ends: readonly End[], running: RunningJob): WireOutcome[] {
    const unmade = ends.find((end) => end instanceof Unmade);
    if (unmade === undefined) return ends as WireOutcome[];
    const hasBegun = ends.some((end, at) =>
      end instanceof Unmade ? end.hasBegun : !(running.calls[at] instanceof Spoilt),
    );
    const lost = this.#lost(running);
    if (!hasBegun || lost === undefined) throw new GivenBack(unmade.cause);
    this.#broken(unmade.cause);
    return ends.map((end, at) => (end instanceof Unmade ? (lost[at] as WireOutcome) : end));
  }

  /** What comes of a job that is lost with its agent; undefined where it may run again. */
  #lost({ job, data, lostWith }: RunningJob): WireOutcome[] | undefined {
    return lostWith < retryLimit(data.r) ? undefined : this.#results.lostBefore(job.name, data);
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

  #makeCall(
    task: Task<unknown[], unknown>,
    args: unknown[],
    at: number,
    running: RunningJob,
  ): void {
    const { data, job } = running;
    let future: Future<unknown>;
    try {
      future = continueTrace(data.p, () => this.#settings.executor.submit(task, ...args));
    } catch (error) {
      this.#ended(running, at, this.#unmadeBy(error, false));
      return;
    }
    running.futures.push(future);
    if (running.isAborted) future.cancel({ interrupt: true });
    const words = new ProgressWords(future, { job, at, telling: this.#telling });
    running.words.push(words);
    const { interval } = this.#telling;
    if (interval > 0) this.#clock ??= setInterval(() => this.#beat(), interval);
    if (data.o !== undefined) words.tell({ w: this.#results.agent });
    onceDone(future, () => this.#callEnded(task, future, at, running, words));
  }

  #callEnded(
    task: Task<unknown[], unknown>,
    future: Future<unknown>,
    at: number,
    running: RunningJob,
    words: ProgressWords,
  ): void {
    const told = words.end();
    const end = this.#endOf(task, future);
    if (told === undefined && !(end instanceof Promise)) this.#ended(running, at, end);
    else void Promise.all([end, told]).then(([end]) => this.#ended(running, at, end));
  }

  #endOf(task: Task<unknown[], unknown>, future: Future<unknown>): End | Promise<End> {
    const outcome = outcomeOf(future);
    if (outcome === "finished") return this.#results.success(nameOf(task), resultOf(future));
    if (outcome === "cancelled") return GIVEN_UP;
    // It is told to whoever has submitted the job, and nobody else is to report it.
    look(future);
    const { error } = future.snapshot();
    return this.#unmadeBy(error, !hasNeverBegun(error));
  }

  async #makeChunk(task: Task<unknown[], unknown>, running: RunningJob): Promise<void> {
    const { calls } = running;
    const ends = calls.map((args): End | undefined =>
      args instanceof Spoilt ? args.outcome : undefined,
    );
    const places = calls.flatMap((args, at) => (args instanceof Spoilt ? [] : [at]));
    const lists = calls.filter((args) => !(args instanceof Spoilt)) as unknown[][];
    running.abort = new AbortController();
    if (running.isAborted) running.abort.abort();
    const { signal } = running.abort;
    let missing: End = GIVEN_UP;
    try {
      const results = this.#settings.executor.starmap(task, lists, { entries: true, signal });
      for await (const { index, outcome } of results) {
        const at = places[index] as number;
        ends[at] =
          outcome.status === "fulfilled"
            ? await this.#results.success(nameOf(task), outcome.value)
            : this.#unmadeBy(outcome.reason, !hasNeverBegun(outcome.reason));
      }
    } catch (error) {
      // The whole of it has ended: it was given up, or the pool is broken and takes no more.
      if (!running.isAborted) missing = this.#unmadeBy(error, false);
    }
    this.#allEnded(
      running,
      ends.map((known) => known ?? missing),
    );
  }

  /** What a call has come to that has failed: its own error, or none where the pool is broken. */
  #unmadeBy(error: unknown, hasBegun: boolean): End {
    return isBroken(error) ? new Unmade(error, hasBegun) : this.#results.failure(error);
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

function nameOf({ options, source }: Task<unknown[], unknown>): string {
  return options.name ?? source.export;
}

/** For how many seconds a job's result is to be kept, if it says so as our executors have it. */
function ageOf({ opts }: Pick<Job<unknown>, "opts">): number | undefined {
  const { age } = (opts.removeOnComplete ?? {}) as { age?: unknown };
  return typeof age === "number" && age >= 1 ? age : undefined;
}
