// What keys cost: a burst of calls of ten thousand keys beside one of a single key, and beside one without keys.

import process from "node:process";
import { assertIncremented, NotApplicable, numbers, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

const KEYS = 10_000;
const REPEATS = 15;

export const keys: Scenario = {
  name: "keys",
  title:
    "A burst of calls of 10 000 keys ÷ one of a single key, 2 workers, by CPU time; the latter ÷ a burst without keys",
  metrics: { many: "×", one: "×" },
  kinds: ["us"],
  size: 100_000,
  quickSize: 50_000,
  goals: (["deno", "bun"] as const).map((runtime) => ({ runtime, metric: "many", atMost: 1.2 })),
  async measure({ adapter, size }) {
    const args = numbers(size);
    const pool = await adapter.open({ workers: 2, task: "increment" });
    const { keyed } = pool;
    if (keyed === undefined) throw new NotApplicable("has no keys");
    const ways = [() => pool.many(args), () => keyed(args, 1), () => keyed(args, KEYS)];
    const took: number[][] = ways.map(() => []);
    for (let repeat = -5; repeat < REPEATS; repeat++) {
      // In turn, so that none always runs behind the garbage of the same other.
      for (let turn = 0; turn < ways.length; turn++) {
        const which = (turn + repeat + 5) % ways.length;
        const before = process.cpuUsage();
        assertIncremented((await ways[which]?.()) ?? [], size);
        const { user, system } = process.cpuUsage(before);
        if (repeat >= 0) took[which]?.push(user + system);
      }
    }
    const [none = 0, one = 0, many = 0] = took.map(median);
    return { many: many / one, one: one / none };
  },
};
