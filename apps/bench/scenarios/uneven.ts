// Uneven work in the worst order, all the long tasks behind all the short ones: how evenly work spreads.

import type { Pool } from "../contender.ts";
import type { Scenario } from "../scenario.ts";

const WORKERS = 2;
const SHARE_OF_LONG = 0.1;
const TIMES_LONGER = 20;

/** How long a short task takes, in milliseconds, in each metric: batching gathers the first, but not the second. */
const GRAINS = { fine: 0.1, coarse: 1 };

export const uneven: Scenario = {
  name: "uneven",
  title:
    "90 % short tasks (fine: 100 µs, coarse: 1 ms), then 10 % twenty times longer, 2 workers: makespan ÷ (total work ÷ workers)",
  metrics: { fine: "×", coarse: "×" },
  kinds: ["us", "peer", "other"],
  // Milliseconds of work for all workers together.
  size: 3_000,
  goals: [
    { runtime: "deno", metric: "fine", atMost: 1.1, bestRound: true },
    { runtime: "deno", metric: "coarse", atMost: 1.1, bestRound: true },
    { runtime: "bun", metric: "fine", atMost: 1.1, bestRound: true },
    { runtime: "bun", metric: "coarse", atMost: 1.1, bestRound: true },
  ],
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: WORKERS, task: "spin" });
    await makespan(pool, GRAINS.coarse, size / 5);
    return {
      fine: await makespan(pool, GRAINS.fine, size),
      coarse: await makespan(pool, GRAINS.coarse, size),
    };
  },
};

/** What was really worked is what the tasks say it was: a spin may be interrupted by other programs. */
async function makespan(pool: Pool, shortMs: number, totalMs: number): Promise<number> {
  const meanMs = shortMs * (1 - SHARE_OF_LONG + SHARE_OF_LONG * TIMES_LONGER);
  const count = Math.round(totalMs / meanMs);
  const firstLong = Math.round(count * (1 - SHARE_OF_LONG));
  const args = Array.from({ length: count }, (_, index) =>
    index < firstLong ? shortMs : shortMs * TIMES_LONGER,
  );
  const start = performance.now();
  const durations = await pool.many(args);
  const elapsed = performance.now() - start;
  let work = 0;
  for (const [index, duration] of durations.entries()) {
    if (!((duration as number) >= (args[index] as number))) throw new RangeError("Wrong result");
    work += duration as number;
  }
  return elapsed / (work / WORKERS);
}
