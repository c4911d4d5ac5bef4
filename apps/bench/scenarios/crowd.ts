// More workers than cores: what each of them costs every task.

import type { Adapter } from "../contender.ts";
import { assertIncremented, microsecondsEach, numbers, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const FEW = 2;
const MANY = [4, 8, 16, 64] as const;
/** Beside a burst or map of so few, what else the machine does is seen: the median of some. */
const TIMES = 5;

export const crowd: Scenario = {
  name: "crowd",
  title:
    "A burst and a map over 4, 8, 16 and 64 workers on these cores: the dearest of them ÷ that of 2 workers",
  metrics: { burst: "×", map: "×" },
  kinds: ["us"],
  size: 20_000,
  rounds: 2,
  deadline: 240_000,
  goals: (["deno", "bun"] as const).flatMap((runtime) =>
    ["burst", "map"].map((metric) => ({ runtime, metric, atMost: 1.3 })),
  ),
  async measure({ adapter, size }) {
    const few = await costs(adapter, FEW, size);
    const dearest = { burst: 0, map: 0 };
    for (const workers of MANY) {
      const { burst, map } = await costs(adapter, workers, size);
      dearest.burst = Math.max(dearest.burst, burst / few.burst);
      dearest.map = Math.max(dearest.map, map / few.map);
    }
    return dearest;
  },
};

/** Microseconds for each task of a burst and each item of a map, once all workers have started. */
async function costs(adapter: Adapter, workers: number, size: number) {
  const pool = await adapter.open({ workers, task: "increment" });
  const args = numbers(size);
  const run = async (call: (args: readonly number[]) => Promise<readonly unknown[]>) => {
    const figures: number[] = [];
    // The first time is not counted: workers start, and the compilers see the code.
    for (let time = 0; time <= TIMES; time++) {
      let results: readonly unknown[] = [];
      const each = await microsecondsEach(size, async () => {
        results = await call(args);
      });
      assertIncremented(results, size);
      if (time > 0) figures.push(each);
    }
    return median(figures);
  };
  const burst = await run((args) => pool.many(args));
  const map = await run((args) => (pool.map ?? pool.many)(args));
  await pool.close();
  return { burst, map };
}
