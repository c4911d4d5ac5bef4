// The playground on Bun: jobs run in processes, or on the server's own event loop.

import { EventLoopExecutor } from "@concurrent/futures";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";
import { QUEUE_LIMIT } from "./job_board.ts";
import { type Listen, type Server, start } from "./start.ts";

/** Longer than the pause between two heartbeats of an event stream, in seconds. */
const IDLE_TIMEOUT = 30;

start({
  executors: () => ({
    processes: new ProcessPoolExecutor({ name: "processes", maxQueue: QUEUE_LIMIT }),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: QUEUE_LIMIT }),
  }),
  listen,
});

function listen({ hostname, port, fetch }: Listen): Server {
  const server = Bun.serve({ hostname, port, fetch, idleTimeout: IDLE_TIMEOUT });
  return { port: server.port ?? port, stop: () => server.stop() };
}
