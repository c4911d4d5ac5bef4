// What calls share: a lock that is free, one that the host has to be asked for, and a channel there and back. The last two
// beside the trip of a message there and back.

import type { Pool } from "../contender.ts";
import {
  measureWarm,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Scenario,
} from "../scenario.ts";

export const lock: Scenario = {
  name: "lock",
  title: "A free lock, taken and given back by a call, 1 worker",
  metrics: { lock: "µs" },
  kinds: ["us"],
  // A process has to ask the host each time.
  size: 20_000,
  quickSize: 10_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({
    runtime,
    workers: "threads" as const,
    metric: "lock",
    atMost: 1,
  })),
  measure: measureWarm({ workers: 1, task: "increment" }, async (pool, size) => {
    if (pool.acquire === undefined) throw new NotApplicable("has no locks");
    return { lock: await pool.acquire("lock", size) };
  }),
};

export const shared: Scenario = {
  name: "shared",
  title:
    "A semaphore of the host's, and a channel there and back, 1 worker; naked: a message there and back",
  metrics: { semaphore: "µs", channel: "µs" },
  kinds: ["us", "single"],
  size: 5_000,
  quickSize: 1_000,
  goals: (["deno", "bun"] as const).flatMap((runtime) =>
    (["threads", "processes"] as const).flatMap((workers) =>
      ["semaphore", "channel"].map((metric) => ({
        runtime,
        workers,
        metric,
        against: "single" as const,
        atMost: 1.2,
      })),
    ),
  ),
  measure: measureWarm({ workers: 1, task: "increment" }, async (pool, size) => {
    if (pool.acquire === undefined || pool.answered === undefined) return await trips(pool, size);
    const channel = await microsecondsEach(size, () => answered(pool, size));
    return { semaphore: await pool.acquire("semaphore", size), channel };
  }),
};

async function trips(pool: Pool, size: number) {
  const trip = await microsecondsEach(size, async () => {
    for (const argument of numbers(size)) await pool.call(argument);
  });
  return { semaphore: trip, channel: trip };
}

async function answered(pool: Pool, size: number): Promise<void> {
  const sum = await pool.answered?.(size);
  if (sum !== (size * (size + 1)) / 2) throw new RangeError(`Wrong answers: ${sum}`);
}
