// What being watched costs: a burst with a listener to all events, and after it has gone.

import {
  assertIncremented,
  microsecondsEach,
  NotApplicable,
  numbers,
  type Scenario,
} from "../scenario.ts";
import { median } from "../statistics.ts";

const REPEATS = 7;

export const observer: Scenario = {
  name: "observer",
  title: "A burst, 2 workers, with an observer attached, and with it detached ÷ one never observed",
  metrics: { attached: "×", detached: "×" },
  kinds: ["us"],
  size: 50_000,
  goals: (["deno", "bun"] as const).flatMap((runtime) => [
    { runtime, metric: "attached", atMost: 1.5 },
    // The same code runs either way: what is above 1 can only be noise.
    { runtime, metric: "detached", atMost: 1, noise: 0.05 },
  ]),
  async measure({ adapter, size }) {
    const args = numbers(size);
    // Two pools: one is never observed.
    const open = () => adapter.open({ workers: 2, task: "increment" });
    const [plain, watched] = [await open(), await open()];
    const { observe } = watched;
    if (observe === undefined) throw new NotApplicable("cannot be observed");
    const burst = (pool: typeof plain) =>
      microsecondsEach(size, async () => assertIncremented(await pool.many(args), size));
    const never: number[] = [];
    const attached: number[] = [];
    const detached: number[] = [];
    // The first repetition warms up.
    for (let repeat = 0; repeat <= REPEATS; repeat++) {
      const stop = observe();
      attached[repeat - 1] = await burst(watched);
      stop();
      // In turn, so that neither always runs behind the observed one, which leaves garbage.
      const inTurn = repeat % 2 === 0 ? [never, detached] : [detached, never];
      for (const list of inTurn) {
        list[repeat - 1] = await burst(list === never ? plain : watched);
      }
    }
    return {
      attached: median(attached) / median(never),
      detached: median(detached) / median(never),
    };
  },
};
