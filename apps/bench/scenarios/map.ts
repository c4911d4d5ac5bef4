// A map of very many trivial items with default options; contenders without a map make a call for each.

import {
  assertIncremented,
  measureWarm,
  microsecondsEach,
  numbers,
  type Scenario,
} from "../scenario.ts";

export const map: Scenario = {
  name: "map",
  title: "Map over trivial items, 2 workers, default options",
  metrics: { item: "µs" },
  kinds: ["us", "batched", "peer", "other"],
  size: 1_000_000,
  peerSize: 100_000,
  goals: [
    { runtime: "deno", metric: "item", against: "batched", atMost: 1.5 },
    { runtime: "bun", metric: "item", against: "batched", atMost: 1.5 },
  ],
  measure: measureWarm({ workers: 2, task: "increment" }, async (pool, size) => {
    const args = numbers(size);
    let results: readonly unknown[] = [];
    const item = await microsecondsEach(size, async () => {
      results = await (pool.map ?? pool.many)(args);
    });
    assertIncremented(results, size);
    return { item };
  }),
};
