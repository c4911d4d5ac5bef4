// The entry of a thread: the worker's side of the seam (../core/channel.ts) on Deno.

import process from "node:process";
import { workerData } from "node:worker_threads";
import { serve } from "../core/serve.ts";
import type { HostMessage } from "../core/wire.ts";
import type { WorkerStart } from "./spawn_worker.ts";

const { port, shared } = workerData as WorkerStart;

const served = serve({
  shared: new Int32Array(shared),
  send: (message) => port.postMessage(message),
  listen: (onMessage) => {
    // Not `port.on`: see spawn_worker.ts.
    port.onmessage = ({ data }: { data: HostMessage }) => onMessage(data);
  },
  exit: () => process.exit(0),
});

// Thrown outside of any task: it is reported and costs none.
process.on("uncaughtException", (error) => served.fault(error));
process.on("unhandledRejection", (error) => served.fault(error));
// A task that exits takes nothing along but itself.
process.on("exit", () => served.flush());

// Tasks written for Web Workers find what they know.
Object.assign(globalThis, { self: globalThis, close: () => process.exit(0) });
