// ThreadPoolExecutor in a browser: the core's pool over Web Workers.

import { assertFunction } from "../core/checks.ts";
import { CloningExecutor } from "../core/cloning_executor.ts";
import { UnsupportedRuntimeError } from "../core/errors.ts";
import { POOL_OPTIONS, type PoolOptions } from "../core/executor.ts";
import { pickOptions, readOptions } from "../core/options.ts";
import { assertRuntime } from "../workers/assert_runtime.ts";
import { type CreateWorker, spawnWorker } from "./spawn_worker.ts";

/** Options of a pool of threads. */
export interface ThreadPoolOptions extends PoolOptions {
  /**
   * Makes a worker, where the pool cannot: because the bundler does not copy the worker's file, or because it lies on
   * another origin. The worker must run `@concurrent/futures/browser/worker`, or a module of yours that imports it.
   */
  createWorker?: CreateWorker;
}

/**
 * Runs tasks on Web Workers of this page.
 *
 * Where the page is cross-origin isolated (`crossOriginIsolated`), tasks travel several to a message; elsewhere one by
 * one. A task that computes without a pause can be stopped; Chromium takes up to two seconds for it, and another worker
 * has its place meanwhile. Workers have the page's rights: they are no jail.
 *
 * Needs a page served by HTTPS or from this machine.
 *
 * @example Work on every core
 * ```ts ignore
 * import { importTasks } from "@concurrent/futures";
 * import { ThreadPoolExecutor } from "@concurrent/futures/browser";
 *
 * const jobs = importTasks<typeof import("./jobs.js")>(new URL("./jobs.js", import.meta.url));
 * await using pool = new ThreadPoolExecutor();
 * for await (const count of pool.map(jobs.countPrimes, [10, 100, 1000])) console.log(count);
 * ```
 */
export class ThreadPoolExecutor extends CloningExecutor {
  /**
   * Creates a pool; no worker is started yet.
   *
   * @throws {UnsupportedRuntimeError} Outside of a browser, and in a page that is not served by HTTPS or from this machine.
   * @throws {TypeError} For an option of the wrong type, or that there is not.
   * @throws {RangeError} For an option out of its range.
   */
  constructor(options: ThreadPoolOptions = {}) {
    assertRuntime("browser", "ThreadPoolExecutor");
    if (!(globalThis as { isSecureContext?: boolean }).isSecureContext) {
      throw new UnsupportedRuntimeError(
        "Cannot create ThreadPoolExecutor: this page is not secure, so it cannot see workers end; serve it by HTTPS",
      );
    }
    const names = [...POOL_OPTIONS, "createWorker"] as const;
    const read = readOptions(options, names, "create ThreadPoolExecutor");
    const { createWorker } = read;
    if (createWorker !== undefined) assertFunction(createWorker, "createWorker");
    super(spawnWorker(createWorker), pickOptions(read, POOL_OPTIONS));
  }
}
