// Arithmetic on every core: what is lost against a perfect speed-up.

import { availableParallelism } from "node:os";
import type { Scenario } from "../scenario.ts";
import { compute } from "../tasks.ts";

const TASK_MS = 5;

export const cpuBound: Scenario = {
  name: "cpu-bound",
  title:
    "Arithmetic of 5 ms per task, as many workers as cores: (time on one core ÷ cores) ÷ time taken",
  metrics: { speedup: "of perfect" },
  kinds: ["us", "peer", "other"],
  size: 600,
  goals: [
    { runtime: "deno", metric: "speedup", atLeast: 0.95, bestRound: true },
    { runtime: "bun", metric: "speedup", atLeast: 0.95, bestRound: true },
  ],
  async measure({ adapter, size }) {
    const cores = availableParallelism();
    const rounds = calibrate();
    const expected = compute(rounds);
    const pool = await adapter.open({ workers: cores, task: "compute" });
    const args = new Array<number>(size).fill(rounds);
    await pool.many(args.slice(size / 2));

    // One core's time is taken before and after: the machine may have changed its pace meanwhile.
    const before = onOneCore(rounds, size / 4);
    const start = performance.now();
    const results = await pool.many(args);
    const elapsed = performance.now() - start;
    const after = onOneCore(rounds, size / 4);
    if (results.some((result) => result !== expected)) throw new RangeError("Wrong result");
    return { speedup: (((before + after) / 2) * size) / cores / elapsed };
  },
};

/** How many rounds of arithmetic make up a task. */
function calibrate(): number {
  let rounds = 1_000_000;
  for (let attempt = 0; attempt < 5; attempt++) {
    rounds = Math.round((rounds * TASK_MS) / onOneCore(rounds, 10));
  }
  return rounds;
}

/** Milliseconds for each of `count` tasks, one after another. */
function onOneCore(rounds: number, count: number): number {
  const start = performance.now();
  for (let n = 0; n < count; n++) compute(rounds);
  return (performance.now() - start) / count;
}
