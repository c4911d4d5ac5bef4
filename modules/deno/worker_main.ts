// The entry of a thread: the worker's side of the seam (../core/channel.ts) on Deno.

import { workerData } from "node:worker_threads";
import type { ThreadStart } from "../workers/link_thread.ts";
import { serveThread } from "../workers/serve_worker.ts";

serveThread(workerData as ThreadStart);
