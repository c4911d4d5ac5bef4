// The entry of a thread of `node:worker_threads`: the worker's side of the seam (../../core/seam/channel.ts) on Node.

import { workerData } from "node:worker_threads";
import { serveThread } from "../serve_worker.ts";
import type { WorkerThreadStart } from "./spawn_worker_thread.ts";

const { given, overflowCode } = workerData as WorkerThreadStart;
serveThread(given, overflowCode);
