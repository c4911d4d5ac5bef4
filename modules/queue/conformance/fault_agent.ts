// The agent of the queue's faults: a program of its own on any runtime, to be killed. Its one argument says what it serves.

import process from "node:process";
import type { Executor } from "../../../mod.ts";
import { type QueueConnection, serveQueue } from "../mod.ts";

/** What it serves, and how. */
export interface FaultAgent {
  readonly connection: QueueConnection;
  readonly queue: string;
  /** Default: 2. */
  readonly maxWorkers?: number;
  /** Default: as agents have it. */
  readonly lock?: number;
  /** Default: half of `lock`, if that is given. */
  readonly stalledCheck?: number;
  /** Default: processes. */
  readonly threads?: boolean;
}

type Pool = new (options: { maxWorkers: number }) => Executor;

const { deno, bun } = process.versions;
const entry = new URL(`../../${deno ? "deno" : bun ? "bun" : "node"}/mod.ts`, import.meta.url);
const pools = (await import(entry.href)) as { ProcessPoolExecutor: Pool; ThreadPoolExecutor: Pool };

const asked: FaultAgent = JSON.parse(process.argv[2] ?? "");
const { connection, queue, maxWorkers = 2, lock } = asked;
const stalledCheck = asked.stalledCheck ?? (lock && lock / 2);
const Pool = asked.threads === true ? pools.ThreadPoolExecutor : pools.ProcessPoolExecutor;
const agent = await serveQueue({
  connection,
  queues: queue,
  tasks: { faults: new URL("./fault_tasks.ts", import.meta.url) },
  executor: () => new Pool({ maxWorkers }),
  ...(lock === undefined ? {} : { lock }),
  ...(stalledCheck === undefined ? {} : { stalledCheck }),
  onError: (error) => console.error(String(error)),
});
process.on("SIGTERM", () => void agent.close());
// Whoever started it is gone.
process.stdin.on("end", () => process.exit()).resume();
console.log("serves");
await agent.closed;
process.exit();
