// Executors: those that are shown, by name; what each can do; and whether it takes jobs at the moment.

import { EventLoopExecutor, type Executor } from "@concurrent/futures";
import type { ExecutorLimits, ExecutorView } from "./contract.ts";
import { Problem, quote } from "./problem.ts";

/** What pools can do beyond the face of every executor. */
interface Pool extends Executor {
  readonly maxWorkers: number;
  resize(maxWorkers: number): void;
  warm(): Promise<void>;
  terminateWorker(id: number): boolean;
}

export class Executors {
  readonly byName: ReadonlyMap<string, Executor>;
  readonly #ownMemory: ReadonlySet<string>;
  readonly #limits: ReadonlyMap<string, ExecutorLimits>;
  readonly #paused = new Set<string>();

  /**
   * Takes the executors, the names of those whose workers can run out of memory without ending the program, and the limits
   * of those that have some, by their names: no executor tells them.
   */
  constructor(
    byName: Record<string, Executor>,
    ownMemory: readonly string[] = [],
    limits: Readonly<Record<string, ExecutorLimits>> = {},
  ) {
    this.byName = new Map(Object.entries(byName));
    this.#ownMemory = new Set(ownMemory);
    this.#limits = new Map(Object.entries(limits));
  }

  get names(): string[] {
    return [...this.byName.keys()];
  }

  /** Gives an executor, or refuses the request that named it. */
  find(name: string, action: string, field = "executor"): Executor {
    const executor = this.byName.get(name);
    if (executor !== undefined) return executor;
    const known = `known are ${this.names.join(", ")}`;
    const detail = `Cannot ${action}: unknown executor ${quote(name)}, ${known}`;
    throw new Problem(field === "name" ? 404 : 400, detail, { field });
  }

  sharesEventLoop(name: string): boolean {
    return this.byName.get(name) instanceof EventLoopExecutor;
  }

  hasOwnMemory(name: string): boolean {
    return this.#ownMemory.has(name);
  }

  limitsKeys(name: string): boolean {
    return this.#limits.get(name)?.perKey !== undefined;
  }

  /** Whether its workers are on other machines, where nothing leads to what this program keeps. */
  isElsewhere(name: string): boolean {
    return typeof (this.byName.get(name) as { revoke?: unknown }).revoke === "function";
  }

  takesJobs(name: string): boolean {
    return !this.#paused.has(name);
  }

  setIntake(name: string, intake: "open" | "paused"): void {
    if (intake === "paused") this.#paused.add(name);
    else this.#paused.delete(name);
  }

  /** How many tasks may run at once, where the executor tells. */
  maxWorkers(name: string): number | undefined {
    return asPool(this.byName.get(name))?.maxWorkers;
  }

  resize(name: string, maxWorkers: number): void {
    const pool = asPool(this.byName.get(name));
    if (pool === undefined) throw cannot("resize executor", name);
    pool.resize(maxWorkers);
  }

  /** Starts all workers that an executor may have, and waits until they are ready. */
  async warm(name: string): Promise<void> {
    const pool = asPool(this.find(name, "warm executor", "name"));
    if (pool === undefined) throw cannot("warm executor", name);
    try {
      await pool.warm();
    } catch (error) {
      throw new Problem(503, (error as Error).message, { field: "name" });
    }
  }

  /** Has an executor begin nothing more, or go on. */
  setPaused(name: string, paused: boolean): void {
    const executor = this.byName.get(name) as Executor;
    if (paused) executor.pause();
    else executor.resume();
  }

  endWorker(name: string, id: number): void {
    const pool = asPool(this.byName.get(name));
    if (pool === undefined || this.sharesEventLoop(name)) throw cannot("end worker", name);
    if (pool.terminateWorker(id)) return;
    throw new Problem(404, `Cannot end worker: executor "${name}" has no worker ${id}`, {
      field: "worker",
    });
  }

  view(name: string): ExecutorView {
    const executor = this.byName.get(name) as Executor;
    const pool = asPool(executor);
    const sharesEventLoop = this.sharesEventLoop(name);
    return {
      name,
      type: executor.constructor.name,
      sharesEventLoop,
      intake: this.#paused.has(name) ? "paused" : "open",
      paused: executor.paused,
      canResize: pool !== undefined,
      canEndWorkers: pool !== undefined && !sharesEventLoop,
      maxWorkers: pool?.maxWorkers ?? null,
      limits: this.#limits.get(name),
      stats: executor.stats(),
    };
  }

  /** What of the views changes by somebody's hand, or while nothing runs. */
  standing(): string {
    const all = this.views().map(({ intake, paused, maxWorkers, stats }) => [
      intake,
      paused,
      maxWorkers,
      stats.workers,
      stats.queue,
    ]);
    return JSON.stringify(all);
  }

  views(): ExecutorView[] {
    return this.names.map((name) => this.view(name));
  }
}

function asPool(executor: Executor | undefined): Pool | undefined {
  const pool = executor as Partial<Pool> | undefined;
  return typeof pool?.resize === "function" && typeof pool.terminateWorker === "function"
    ? (pool as Pool)
    : undefined;
}

function cannot(action: string, name: string): Problem {
  return new Problem(422, `Cannot ${action}: executor "${name}" does not offer it`, {
    field: "name",
  });
}
