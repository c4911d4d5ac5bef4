// Calls an exported function on an executor, many calls to a message where they are short.

import type { Executor } from "../../core/executor.ts";
import { importTasks } from "../../core/import_tasks.ts";
import { callModule } from "../backend.ts";
import { type Job, labelOf } from "../input/item.ts";
import { UsageError } from "../usage_error.ts";
import {
  apart,
  BEGUN,
  type CallNews,
  type CallPlan,
  type CallResults,
  CELLS,
  type FileCell,
  together,
  WRITTEN,
} from "../worker/told.ts";
import { BegunFile } from "./begun_file.ts";
import { CANCELLED, DONE, type Ending, type Launcher, type Running } from "./launcher.ts";

/** How long a batch should take. */
const BATCH_MS = 4;

/** At most so many calls go together. */
const MOST_TOGETHER = 1024;

/** After a lost worker so many calls go alone, as the library's own do. */
const DISTRUST = 1000;

/** How functions are called. */
export interface CallOptions {
  readonly executor: Executor;
  readonly plan: CallPlan;
  readonly jobs: number;
  /** What people call the function: the module as they wrote it. */
  readonly name: string;
  readonly timeout: number | undefined;
  /** Whether short calls may go together: then what a lost worker had begun of them is lost too. */
  readonly mayBatch: boolean;
  /** Whether the worker sees memory of ours; where it does not, a file tells what it has begun of a batch. */
  readonly sharesMemory: boolean;
  readonly onPrinted: ((running: Running, text: string | Uint8Array) => void) | undefined;
}

/** Starts calls. */
export class FunctionCalls implements Launcher {
  readonly #options: CallOptions;
  readonly #call;
  /** How many calls make up a batch, as far as has been seen. */
  #together = 1;
  #alone = 0;
  #begunFile: BegunFile | undefined = undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    const { call } = importTasks<typeof import("../worker/call.ts")>(callModule());
    const { timeout, name } = options;
    this.#call = call.with({ name, ...(timeout === undefined ? {} : { timeout }) });
  }

  room(): { together: number; launches: number } {
    const { jobs } = this.#options;
    // While one batch is run the next is on its way.
    return { together: this.#together, launches: this.#together > 1 ? 2 * jobs : jobs };
  }

  async launch(jobs: readonly Running[], signal: AbortSignal): Promise<readonly Ending[]> {
    if (signal.aborted) return jobs.map(() => CANCELLED);
    const { executor, sharesMemory } = this.#options;
    const cells = sharesMemory
      ? new Int32Array(new SharedArrayBuffer(CELLS * Int32Array.BYTES_PER_ELEMENT))
      : undefined;
    const cell = sharesMemory || jobs.length === 1 ? undefined : this.#begunFile?.take();
    const shared = cells ?? cell;
    const each = jobs.map(({ job }) => job.item);
    const items = together(each) ?? each;
    const future =
      shared === undefined
        ? executor.submit(this.#call, items)
        : executor.submit(this.#call, items, shared);
    const interrupt = () => future.cancel({ interrupt: true });
    signal.addEventListener("abort", interrupt, { once: true });
    future.onProgress(({ detail }) => this.#hear(jobs, detail, cells));
    try {
      const results = await future;
      if (results.unusable === undefined) return this.#endings(jobs, results);
      throw new UsageError(results.unusable);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      return this.#lost(jobs, error, signal, shared);
    } finally {
      if (cell !== undefined) this.#begunFile?.giveBack(cell);
      signal.removeEventListener("abort", interrupt);
    }
  }

  commandOf({ item }: Job): string {
    return `${this.#options.name} ${labelOf(item)}`;
  }

  /** The library's own exit listener ends what runs. */
  kill(): void {
    this.#begunFile?.remove();
    this.#begunFile = undefined;
  }

  async close(): Promise<void> {
    await this.#options.executor.terminateWorkers();
    this.kill();
  }

  /** Whether it can be seen what a dead worker had begun of a batch. */
  #seesBegun(): boolean {
    if (this.#options.sharesMemory || this.#begunFile !== undefined) return true;
    try {
      this.#begunFile = new BegunFile();
    } catch {
      // No folder for temporary files: calls go one by one.
      return false;
    }
    return true;
  }

  #hear(jobs: readonly Running[], detail: unknown, cells: Int32Array | undefined): void {
    const { futures, at = 0, text } = (detail ?? {}) as Partial<CallNews>;
    const running = jobs[at];
    if (text === undefined || running === undefined) return;
    if (futures === "printed") this.#options.onPrinted?.(running, text);
    if (futures !== "item") return;
    const room = running.output.item(text);
    if (cells === undefined) return;
    if (room === undefined) Atomics.add(cells, WRITTEN, text.length);
    else void room.then(() => Atomics.add(cells, WRITTEN, text.length));
  }

  #endings(jobs: readonly Running[], { results: given, ms }: CallResults): readonly Ending[] {
    const results = typeof given === "string" ? apart(given) : given;
    const each = ms / Math.max(1, results.length);
    this.#learn(jobs.length, results.length, each);
    return results.map((result, at) => {
      if (typeof result !== "object" || result instanceof Uint8Array) {
        if (result !== undefined) jobs[at]?.output.add(result);
        return DONE;
      }
      const { text, printed, failure } = result;
      if (text !== undefined) jobs[at]?.output.add(text);
      if (failure === undefined) return { ...DONE, printed, ms: each };
      return { state: "failed", exitCode: 1, signal: 0, failure, printed, ms: each };
    });
  }

  /** Batches grow while calls prove short, and are single again at once when one was not. */
  #learn(given: number, done: number, each: number): void {
    if (this.#alone > 0) this.#alone -= done;
    if (!this.#options.mayBatch || this.#alone > 0 || done < given || !this.#seesBegun()) {
      this.#together = 1;
      return;
    }
    const fitting = Math.floor(BATCH_MS / Math.max(each, BATCH_MS / MOST_TOGETHER));
    this.#together = Math.max(1, Math.min(fitting, this.#together * 2, MOST_TOGETHER));
  }

  /** The whole batch has no results: what had begun has failed, the rest is given back. */
  #lost(
    jobs: readonly Running[],
    error: unknown,
    signal: AbortSignal,
    shared: Int32Array | FileCell | undefined,
  ): readonly Ending[] {
    const { name, message, cause } = error as Error;
    if (name === "BrokenExecutorError") throw error;
    if (signal.aborted) return jobs.map(() => CANCELLED);
    this.#together = 1;
    this.#alone = DISTRUST;
    const begun = jobs.length === 1 ? 1 : this.#begunOf(shared as Int32Array | FileCell);
    const exitCode =
      (error as { exitCode?: number }).exitCode || (name === "TimeoutError" ? 124 : 1);
    const ending: Ending = {
      state: "failed",
      exitCode,
      signal: 0,
      // Why a worker was lost: it had outgrown its memory.
      failure: {
        reason: `${name}: ${message}`,
        detail: cause instanceof Error ? cause.message : undefined,
      },
    };
    return Array.from({ length: begun }, () => ending);
  }

  #begunOf(shared: Int32Array | FileCell): number {
    return shared instanceof Int32Array
      ? Atomics.load(shared, BEGUN)
      : (this.#begunFile?.begun(shared) ?? 0);
  }
}
