// What being followed costs: a burst whose calls are spans, and one after nobody follows any more.

import {
  assertIncremented,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Scenario,
} from "../scenario.ts";
import { median } from "../statistics.ts";

const REPEATS = 7;

export const traced: Scenario = {
  name: "traced",
  title: "A burst, 2 workers, each call two spans, and followed no more ÷ one never followed",
  metrics: { traced: "×", untraced: "×" },
  kinds: ["us"],
  size: 10_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({
    // The same code runs either way: what is above 1 can only be noise.
    runtime,
    metric: "untraced",
    atMost: 1,
    noise: 0.05,
  })),
  async measure({ adapter, size }) {
    const args = numbers(size);
    // Two pools: one is never followed.
    const open = () => adapter.open({ workers: 2, task: "increment" });
    const [plain, watched] = [await open(), await open()];
    const { trace } = watched;
    if (trace === undefined) throw new NotApplicable("cannot be followed");
    const burst = (pool: typeof plain) =>
      microsecondsEach(size, async () => assertIncremented(await pool.many(args), size));
    const never: number[] = [];
    const followed: number[] = [];
    const later: number[] = [];
    // The first repetition warms up.
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      const stop = trace();
      followed[repeat - 1] = await burst(watched);
      stop();
      // In turn, so that neither always runs behind the one that leaves garbage.
      const inTurn = repeat % 2 === 0 ? [never, later] : [later, never];
      for (const list of inTurn) list[repeat - 1] = await burst(list === never ? plain : watched);
    }
    return {
      traced: median(followed) / median(never),
      untraced: median(later) / median(never),
    };
  },
};
