// The playground's executor over a queue: there where REDIS_URL names a server, whose agents run the jobs.

import process from "node:process";
import type { Executor } from "@concurrent/futures";
import { QUEUE_LIMIT } from "./submitter.ts";

/** What agents serve: deno task agent playground=apps/playground/jobs.ts --queue playground */
export const QUEUE = "playground";

/** The module of the playground's tasks, by the name that agents know it by. */
export const TASKS = { playground: new URL("./jobs.ts", import.meta.url) };

/** Makes it, under its name; nothing where no server is named. Its packages are loaded only then. */
export async function overAQueue(
  url: string | undefined = process.env.REDIS_URL,
): Promise<Record<string, Executor>> {
  if (!url) return {};
  const { QueueExecutor } = await import("@concurrent/futures/queue");
  const connection = { url };
  const options = { name: "queue", queue: QUEUE, tasks: TASKS, maxQueue: QUEUE_LIMIT };
  return { queue: new QueueExecutor({ connection, ...options }) };
}
