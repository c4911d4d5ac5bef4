// The playground on Deno: jobs run on threads, or on the server's own event loop.

import { EventLoopExecutor } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { type Listen, MAX_QUEUE, type Server, start } from "./start.ts";

start({
  executors: () => ({
    threads: new ThreadPoolExecutor({ name: "threads", maxQueue: MAX_QUEUE }),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: MAX_QUEUE }),
  }),
  listen,
});

function listen({ hostname, port, fetch }: Listen): Server {
  // The address is printed once, by the shared start.
  const server = Deno.serve({ hostname, port, onListen: () => {} }, fetch);
  return { port: server.addr.port, stop: () => server.shutdown() };
}
