// What a method of an actor costs beside a submit: its call is for one worker, and waits in a place of its own.

import { microsecondsEach, NotApplicable, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const REPEATS = 7;

export const actor: Scenario = {
  name: "actor",
  title: "A method of an actor, await, repeat, 2 workers, and the same ÷ a submit",
  metrics: { call: "µs", ratio: "×" },
  kinds: ["us"],
  size: 3_000,
  quickSize: 1_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({ runtime, metric: "ratio", atMost: 1.5 })),
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 2, task: "increment" });
    if (pool.actor === undefined) throw new NotApplicable("has no actors");
    const method = await pool.actor();
    const ways = [(n: number) => pool.call(n), method];
    const took: number[][] = ways.map(() => []);
    // The first repetition warms up.
    for (let repeat = -1; repeat < REPEATS; repeat++) {
      for (const [which, call] of ways.entries()) {
        const each = await microsecondsEach(size, async () => {
          for (let n = 0; n < size; n++)
            if ((await call(n)) !== n + 1) throw new RangeError("Wrong result");
        });
        if (repeat >= 0) took[which]?.push(each);
      }
    }
    const [submit = 0, call = 0] = took.map(median);
    return { call, ratio: call / submit };
  },
};
