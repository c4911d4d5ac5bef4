// The agent of the conformance suite: a process of its own, which serves whatever queues it is told of, line by line.

import process from "node:process";
import { createInterface } from "node:readline";
import type { Executor, PoolOptions } from "../../../mod.ts";
import { type Agent, serveQueue } from "../mod.ts";
import { MAX_PAYLOAD, tasks } from "./table.ts";

/** What is asked of it. */
export interface Serve {
  readonly queue: string;
  /** Counts cases after which no worker may be used again: they spoil the realm they run in. */
  readonly round: number;
  /** Of the agent's pool. */
  readonly options: PoolOptions;
}

type Pool = new (options: PoolOptions) => Executor;

/** So many queues are served at once: a case has few, and is over when later ones begin. */
const MOST_QUEUES = 8;

const { deno, bun } = process.versions;
const runtime = deno ? "deno" : bun ? "bun" : "node";
const entry = import.meta.url.replace(/queue\/conformance\/agent_main(\.\w+)$/, `${runtime}/mod$1`);
const { ProcessPoolExecutor } = (await import(entry)) as { ProcessPoolExecutor: Pool };
const [url = ""] = process.argv.slice(2);

/** One for each kind of pool: its workers go from case to case. */
const agents = new Map<string, Agent>();
let lastRound = 0;
const served: { agent: Agent; queue: string }[] = [];

/** Serves a queue by an agent with such a pool. */
async function serve({ queue, options, round }: Serve): Promise<void> {
  if (round !== lastRound) {
    for (const agent of agents.values()) void agent.close({ drain: 0 });
    agents.clear();
    served.length = 0;
    lastRound = round;
  }
  const key = JSON.stringify(options);
  let agent = agents.get(key);
  if (agent === undefined) {
    agent = await serveQueue({
      connection: { url },
      queues: queue,
      tasks,
      // Late errors are told here, where nobody waits for them.
      executor: () => new ProcessPoolExecutor({ ...options, onError() {} }),
      maxPayload: MAX_PAYLOAD,
      progressInterval: 0,
    });
    agents.set(key, agent);
  } else await agent.add(queue);
  served.push({ agent, queue });
  // Not waited for: a task of a case that is over may never end.
  const over = served.length > MOST_QUEUES ? served.shift() : undefined;
  if (over !== undefined) void over.agent.remove(over.queue);
}

for await (const line of createInterface({ input: process.stdin })) {
  const word: Serve = JSON.parse(line);
  // A case of options may ask for a pool that cannot be made.
  await serve(word).catch((error) => console.error(`Cannot serve ${line}:`, error));
}
process.exit();
