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
  /** Default: 10 000. */
  readonly lock?: number;
  /** Default: half of `lock`. */
  readonly stalledCheck?: number;
  /** Default: processes. */
  readonly threads?: boolean;
}

type Pool = new (options: { maxWorkers: number }) => Executor;

const { deno, bun } = process.versions;
const entry = new URL(`../../${deno ? "deno" : bun ? "bun" : "node"}/mod.ts`, import.meta.url);
const pools = (await import(entry.href)) as { ProcessPoolExecutor: Pool; ThreadPoolExecutor: Pool };

const asked: FaultAgent = JSON.parse(process.argv[2] ?? "");
const { connection, queue, maxWorkers = 2, lock = 10_000, stalledCheck = lock / 2 } = asked;
const Pool = asked.threads === true ? pools.ThreadPoolExecutor : pools.ProcessPoolExecutor;
const agent = await serveQueue({
  connection,
  queues: queue,
  tasks: { faults: new URL("./fault_tasks.ts", import.meta.url) },
  executor: () => new Pool({ maxWorkers }),
  lock,
  stalledCheck,
  onError: (error) => console.error(String(error)),
});
process.on("SIGTERM", () => void agent.close());
// Whoever started it is gone.
process.stdin.on("end", () => process.exit()).resume();
console.log("serves");
await agent.closed;
process.exit();
