// Many factorials of 1000 as BigInt, the whole process from start to end, nothing warmed up.

import { availableParallelism } from "node:os";
import type { Scenario } from "../scenario.ts";
import { factorial as compute } from "../tasks.ts";

export const factorial: Scenario = {
  name: "factorial",
  title: "factorial(1000) as BigInt, as many workers as cores: the whole process, cold",
  metrics: { process: "ms" },
  kinds: ["us", "peer", "other"],
  size: 100_000,
  quickSize: 20_000,
  rounds: 3,
  deadline: 120_000,
  goals: [
    { runtime: "deno", workers: "threads", metric: "process", against: "peer", atMost: 1 },
    { runtime: "bun", metric: "process", against: "peer", atMost: 1 },
  ],
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: availableParallelism(), task: "factorial" });
    const results = await pool.many(new Array<number>(size).fill(1_000));
    const expected = compute(1_000);
    if (results.length !== size || results.some((result) => result !== expected)) {
      throw new RangeError("Wrong result");
    }
    // The time of the whole process is taken from outside.
    return {};
  },
};
