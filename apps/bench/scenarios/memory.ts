// What a worker that has nothing to do keeps: its part of the memory of host and workers.

import process from "node:process";
import { residentBytes } from "../resident.ts";
import { assertIncremented, NotApplicable, numbers, type Scenario } from "../scenario.ts";

const MIB = 2 ** 20;
const CALLS = 1_000;

export const memory: Scenario = {
  name: "memory",
  title:
    "Memory of each idle worker that has worked before, those it has alone and its part of those it shares",
  metrics: { worker: "MiB" },
  kinds: ["us", "single"],
  startsPrograms: true,
  // Workers.
  size: 8,
  rounds: 2,
  goals: (["deno", "bun"] as const).flatMap((runtime) =>
    (["threads", "processes"] as const).map((workers) => ({
      runtime,
      workers,
      metric: "worker",
      against: "single" as const,
      atMost: 1.1,
    })),
  ),
  async measure({ adapter, size }) {
    if (process.platform !== "linux") throw new NotApplicable("is told by Linux only");
    const work = async () => {
      // One worker each: a bare transport has no more.
      const pool = await adapter.open({ workers: 1, task: "increment" });
      assertIncremented(await pool.many(numbers(CALLS)), CALLS);
      return pool;
    };
    // What all of them have in common is loaded with the first.
    const pools = [await work()];
    const before = residentBytes();
    while (pools.length <= size) pools.push(await work());
    const worker = (residentBytes() - before) / size / MIB;
    for (const pool of pools) await pool.close();
    return { worker };
  },
};
