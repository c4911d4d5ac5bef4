// Without workers: what it costs to have only so many async functions under way, and what each that waits keeps.

import type { Pool } from "../contender.ts";
import { bytesEach } from "../heap.ts";
import { assertIncremented, microsecondsEach, numbers, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const AT_ONCE = 100;
const REPEATS = 5;

export const eventLoop: Scenario = {
  name: "event-loop",
  title: `Async functions on the event loop, ${AT_ONCE} at once: cost of each in a burst and in a map, and memory of each that waits`,
  metrics: { task: "µs", map: "µs", memory: "B" },
  kinds: ["us", "peer"],
  workers: "loop",
  size: 100_000,
  quickSize: 50_000,
  deadline: 180_000,
  collectsGarbage: true,
  goals: (["deno", "bun"] as const).flatMap((runtime) =>
    ["task", "map", "memory"].map((metric) => ({
      runtime,
      metric,
      against: "peer" as const,
      atMost: 1,
    })),
  ),
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: AT_ONCE, task: "increment" });
    const args = numbers(size);
    const { waitBehind, map } = pool;
    const taken = async (all: Pool["many"]) => {
      const times: number[] = [];
      for (let repeat = 0; repeat <= REPEATS; repeat++)
        times.push(
          await microsecondsEach(size, async () => assertIncremented(await all(args), size)),
        );
      // The first repetition warms up.
      return median(times.slice(1));
    };
    const perMap = map && { map: await taken(map) };
    // Who takes only a list keeps no call that waits.
    if (waitBehind === undefined) return { ...perMap };
    const task = await taken(pool.many);

    const gate = Promise.withResolvers<void>();
    const held = numbers(AT_ONCE).map(() => waitBehind(gate.promise));
    let waiting: PromiseLike<unknown>[] = [];
    const memory = bytesEach(size, () => {
      waiting = args.map((argument) => pool.call(argument));
      return waiting;
    });
    gate.resolve();
    for (const call of held) await call;
    for (const call of waiting) await call;
    return { task, ...perMap, memory };
  },
};
