// From nothing to the first result: importing the library, starting a worker, one task.

import type { Scenario } from "../scenario.ts";

export const coldStart: Scenario = {
  name: "cold-start",
  title: "Cold start: construction to the first result, 1 worker; importing the library",
  metrics: { first: "ms", import: "ms" },
  kinds: ["us", "single", "peer"],
  size: 1,
  rounds: 15,
  goals: [
    { runtime: "deno", workers: "threads", metric: "first", against: "single", atMost: 1.3 },
    { runtime: "deno", metric: "import", atMost: 15 },
    { runtime: "bun", metric: "first", against: "single", atMost: 1.3 },
    { runtime: "bun", metric: "import", atMost: 15 },
  ],
  async measure({ adapter, importMs }) {
    const start = performance.now();
    const pool = await adapter.open({ workers: 1, task: "increment" });
    const result = await pool.call(1);
    const first = performance.now() - start;
    if (result !== 2) throw new RangeError("Wrong result");
    return { first, import: importMs };
  },
};
