// Submit, await, repeat: the round trip of a single task.

import {
  assertIncremented,
  measureWarm,
  microsecondsEach,
  numbers,
  type Scenario,
} from "../scenario.ts";

export const roundTrip: Scenario = {
  name: "round-trip",
  title: "Submit, await, repeat: one task at a time, 2 workers",
  metrics: { trip: "µs" },
  kinds: ["us", "single", "peer", "other"],
  size: 10_000,
  peerSize: 3_000,
  goals: [
    { runtime: "deno", workers: "threads", metric: "trip", against: "single", atMost: 0.6 },
    { runtime: "deno", workers: "threads", metric: "trip", against: "peer", atMost: 1 },
    { runtime: "deno", workers: "processes", metric: "trip", against: "single", atMost: 1.15 },
    { runtime: "bun", workers: "threads", metric: "trip", against: "peer", atMost: 1 },
    { runtime: "bun", workers: "processes", metric: "trip", against: "single", atMost: 1.15 },
  ],
  measure: measureWarm({ workers: 2, task: "increment" }, async (pool, size) => {
    const results: unknown[] = [];
    const trip = await microsecondsEach(size, async () => {
      for (const argument of numbers(size)) results.push(await pool.call(argument));
    });
    assertIncremented(results, size);
    return { trip };
  }),
};
