// runHostile: does the steps of a program to a pool and holds everything against what must be, whatever the values are.
//
// Each call settles once, and its callbacks run once; an ordinary call has its own value, never another's; a hostile one has
// what the platform's own clone would have made of it, or fails for what it is; what is refused does not begin; a worker
// begins calls in the order in which they were submitted; no worker is lost; the pool ends.

import assert from "node:assert/strict";
import { delay } from "deno-std/async/delay.js";
import type { Executor, PoolOptions } from "../../../mod.ts";
import type { SubjectTraits } from "../../testing/subject.ts";
import { BeginOrder } from "./begin_order.ts";
import { Deeds } from "./deeds.ts";
import { Judge, tell } from "./judge.ts";
import { touch } from "./kind.ts";
import { type HostileToll, OpenCalls } from "./open_calls.ts";
import type { Step } from "./steps.ts";

/** So many calls are under way at once. */
const UNDER_WAY = 60;
/** If nothing settles for so long, in milliseconds, nothing ever will: a busy machine takes long to start a worker. */
const STILL_MS = 60_000;
/** A worker that does not hear of an abort is not ended in time to be overlooked. */
const GRACE_MS = 600_000;

/** How a program is run. */
export interface HostileRun {
  /** Makes the executor. */
  readonly create: (options: PoolOptions) => Executor;
  readonly traits: SubjectTraits;
  readonly maxWorkers: number;
  /** Whether somebody watches the pool's events. */
  readonly isObserved: boolean;
  /** After so long without anything settling it hangs, in milliseconds. */
  readonly stillMs?: number;
}

/** Runs a program; rejects with what did not hold. */
export async function runHostile(steps: readonly Step[], run: HostileRun): Promise<HostileToll> {
  const program = new HostileProgram(run);
  try {
    await program.run(steps);
  } finally {
    await program.end();
  }
  return program.toll;
}

class HostileProgram {
  readonly #run: HostileRun;
  readonly #pool: Executor;
  readonly #open: OpenCalls;
  readonly #order = new BeginOrder();
  readonly #deeds: Deeds;
  readonly #reports: string[] = [];
  #exits = 0;

  constructor(run: HostileRun) {
    this.#run = run;
    this.#pool = run.create({
      maxWorkers: run.maxWorkers,
      interruptGrace: GRACE_MS,
      onError: (error, { kind }) => {
        if (kind !== "unobserved") this.#reports.push(`${kind}: ${tell(error)}`);
      },
    });
    this.#open = new OpenCalls(this.#stillMs);
    this.#deeds = new Deeds({
      pool: this.#pool,
      open: this.#open,
      judge: new Judge(run.traits),
      order: this.#order,
    });
    if (!run.isObserved) return;
    this.#pool.observe((event) => {
      if (event.type === "worker-exited") this.#exits++;
    });
  }

  get toll(): HostileToll {
    return this.#open.toll;
  }

  async run(steps: readonly Step[]): Promise<void> {
    const open = this.#open;
    for (const step of steps) {
      this.#deeds.do(step);
      if (step.deed === "rest") await open.drain(0);
      await open.drain(UNDER_WAY);
    }
    this.#deeds.plain();
    await open.drain(0);
    // A call that was interrupted is over before its worker is done with it.
    await open.inTime(this.#idle(), "a worker");
    const { lost, queued, running } = this.#pool.stats();
    assert.deepEqual({ lost, queued, running }, { lost: 0, queued: 0, running: 0 });
    assert.equal(this.#exits, 0, "workers that ended");
    const told = `reported: ${this.#reports.join("; ")}`;
    assert.ok(this.#reports.length <= this.#deeds.mayTell, told);
    this.#order.check(open, this.#run.maxWorkers);
    await open.inTime(this.#pool.shutdown(), "shutdown");
    const { workers } = this.#pool.stats();
    assert.equal(workers, 0, "workers left after shutdown");
    for (const { callbacks, name } of open.all())
      assert.equal(callbacks, 1, `callbacks of ${name}`);
  }

  async #idle(): Promise<void> {
    while (this.#pool.stats().busy > 0 && !this.#open.hasFailed) await delay(1);
  }

  async end(): Promise<void> {
    touch.by = undefined;
    await Promise.race([this.#pool.terminateWorkers(), delay(this.#stillMs)]);
  }

  get #stillMs(): number {
    return this.#run.stillMs ?? STILL_MS;
  }
}
