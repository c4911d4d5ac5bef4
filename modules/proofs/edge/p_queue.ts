// PQueue: what people of p-queue write, over an EventLoopExecutor. It shows what of it is one line here, and lets its tests of
// behaviour be tried (p_queue_test.ts). Events, and what tells of a window of time, it has none of.

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

/** A queue of jobs. */
export class PQueue {
  readonly #executor: EventLoopExecutor;
  readonly #hasRate: boolean;
  /** What is not done, and by which name. */
  readonly #open = new Map<Future<unknown>, string>();
  #added = 0;
  timeout: number | undefined;

  constructor(options: QueueOptions = {}) {
    const { concurrency = Number.POSITIVE_INFINITY, autoStart = true, timeout } = options;
    const { intervalCap: limit = Number.POSITIVE_INFINITY, interval: per = 0, strict } = options;
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
    const source = { module: "", export: job.name || "job", fn: () => job({ signal }) };
    const task = new Task<[], R>(source, {
      priority,
      ...(signal === undefined ? {} : { signal }),
      ...(timeout === undefined ? {} : { timeout }),
    });
    const future = this.#executor.submit(task);
    this.#open.set(future, id);
    future.addDoneCallback(() => this.#open.delete(future));
    try {
      return await future;
    } catch (error) {
      if (!(error instanceof CancelledError)) throw error;
      // Whoever added what is cleared is never told.
      if (error.cause === CLEARED) return await new Promise(() => {});
      throw error.cause;
    }
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
