// Ending a task that never looks up: from the interruption to the next result of the same, only worker.

import { delay } from "deno-std/async/delay.js";
import { NotApplicable, type Scenario } from "../scenario.ts";
import { median } from "../statistics.ts";

/** Long enough to be cut short, short enough that a thread that cannot be stopped does not burn on for ever. */
const BUSY_MS = 2_000;
/** By then the busy task surely runs. */
const RUNNING_AFTER_MS = 150;

export const interrupt: Scenario = {
  name: "interrupt",
  title: "Interrupting a busy loop, 1 worker: until the next result of that worker's slot",
  metrics: { next: "ms" },
  kinds: ["us", "single", "peer"],
  size: 7,
  quickSize: 3,
  goals: [
    { runtime: "deno", workers: "processes", metric: "next", atMost: 60 },
    { runtime: "bun", metric: "next", atMost: 60 },
  ],
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 1, task: "spin", interruptible: true });
    if (pool.interrupt === undefined) throw new NotApplicable("cannot interrupt");
    await pool.call(0);
    const times: number[] = [];
    for (let n = 0; n < size; n++) {
      const busy = pool.call(BUSY_MS);
      // Its failure is what is wanted.
      busy.then(undefined, () => {});
      await delay(RUNNING_AFTER_MS);
      const start = performance.now();
      pool.interrupt(busy);
      await pool.call(0);
      times.push(performance.now() - start);
    }
    return { next: median(times) };
  },
};
