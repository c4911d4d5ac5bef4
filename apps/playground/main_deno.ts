// The playground on Deno: jobs run on threads, or on the server's own event loop.

import { EventLoopExecutor } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { type Listen, type Server, start } from "./start.ts";
import { QUEUE_LIMIT } from "./submitter.ts";

start({
  executors: () => ({
    threads: new ThreadPoolExecutor({ name: "threads", maxQueue: QUEUE_LIMIT }),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: QUEUE_LIMIT }),
  }),
  // A thread that runs out of its heap ends alone; what is not on the heap is the program's.
  ownMemory: [],
  listen,
});

function listen({ hostname, port, fetch }: Listen): Server {
  // The address is printed once, by the shared start.
  const server = Deno.serve({ hostname, port, onListen: () => {} }, fetch);
  return { port: server.addr.port, stop: () => server.shutdown() };
}
