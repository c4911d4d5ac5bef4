// The playground on Deno: jobs run on threads, or on the server's own event loop.

import { EventLoopExecutor } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { QUEUE_LIMIT } from "./job_board.ts";
import { type Listen, type Server, start } from "./start.ts";

start({
  executors: () => ({
    threads: new ThreadPoolExecutor({ name: "threads", maxQueue: QUEUE_LIMIT }),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: QUEUE_LIMIT }),
  }),
  listen,
});

function listen({ hostname, port, fetch }: Listen): Server {
  // The address is printed once, by the shared start.
  const server = Deno.serve({ hostname, port, onListen: () => {} }, fetch);
  return { port: server.addr.port, stop: () => server.shutdown() };
}
