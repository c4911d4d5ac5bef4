// CaseContext: what a running case is given, and what is cleaned up and checked after it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Executor, PoolOptions } from "../../mod.ts";
import { openWaits } from "./fixtures/gates.ts";
import { CaseLog, Gate } from "./gate.ts";
import type { Subject } from "./subject.ts";

// Often enough that no case is slowed down, seldom enough that a waiting host leaves the core to its workers.
const LOOK_EVERY_MS = 2;
const MOST_REMOVALS = 100;
/** On a machine with much to do a task that heeds its signal takes long to; it is not to lose its worker for that. */
const PATIENT_GRACE_MS = 20_000;

/** One call of an executor's `onError`. */
export interface Report {
  /** What was thrown. */
  readonly error: unknown;
  /** Where it came from. */
  readonly about: Parameters<NonNullable<PoolOptions["onError"]>>[1];
}

/**
 * Gives a case its executors, gates and logs, and takes them back afterwards.
 *
 * @example Made and closed by the runner, never by a case
 * ```ts
 * import { CaseContext, type Subject } from "@concurrent/futures/testing";
 * import { EventLoopExecutor } from "@concurrent/futures";
 * import assert from "node:assert/strict";
 *
 * const subject: Subject = {
 *   name: "EventLoopExecutor",
 *   executorName: "EventLoopExecutor",
 *   traits: { workers: false, clones: false, isolated: false, processes: false, stopsBusyWorkers: false },
 *   create: (options) => new EventLoopExecutor(options),
 * };
 * const context = new CaseContext(subject);
 * assert.equal(context.create().stats().workers, 0);
 * await context.close();
 * ```
 */
export class CaseContext {
  /** The column the case runs in. */
  readonly subject: Subject;
  readonly #executors: Executor[] = [];
  readonly #gates: Gate[] = [];
  readonly #deferred: (() => void)[] = [];
  readonly #reports: Report[] = [];
  #reportsExpected = false;
  #named = 0;
  #directory: string | undefined = undefined;
  #isOver = false;

  /** Begins a case in the column `subject`. */
  constructor(subject: Subject) {
    this.subject = subject;
  }

  /** A directory of the case's own, made when it is first asked for. */
  get directory(): string {
    this.#directory ??= mkdtempSync(join(tmpdir(), "futures-case-"));
    return this.#directory;
  }

  /**
   * Makes an executor of the subject's kind and keeps it for {@link close}.
   *
   * @param options Handed on; without `onError`, errors are collected in {@link reports}; without `interruptGrace`, it is
   * 20 000, so that only a case that means it ends a worker that is slow to answer.
   * @returns The executor.
   */
  create(options: PoolOptions = {}): Executor {
    const defaults = { onError: this.onError, interruptGrace: PATIENT_GRACE_MS };
    return this.keep(this.subject.create({ ...defaults, ...options }));
  }

  /**
   * Takes over an executor that the case made by itself.
   *
   * @param executor To be ended by {@link close}.
   * @returns The same executor.
   */
  keep<E extends Executor>(executor: E): E {
    this.#executors.push(executor);
    return executor;
  }

  /** Collects what an executor reports; an own executor of a case can be given it too. */
  readonly onError: NonNullable<PoolOptions["onError"]> = (error, about) => {
    this.#reports.push({ error, about });
  };

  /**
   * Has something done after the case, however it ends.
   *
   * @param cleanUp Must not throw.
   */
  defer(cleanUp: () => void): void {
    this.#deferred.push(cleanUp);
  }

  /** What executors reported so far. A case that never looks promises that nothing is reported. */
  get reports(): readonly Report[] {
    this.#reportsExpected = true;
    return this.#reports;
  }

  /** Makes a closed gate; {@link close} opens it. */
  gate(): Gate {
    const gate = new Gate(join(this.directory, `gate-${this.#named++}`));
    this.#gates.push(gate);
    return gate;
  }

  /** Makes an empty log. */
  log(): CaseLog {
    return new CaseLog(join(this.directory, `log-${this.#named++}`));
  }

  /** What is known of a worker that exits with `code`: nothing, where workers leave none. */
  exitCode(code: number): number | undefined {
    return this.subject.traits.exitCodes === false ? undefined : code;
  }

  /**
   * Waits for a condition instead of for a time.
   *
   * @param condition Looked at again and again; the case's deadline bounds it.
   * @returns Settles as soon as the condition holds.
   */
  async until(condition: () => boolean): Promise<void> {
    // A case that hung has been given up: were it to look on, every later test would be charged with its timers.
    await poll(() => this.#isOver || condition());
    if (this.#isOver) throw new Error("Cannot wait any longer: the case is over");
  }

  /**
   * Ends every executor and removes the directory.
   *
   * @throws {Error} If a worker is left, or something was reported that the case did not look at.
   */
  async close(): Promise<void> {
    this.#isOver = true;
    for (const gate of this.#gates) gate.open();
    for (const cleanUp of this.#deferred) cleanUp();
    for (const executor of this.#executors) await executor.terminateWorkers();
    // Gates that stand nowhere count as open, so a thread that could not be stopped ends now.
    await this.#removeDirectory();
    // In-process, a task that was given up runs on in this realm: the case is over when it is.
    await poll(() => openWaits() === 0);
    const left = this.#executors.reduce((sum, executor) => sum + executor.stats().workers, 0);
    if (left > 0)
      throw new Error(`Cannot end the case: ${left} workers are left after terminateWorkers()`);
    if (this.#reportsExpected || this.#reports.length === 0) return;
    const [first] = this.#reports;
    throw new Error(
      `Cannot end the case: an unexpected "${first?.about.kind}" error was reported`,
      {
        cause: first?.error,
      },
    );
  }

  /** A thread that could not be stopped may write one last line meanwhile: then once more. */
  async #removeDirectory(): Promise<void> {
    if (this.#directory === undefined) return;
    for (let attempt = 0; ; attempt++) {
      try {
        return rmSync(this.#directory, { recursive: true, force: true });
      } catch (error) {
        if (attempt === MOST_REMOVALS) throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    }
  }
}

async function poll(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
}
