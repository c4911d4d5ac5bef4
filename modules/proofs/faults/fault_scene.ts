// FaultScene: a pool with bystanders, one of which may never be hurt, and a clock that starts when the fault strikes.
import assert from "node:assert/strict";
import type { Executor, Future, PoolOptions } from "../../../mod.ts";
import { CaseContext } from "../../testing/case_context.ts";
import type { CaseLog } from "../../testing/gate.ts";
import type { Subject } from "../../testing/subject.ts";
import { bystanders } from "../tasks.ts";

/** What the bystanders came to. */
export interface Toll {
  /** How many there were. */
  readonly bystanders: number;
  /** Those that did not run to their value. */
  readonly lost: number;
  /** Those that ran more than once. */
  readonly doubled: number;
}

/** How a long run is to be. */
export interface LongRun {
  /** For how long what goes on for a time goes on. Default: as long as each takes to prove what it is to prove. */
  readonly seconds?: number | undefined;
  /** How often, where a fault goes by that. Default: as often as the fault says. */
  readonly amount?: number | undefined;
  /** What chance begins with; a number of its own each time, unless given. */
  readonly seed?: number | undefined;
}

/** Where one fault strikes one executor. */
export class FaultScene extends CaseContext {
  /** Whether there is time for the large figures. */
  readonly isLong: boolean;
  /** What chance begins with. */
  readonly seed: number;
  readonly #long: LongRun | undefined;
  readonly #notes: string[] = [];
  readonly #attendance: CaseLog;
  readonly #crowd: Future<unknown>[] = [];
  #struckAt: number | undefined = undefined;
  #recovery: number | undefined = undefined;

  /** Sets the scene on an executor of the column `subject`. */
  constructor(subject: Subject, long?: LongRun) {
    super(subject);
    this.isLong = long !== undefined;
    this.#long = long;
    this.seed = long?.seed ?? Math.floor(Math.random() * 2 ** 31);
    this.#attendance = this.log();
  }

  /** Milliseconds from the fault to the first success after it; undefined where that was not measured. */
  get recovery(): number | undefined {
    return this.#recovery;
  }

  /** What was noted, for whoever reads the results. */
  get notes(): readonly string[] {
    return this.#notes;
  }

  /** How long what goes on for a time shall go on, where somebody said so. */
  get seconds(): number | undefined {
    return this.#long?.seconds;
  }

  /** Tells whoever waits how far it is. */
  progress(text: string): void {
    console.log(JSON.stringify({ progress: `${this.subject.name}: ${text}` }));
  }

  /** Notes a figure. */
  note(text: string): void {
    this.#notes.push(text);
  }

  /** How long what goes on for a time shall go on. */
  milliseconds(short: number, longSeconds: number): number {
    return this.#long === undefined ? short : (this.#long.seconds ?? longSeconds) * 1000;
  }

  /** Takes the long figure where there is time for it. */
  amount(short: number, long: number): number {
    return this.isLong ? (this.#long?.amount ?? long) : short;
  }

  /** Makes a pool of two workers, warm, whose reports are collected. */
  async pool(options: PoolOptions = {}): Promise<Executor> {
    const pool = this.create({ maxWorkers: 2, interruptGrace: 20, ...options });
    await this.gather(pool, 4);
    await Promise.all(this.#crowd);
    return pool;
  }

  /** Submits bystanders: each must run exactly once and give its number, whatever happens around it. */
  gather(executor: Executor, count: number): Promise<unknown[]> {
    const first = this.#crowd.length;
    const futures = Array.from({ length: count }, (_, n) =>
      executor.submit(bystanders.attend, this.#attendance.path, first + n),
    );
    this.#crowd.push(...futures);
    return Promise.all(futures.map((future) => future.result().catch(() => undefined)));
  }

  /** The fault strikes now. */
  strike(): void {
    this.#struckAt = performance.now();
  }

  /** Waits until the executor is of use again: a task submitted now gives its value. */
  async recover(executor: Executor): Promise<void> {
    const struckAt = this.#struckAt;
    assert.ok(struckAt !== undefined, "strike() comes first");
    const [value] = await this.gather(executor, 1);
    assert.equal(value, this.#crowd.length - 1, "a task submitted after the fault gives its value");
    this.#recovery = performance.now() - struckAt;
  }

  /** Counts what became of the bystanders, once all are done. */
  async toll(): Promise<Toll> {
    const values = await Promise.all(
      this.#crowd.map((future) => future.result().catch((error: unknown) => error)),
    );
    const runs = new Map<number, number>();
    for (const line of this.#attendance.lines()) {
      runs.set(Number(line), (runs.get(Number(line)) ?? 0) + 1);
    }
    const lost = values.filter((value, id) => value !== id || !runs.has(id)).length;
    const doubled = [...runs.values()].filter((count) => count > 1).length;
    return { bystanders: values.length, lost, doubled };
  }
}
