// Registry: which agents serve a queue, as they tell it themselves every few seconds.

import type { Redis } from "ioredis";
import { parsed, type QueueKeys, record } from "./job.ts";

/** Milliseconds between an agent's words of itself. */
export const BEAT_MS = 5000;
/** Milliseconds after which an agent that says nothing counts as gone. */
const GONE_MS = 15_000;
/** So many are listed. */
const MOST_AGENTS = 10_000;

/** An agent, as it has told of itself within the last seconds. */
export interface AgentStatus {
  /** Unique among all agents. */
  readonly id: string;
  /** What it was named, or its host and process. */
  readonly name: string;
  /** Its machine. */
  readonly host: string;
  /** `Deno 2.9.6`, `Bun 1.4.5`, `Node 24.21.0`. */
  readonly runtime: string;
  /** The class of its local pool. */
  readonly pool: string;
  /** How many jobs it takes at once. */
  readonly concurrency: number;
  /** How many it runs. */
  readonly running: number;
  /** The modules of tasks it knows. */
  readonly tasks: readonly string[];
  /** Whether it takes no more jobs, and is about to end. */
  readonly draining: boolean;
}

/** Tells of an agent. */
export async function announce(client: Redis, keys: QueueKeys, status: AgentStatus): Promise<void> {
  await client
    .pipeline()
    .set(keys.agent(status.id), JSON.stringify(status), "PX", GONE_MS)
    .sadd(keys.agents, status.id)
    .exec();
}

/** Tells that an agent is gone. */
export async function withdraw(client: Redis, keys: QueueKeys, id: string): Promise<void> {
  await client.pipeline().srem(keys.agents, id).del(keys.agent(id)).exec();
}

/** Lists the agents there are. */
export async function listAgents(client: Redis, keys: QueueKeys): Promise<AgentStatus[]> {
  const ids = (await client.smembers(keys.agents)).slice(0, MOST_AGENTS);
  if (ids.length === 0) return [];
  const texts = await client.mget(ids.map((id) => keys.agent(id)));
  return texts.map((text) => text && readStatus(text)).filter((status) => !!status);
}

/** Takes those out of the list that are gone without a word. */
export async function forgetGone(client: Redis, keys: QueueKeys): Promise<void> {
  const ids = (await client.smembers(keys.agents)).slice(0, MOST_AGENTS);
  if (ids.length === 0) return;
  const texts = await client.mget(ids.map((id) => keys.agent(id)));
  const gone = ids.filter((_, at) => texts[at] === null);
  if (gone.length > 0) await client.srem(keys.agents, ...gone);
}

function readStatus(text: string): AgentStatus | undefined {
  const data = record(parsed(text));
  if (data === undefined || typeof data.id !== "string") return undefined;
  const word = (value: unknown) => String(value ?? "").slice(0, 200);
  const count = (value: unknown) => (Number.isSafeInteger(value) ? (value as number) : 0);
  return {
    id: word(data.id),
    name: word(data.name),
    host: word(data.host),
    runtime: word(data.runtime),
    pool: word(data.pool),
    concurrency: count(data.concurrency),
    running: count(data.running),
    tasks: Array.isArray(data.tasks) ? data.tasks.slice(0, 1000).map(word) : [],
    draining: data.draining === true,
  };
}
