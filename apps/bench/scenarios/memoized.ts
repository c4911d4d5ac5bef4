// A call whose result is kept: what a call costs that makes none, beside the trip of a message there and back.

import { measureWarm, microsecondsEach, type Scenario } from "../scenario.ts";

/** So many arguments are asked for again and again. */
const ARGUMENTS = 100;

export const memoized: Scenario = {
  name: "memoized",
  title:
    "Submit, await, repeat, of calls whose results are kept (memoize), 1 worker; naked: a message there and back",
  metrics: { hit: "µs" },
  kinds: ["us", "single"],
  size: 20_000,
  quickSize: 10_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({
    runtime,
    metric: "hit",
    against: "single" as const,
    atMost: 1,
  })),
  measure: measureWarm({ workers: 1, task: "increment" }, async (pool, size) => {
    const call = pool.memoized ?? pool.call;
    for (let n = 0; n < ARGUMENTS; n++) await call(n);
    let sum = 0;
    const hit = await microsecondsEach(size, async () => {
      for (let n = 0; n < size; n++) sum += (await call(n % ARGUMENTS)) as number;
    });
    const expected = (size / ARGUMENTS) * ((ARGUMENTS * (ARGUMENTS + 1)) / 2);
    if (sum !== expected) throw new RangeError(`Wrong results: ${sum} instead of ${expected}`);
    return { hit };
  }),
};
