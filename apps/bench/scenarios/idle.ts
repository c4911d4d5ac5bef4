// A pool that has worked and has nothing to do: it should use no processor.

import { execFileSync } from "node:child_process";
import process from "node:process";
import { delay } from "deno-std/async/delay.js";
import { assertIncremented, numbers, type Scenario } from "../scenario.ts";

/** How long a pool may take to settle down after its last task. */
const SETTLE_MS = 500;
/** Linux counts processor time in hundredths of a second. */
const MS_PER_TICK = 10;
/** More than a list of ten thousand processes. */
const MAX_BYTES = 2 ** 22;

export const idle: Scenario = {
  name: "idle",
  title: "An idle pool of 2 workers that has worked before: processor time of host and workers",
  metrics: { processor: "% of a core" },
  kinds: ["us", "single", "peer"],
  // Milliseconds.
  size: 10_000,
  quickSize: 5_000,
  rounds: 2,
  goals: [
    { runtime: "deno", metric: "processor", atMost: 0.5 },
    { runtime: "bun", metric: "processor", atMost: 0.5 },
  ],
  async measure({ adapter, size }) {
    const pool = await adapter.open({ workers: 2, task: "increment" });
    assertIncremented(await pool.many(numbers(1_000)), 1_000);
    for (const argument of numbers(100)) await pool.call(argument);
    await pause(SETTLE_MS);
    // What the looking itself takes lies outside: before the first reading of our own time, and after the second.
    const before = childrenMs() + ownMs();
    const start = performance.now();
    await pause(size);
    const elapsed = performance.now() - start;
    return { processor: ((ownMs() + childrenMs() - before) / elapsed) * 100 };
  },
};

function pause(ms: number): Promise<void> {
  return delay(ms);
}

/** Milliseconds of processor time that all threads of this process have used so far. */
function ownMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * The same of its children. Read by a program of the system: Deno itself may not look there. Who may start none has no
 * children either.
 */
function childrenMs(): number {
  if (process.platform !== "linux" || !mayRun()) return 0;
  const all = execFileSync("sh", ["-c", "cat /proc/[0-9]*/stat 2>/dev/null || true"], {
    encoding: "utf8",
    maxBuffer: MAX_BYTES,
  });
  let ticks = 0;
  for (const line of all.split("\n")) {
    const [name, parent, time] = statOf(line);
    // The shell is a child, too, while it lists us.
    if (parent === process.pid && name !== "sh") ticks += time;
  }
  return ticks * MS_PER_TICK;
}

/** What a line says of a process: its name, its parent, and its processor time in ticks. */
function statOf(line: string): [name: string, parent: number, time: number] {
  const end = line.lastIndexOf(")");
  // Behind the name: state, parent, …
  const fields = line.slice(end + 2).split(" ");
  const time = Number(fields[11]) + Number(fields[12]);
  return [line.slice(line.indexOf("(") + 1, end), Number(fields[1]), time];
}

function mayRun(): boolean {
  const { Deno } = globalThis as RuntimeGlobals;
  return Deno === undefined || Deno.permissions.querySync({ name: "run" }).state === "granted";
}

/** What is looked at here on either runtime: the types of one know nothing of the other. */
interface RuntimeGlobals {
  readonly Deno?: {
    readonly permissions: { querySync(about: { name: "run" }): { readonly state: string } };
  };
}
