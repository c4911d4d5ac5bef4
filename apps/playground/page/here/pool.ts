// This page's own pool: the library, and the workers of the page. Loaded when the first job is to run here.

import { type Future, importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";

/** A call to make in this page. */
export interface Call {
  /** The address of the module. */
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
  /** Timeout, priority, retries: those that are set. */
  readonly options: Readonly<Record<string, number | undefined>>;
}

/** What the page is told of its jobs: a future's start and end, by when. */
export interface Watcher {
  started(future: Future<unknown>, at: number, worker: string): void;
  settled(future: Future<unknown>, at: number): void;
}

const runner = importTasks<typeof import("./task_runner.ts")>(
  new URL("./task_runner.js", import.meta.url),
);

/** The pool of the page, with as many workers as the machine has processors. */
export class PagePool {
  readonly #pool: ThreadPoolExecutor;

  constructor(watcher: Watcher) {
    this.#pool = new ThreadPoolExecutor({
      name: "browser",
      // What fails is told beside the job.
      onError: () => {},
      createWorker: (options) => new Worker(new URL("./task_worker.js", import.meta.url), options),
    });
    this.#pool.observe((event) => {
      if (event.type === "started" && event.future !== undefined) {
        watcher.started(event.future, event.at, event.worker.name);
      } else if (event.type === "settled" && event.future !== undefined) {
        watcher.settled(event.future, event.at);
      }
    });
  }

  get maxWorkers(): number {
    return this.#pool.maxWorkers;
  }

  submit({ module, name, args, options }: Call): Future<unknown> {
    const set = Object.fromEntries(
      Object.entries(options).filter(([, value]) => value !== undefined),
    );
    return this.#pool.submit(runner.run.with({ ...set, name }), module, name, [...args]);
  }
}
