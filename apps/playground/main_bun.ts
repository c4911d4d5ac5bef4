// The playground on Bun: jobs run in processes, on threads, or on the server's own event loop.

import { EventLoopExecutor } from "@concurrent/futures";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@concurrent/futures/bun";
import { enginePage } from "./engine_page.ts";
import { overAQueue } from "./over_a_queue.ts";
import { type Listen, type Server, start } from "./start.ts";
import { PROCESS_MEMORY, QUEUE_LIMIT } from "./submitter.ts";

/** Longer than the pause between two heartbeats of an event stream, in seconds. */
const IDLE_TIMEOUT = 30;

const queue = await overAQueue();
const engine = await enginePage();

start({
  executors: () => ({
    processes: new ProcessPoolExecutor({
      name: "processes",
      maxQueue: QUEUE_LIMIT,
      env: {},
      ...PROCESS_MEMORY,
    }),
    threads: new ThreadPoolExecutor({ name: "threads", maxQueue: QUEUE_LIMIT }),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: QUEUE_LIMIT }),
    ...queue,
  }),
  ownMemory: ["processes"],
  engine,
  listen,
});

function listen({ hostname, port, fetch }: Listen): Server {
  const server = Bun.serve({ hostname, port, fetch, idleTimeout: IDLE_TIMEOUT });
  return { port: server.port ?? port, stop: () => server.stop() };
}
