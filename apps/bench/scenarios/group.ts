// What a task group costs: a burst of children that is joined, beside one of futures that are awaited.

import {
  assertIncremented,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Scenario,
} from "../scenario.ts";
import { median } from "../statistics.ts";

const REPEATS = 31;

export const group: Scenario = {
  name: "group",
  title: "A task group of so many children, 2 workers, joined ÷ a burst of as many",
  metrics: { group: "×" },
  kinds: ["us"],
  size: 10_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({ runtime, metric: "group", atMost: 1.1 })),
  async measure({ adapter, size }) {
    const args = numbers(size);
    const pool = await adapter.open({ workers: 2, task: "increment" });
    if (pool.group === undefined) throw new NotApplicable("has no groups");
    const ways = [pool.many.bind(pool), pool.group.bind(pool)];
    const took: [burst: number[], group: number[]] = [[], []];
    // The first repetitions warm up: compilers take some runs of both.
    for (let repeat = -10; repeat < REPEATS; repeat++) {
      // In turn, so that neither always runs behind the other's garbage.
      for (const which of repeat % 2 === 0 ? [0, 1] : [1, 0]) {
        const each = await microsecondsEach(size, async () =>
          assertIncremented((await ways[which]?.(args)) ?? [], size),
        );
        if (repeat >= 0) took[which]?.push(each);
      }
    }
    return { group: median(took[1]) / median(took[0]) };
  },
};
