// A pool that has worked and has nothing to do: it should use no processor.

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { assertIncremented, numbers, type Scenario } from "../scenario.ts";

/** How long a pool may take to settle down after its last task. */
const SETTLE_MS = 500;
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;

export const idle: Scenario = {
  name: "idle",
  title: "An idle pool of 2 workers that has worked before: processor time of host and workers",
  metrics: { processor: "% of a core" },
  kinds: ["us", "single", "peer"],
  // Milliseconds.
  size: 10_000,
  quickSize: 2_000,
  rounds: 2,
  deadline: 30_000,
  goals: [
    { runtime: "deno", metric: "processor", atMost: 0.5 },
    { runtime: "bun", metric: "processor", atMost: 0.5 },
  ],
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 2, task: "increment" });
    assertIncremented(await pool.many(numbers(1_000)), 1_000);
    for (const argument of numbers(100)) await pool.call(argument);
    await pause(SETTLE_MS);
    const before = processorMs();
    const start = performance.now();
    await pause(size);
    return { processor: ((processorMs() - before) / (performance.now() - start)) * 100 };
  },
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Milliseconds of processor time used so far, by all threads of this process and by its children. */
function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 + childrenMs();
}

/** Deno may not read these files; its workers are threads, which are counted with the process. */
function childrenMs(): number {
  if ("Deno" in globalThis || process.platform !== "linux") return 0;
  let ticks = 0;
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    if (Number(fields[1]) === process.pid) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * MS_PER_TICK;
}

/** The fields of a process behind its name: state, parent, …; empty if it is gone. */
function statOf(pid: string): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}
