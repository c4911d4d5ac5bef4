// PQueue: what people of p-queue write, over an EventLoopExecutor. It shows what of it is one line here, and lets its tests of
// behaviour be tried (p_queue_test.ts). What tells of a window of time it has none of.

import { EventEmitter } from "node:events";
import { CancelledError, EventLoopExecutor, type Future, Task } from "../../../mod.ts";

/** What p-queue is made with, as far as it is there. */
export interface QueueOptions {
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly autoStart?: boolean;
  /** So many begin … */
  readonly intervalCap?: number;
  /** … in so many milliseconds. */
  readonly interval?: number;
  /** In any such time, and not only in each of those that follow one another. */
  readonly strict?: boolean;
}

/** What a job is added with. */
export interface AddOptions {
  readonly priority?: number | undefined;
  readonly id?: string;
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

const CLEARED = Symbol("cleared");
/** The priority of what there was room for when it was added: it comes before all that was added in the same tick. */
const BEGUN = Number.POSITIVE_INFINITY;

type Job<R> = (context: { readonly signal: AbortSignal | undefined }) => R | Promise<R>;

/** A job that runs, as the queue tells of it. */
export interface RunningTask {
  readonly id: string;
  readonly priority: number;
  readonly startTime: number;
  readonly timeout?: number | undefined;
  readonly timeoutRemaining?: number | undefined;
}

/** A queue of jobs. */
export class PQueue extends EventEmitter {
  readonly #executor: EventLoopExecutor;
  readonly #hasRate: boolean;
  /** What is not done, and by which name. */
  readonly #open = new Map<Future<unknown>, string>();
  /** What runs. */
  readonly #running = new Map<Future<unknown>, Omit<RunningTask, "timeoutRemaining">>();
  #added = 0;
  timeout: number | undefined;

  constructor(options: QueueOptions = {}) {
    const { concurrency = Number.POSITIVE_INFINITY, autoStart = true, timeout } = options;
    const { intervalCap: limit = Number.POSITIVE_INFINITY, interval: per = 0, strict } = options;
    super();
    this.timeout = timeout;
    this.#hasRate = limit !== Number.POSITIVE_INFINITY && per > 0;
    this.#executor = new EventLoopExecutor({
      maxWorkers: concurrency,
      ...(this.#hasRate ? { rate: { limit, per, burst: strict === true ? 1 : limit } } : {}),
    });
    if (!autoStart) this.pause();
  }

  /** Has a job run when it is its turn. */
  async add<R>(job: Job<R>, options: AddOptions = {}): Promise<R> {
    const { signal, timeout = this.timeout, id = `${++this.#added}` } = options;
    const isFirst = !this.isPaused && !this.#hasRate && this.#open.size < this.concurrency;
    const priority = isFirst ? BEGUN : (options.priority ?? 0);
    const source = { module: "", export: job.name || "job", fn: () => begin() };
    const task = new Task<[], R>(source, {
      priority,
      ...(signal === undefined ? {} : { signal }),
      ...(timeout === undefined ? {} : { timeout }),
    });
    const future = this.#executor.submit(task);
    const begin = () => {
      const told = options.priority ?? 0;
      this.#running.set(future, { id, priority: told, startTime: performance.now(), timeout });
      this.emit("active");
      return job({ signal });
    };
    this.#open.set(future, id);
    future.addDoneCallback(() => this.#noteDone(future));
    this.emit("add");
    try {
      return await future;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      // Whoever added what is cleared is never told.
      if (error.cause === CLEARED) return await new Promise(() => {});
      throw error.cause;
    }
  }

  #noteDone(future: Future<unknown>): void {
    const isLast = this.size === 0;
    this.#open.delete(future);
    this.#running.delete(future);
    const { state, value, error } = future.snapshot();
    if (state === "finished" && error === undefined) this.emit("completed", value);
    // Nobody has to listen: whoever added the job is told, too.
    if (state === "finished" && error !== undefined && this.listenerCount("error") > 0)
      this.emit("error", error);
    this.emit("next");
    if (isLast) this.emit("empty");
    if (this.#open.size === 0) this.emit("idle");
  }

  addAll<R>(jobs: readonly Job<R>[], options?: AddOptions): Promise<R[]> {
    return Promise.all(jobs.map((job) => this.add(job, options)));
  }

  pause(): void {
    this.#executor.pause();
  }

  start(): this {
    this.#executor.resume();
    return this;
  }

  get isPaused(): boolean {
    return this.#executor.paused;
  }

  get concurrency(): number {
    return this.#executor.maxWorkers;
  }

  set concurrency(concurrency: number) {
    this.#executor.resize(concurrency);
  }

  /** Jobs that run, or will by the end of this tick. */
  get pending(): number {
    if (this.isPaused || this.#hasRate) return this.#executor.stats().running;
    return Math.min(this.#open.size, this.concurrency);
  }

  /** Jobs that wait. */
  get size(): number {
    return this.#open.size - this.pending;
  }

  sizeBy({ priority = 0 }: { priority?: number }): number {
    return [...this.#open.keys()].filter(
      (future) => !future.running() && future.priority === priority,
    ).length;
  }

  setPriority(id: string, priority: number): void {
    const found = [...this.#open].find(
      ([future, other]) => other === id && future.priority !== BEGUN && !future.running(),
    );
    if (found === undefined) throw new ReferenceError(`no job "${id}" waits`);
    found[0].priority = priority;
  }

  /** Drops what waits: what added it is never told, as there. */
  clear(): void {
    for (const future of this.#open.keys())
      if (future.priority !== BEGUN) future.cancel({ reason: CLEARED });
  }

  get runningTasks(): RunningTask[] {
    return [...this.#running.values()].map((running) => {
      const { timeout, startTime } = running;
      if (timeout === undefined) return running;
      const timeoutRemaining = Math.max(0, startTime + timeout - performance.now());
      return { ...running, timeoutRemaining };
    });
  }

  /** Whether there is no room, and something waits for it. */
  get isSaturated(): boolean {
    return this.pending === this.concurrency && this.size > 0;
  }

  /** Rejects with the first failure from now on. */
  onError(): Promise<never> {
    return new Promise((_, reject) => this.once("error", reject));
  }

  onIdle(): Promise<void> {
    return this.#until(() => this.#open.size === 0);
  }

  onEmpty(): Promise<void> {
    return this.onSizeLessThan(1);
  }

  onSizeLessThan(limit: number): Promise<void> {
    return this.#until(() => this.size < limit);
  }

  onPendingZero(): Promise<void> {
    return this.#until(() => this.pending === 0);
  }

  /** Asks again with everything that happens. */
  #until(isSo: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return;
        watching[Symbol.dispose]();
        resolve();
      };
      // In a turn of its own: the job that has ended is counted out by then.
      const watching = this.#executor.observe(() => queueMicrotask(look));
      look();
    });
  }
}
