// The playground on Deno: jobs run on threads, in processes, or on the server's own event loop.

import { EventLoopExecutor } from "@concurrent/futures";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@concurrent/futures/deno";
import { Sandbox } from "@concurrent/futures/deno/sandbox";
import {
  CODE_HEAP,
  CODE_MEMORY,
  CODE_OUTPUT,
  CODE_QUEUE,
  CODE_RESULT,
  CODE_TIMEOUT,
} from "./contract.ts";
import { enginePage } from "./engine_page.ts";
import { listenByNode } from "./node_server.ts";
import { overAQueue } from "./over_a_queue.ts";
import { start } from "./start.ts";
import { PROCESS_MEMORY, QUEUE_LIMIT } from "./submitter.ts";

/** Pieces of visitors' code that run at once at most: each may take a gibibyte. */
const MOST_CELLS = 4;

const queue = await overAQueue();
const engine = await enginePage();

start({
  executors: () => ({
    threads: new ThreadPoolExecutor({ name: "threads", maxQueue: QUEUE_LIMIT }),
    ...(mayRunProcesses() ? { processes: processes() } : {}),
    loop: new EventLoopExecutor({ name: "loop", maxQueue: QUEUE_LIMIT }),
    ...queue,
  }),
  ownMemory: ["processes"],
  engine,
  sandbox: () =>
    new Sandbox({
      timeout: CODE_TIMEOUT,
      heap: CODE_HEAP,
      memory: CODE_MEMORY,
      maxOutput: CODE_OUTPUT,
      maxResult: CODE_RESULT,
      maxQueue: CODE_QUEUE,
      maxWorkers: Math.min(MOST_CELLS, Math.max(1, navigator.hardwareConcurrency - 1)),
    }),
  listen: listenByNode,
});

/** Processes that may do nothing and see nothing. */
function processes(): ProcessPoolExecutor {
  return new ProcessPoolExecutor({
    name: "processes",
    maxQueue: QUEUE_LIMIT,
    permissions: "none",
    env: {},
    ...PROCESS_MEMORY,
  });
}

/** The server does with fewer permissions, and then without processes. */
function mayRunProcesses(): boolean {
  const needed = [{ name: "run" }, { name: "env" }] as const;
  return needed.every((permission) => Deno.permissions.querySync(permission).state === "granted");
}
