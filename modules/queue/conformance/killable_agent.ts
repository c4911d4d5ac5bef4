// An agent in a process of its own, for tests that kill it. It ends with whoever started it.

import process from "node:process";
import { EventLoopExecutor, type Executor } from "../../../mod.ts";
import { serveQueue } from "../mod.ts";
import type { KillableAgent } from "./fault_scene.ts";
import { tasks } from "./table.ts";

type Pool = new (options: { maxWorkers: number; onError(): void }) => Executor;

const given: KillableAgent = JSON.parse(process.argv[2] ?? "");
const { url, queue, pool, maxWorkers, lock, stalledCheck = lock / 2, maxAgentLosses } = given;
const { deno, bun } = process.versions;
const runtime = deno ? "deno" : bun ? "bun" : "node";
const entry = import.meta.url.replace(
  /queue\/conformance\/killable_agent(\.\w+)$/,
  `${runtime}/mod$1`,
);

async function poolClass(): Promise<Pool> {
  if (pool === "loop") return EventLoopExecutor;
  return ((await import(entry)) as { ProcessPoolExecutor: Pool }).ProcessPoolExecutor;
}

const Pool = await poolClass();
const agent = await serveQueue({
  connection: { url },
  queues: queue,
  tasks,
  executor: () => new Pool({ maxWorkers, onError() {} }),
  lock,
  stalledCheck,
  // It is frozen and killed on purpose.
  onError() {},
  ...(maxAgentLosses === undefined ? {} : { maxAgentLosses }),
});
process.once("SIGTERM", () => void agent.close({ drain: 1000 }).then(() => process.exit()));
process.stdin.on("end", () => process.exit()).resume();
console.log("ready");
