// TimerExecutor: the executor over a timer. It reads options, names tasks, and asks its ledger for everything else.

import {
  Executor,
  type ExecutorOptions,
  type ExecutorStats,
  type Future,
  type MapOptions,
  type Mapped,
  type MapResults,
  type ShutdownOptions,
  type Task,
  type TaskEvent,
  TaskStream,
} from "../../../mod.ts";
import type { Ledger } from "../../core/scheduling/ledger.ts";
import { asStream } from "../../core/stream_task.ts";
import { KnownTasks } from "../../core/work/known_tasks.ts";
import { assertMapOptions, MapWork } from "../../core/work/map_work.ts";
import { TimerEngine } from "./timer_engine.ts";

/** Makes each task in a timer of its own. */
export class TimerExecutor extends Executor {
  readonly name: string;
  readonly #ledger: Ledger;
  readonly #tasks = new KnownTasks();

  /** @param knows Whether it can tell of a call that it has not begun. */
  constructor(options: ExecutorOptions = {}, knows = true) {
    super();
    const { maxWorkers = 4, maxQueue = Number.POSITIVE_INFINITY, onError } = options;
    this.name = options.name ?? "TimerExecutor";
    const { name } = this;
    this.#ledger = new TimerEngine({ name, maxQueue, onError }, maxWorkers, knows).ledger;
  }

  override submit<A extends unknown[], R>(task: Task<A, R>, ...args: A): Future<Awaited<R>> {
    return this.#ledger.submit(
      this.#tasks.termsOf(task as unknown as Task<never[], R>),
      args,
    ) as Future<Awaited<R>>;
  }

  override map<T, R, Entries extends boolean = false>(
    task: Task<[T], R>,
    items: Iterable<T> | AsyncIterable<T>,
    options: MapOptions<Entries> = {},
  ): MapResults<Mapped<Entries, T, Awaited<R>>> {
    return this.#map(task as unknown as Task<never[], unknown>, items, false, options);
  }

  override starmap<A extends unknown[], R, Entries extends boolean = false>(
    task: Task<A, R>,
    items: Iterable<A> | AsyncIterable<A>,
    options: MapOptions<Entries> = {},
  ): MapResults<Mapped<Entries, A, Awaited<R>>> {
    return this.#map(task as unknown as Task<never[], unknown>, items, true, options);
  }

  override stream(task: unknown, ...args: unknown[]): TaskStream<never, never> {
    const terms = this.#tasks.termsOf(asStream(task as Task<never[], unknown>));
    this.#ledger.assertOpen("stream task");
    return new TaskStream(() => this.#ledger.stream(terms, args));
  }

  override pause(): void {
    this.#ledger.pause();
  }

  override resume(): void {
    this.#ledger.resume();
  }

  override get paused(): boolean {
    return this.#ledger.isPaused;
  }

  override shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#ledger.shutdown(options);
  }

  override terminateWorkers(): Promise<void> {
    return this.#ledger.terminate();
  }

  override get ready(): Promise<void> {
    return this.#ledger.ready;
  }

  override stats(): ExecutorStats {
    return this.#ledger.stats();
  }

  override observe(listener: (event: TaskEvent) => void): Disposable {
    return this.#ledger.observers.add(listener);
  }

  #map<M>(
    task: Task<never[], unknown>,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    spread: boolean,
    options: MapOptions<boolean>,
  ): MapResults<M> {
    assertMapOptions(options);
    this.#ledger.assertOpen("map task");
    return new MapWork<M>(this.#ledger, this.#tasks.termsOf(task), items, spread, options).results;
  }
}
