// Many trivial tasks at once, all awaited: what a task costs on top of its own work.

import {
  assertIncremented,
  measureWarm,
  microsecondsEach,
  numbers,
  type Scenario,
} from "../scenario.ts";

export const burst: Scenario = {
  name: "burst",
  title: "Trivial tasks submitted at once, 2 workers, all awaited",
  metrics: { task: "µs" },
  kinds: ["us", "pipelined", "batched", "peer", "other"],
  size: 100_000,
  peerSize: 20_000,
  goals: [
    { runtime: "deno", workers: "threads", metric: "task", against: "pipelined", atMost: 0.45 },
    { runtime: "deno", workers: "threads", metric: "task", against: "peer", atMost: 1 / 8 },
    { runtime: "deno", workers: "processes", metric: "task", against: "pipelined", atMost: 1.2 },
    { runtime: "bun", workers: "threads", metric: "task", against: "pipelined", atMost: 1.3 },
    { runtime: "bun", workers: "processes", metric: "task", against: "pipelined", atMost: 1 },
  ],
  measure: measureWarm({ workers: 2, task: "increment" }, async (pool, size) => {
    const args = numbers(size);
    let results: readonly unknown[] = [];
    const task = await microsecondsEach(size, async () => {
      results = await pool.many(args);
    });
    assertIncremented(results, size);
    return { task };
  }),
};
