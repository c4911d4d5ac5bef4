// deno task queue: a server, agents and the playground over them, in one command. All of it ends with it.

import { EventLoopExecutor } from "@concurrent/futures";
import { ProcessPoolExecutor } from "@concurrent/futures/deno";
import { startRedisServer } from "../../scripts/redis_server.ts";
import { enginePage } from "../playground/engine_page.ts";
import { listenByNode } from "../playground/node_server.ts";
import { overAQueue } from "../playground/over_a_queue.ts";
import { start } from "../playground/start.ts";
import { PROCESS_MEMORY, QUEUE_LIMIT } from "../playground/submitter.ts";
import { Agents } from "./agents.ts";
import { experimentsOf } from "./experiments.ts";

const server = await startRedisServer();
const agents = new Agents(server.url);
await agents.start();
console.log(`Redis listens on ${server.url}, and ${agents.names.join(" and ")} serve it`);
console.log(`One more agent: REDIS_URL=${server.url} ${agents.command}`);
const queue = await overAQueue(server.url);
const engine = await enginePage(server.url);

start({
  executors: () => ({
    ...queue,
    processes: new ProcessPoolExecutor({
      name: "processes",
      maxQueue: QUEUE_LIMIT,
      permissions: "none",
      env: {},
      ...PROCESS_MEMORY,
    }),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: QUEUE_LIMIT }),
  }),
  // Agents run jobs in processes of their own, which have a limit.
  ownMemory: ["queue", "processes"],
  engine,
  listen: listenByNode,
  experiments: experimentsOf(server, agents),
  async stop() {
    await agents.stop();
    await server.stop();
  },
});
