// The entry of a thread: the worker's side of the seam (../core/channel.ts) on Deno.

import { workerData } from "node:worker_threads";
import { serveThread } from "../workers/serve_worker.ts";
import type { WorkerStart } from "./spawn_worker.ts";
import { watchHeap } from "./watch_heap.ts";

const { given, isLimited } = workerData as WorkerStart;
serveThread(given);
if (isLimited) watchHeap();
