// The entry of a thread on Deno: the worker's side of the seam (../core/seam/channel.ts), and no file more than each needs.

import { workerData } from "node:worker_threads";
import type { RareParts } from "../core/serving/load_task.ts";
import { serveThread } from "../workers/serve_worker.ts";
import type { WorkerThreadStart } from "../workers/threads/spawn_worker_thread.ts";

/** By address: what is named literally Deno looks up with the entry, and so all that this imports, whether it is ever needed. */
const rareParts: RareParts = {
  actorSeat: () => import(new URL("../core/serving/actor_seat.ts", import.meta.url).href),
  consoleCapture: () => import(new URL("../core/serving/console_capture.ts", import.meta.url).href),
  debugging: () => import(new URL("../core/serving/debugging.ts", import.meta.url).href),
  nestedExports: () => import(new URL("../core/serving/nested_exports.ts", import.meta.url).href),
  producer: () => import(new URL("../core/serving/producer.ts", import.meta.url).href),
  sharedValue: () => import(new URL("../core/shared_value.ts", import.meta.url).href),
};

const { given, overflowCode } = workerData as WorkerThreadStart;
serveThread(given, rareParts, overflowCode);
