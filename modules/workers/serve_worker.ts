// Serves in a worker that is a program, or nearly: what threads and processes of Deno, Bun and Node have in common on
// the worker's side of the seam (../core/seam/channel.ts).

import process from "node:process";
import "./tell_runtime.ts";
import { bulkInMemory } from "../core/memory/bulk.ts";
import type { Port } from "../core/seam/channel.ts";
import { NOTHING, sendMoving } from "../core/seam/transfer.ts";
import { type Served, serve } from "../core/serving/serve.ts";
import type { ThreadStart } from "./link_thread.ts";

/** Serves `port` until the host says stop; to be called in the first turn of a worker's entry. */
export function serveWorker(port: Omit<Port, "exit">): Served {
  // Not a copy: what the host says first may tell a port of its memory.
  const served = serve(Object.assign(port, { exit: () => process.exit(0) }));
  // Thrown outside of any task: it is reported and costs none.
  process.on("uncaughtException", (error) => served.fault(error));
  process.on("unhandledRejection", (error) => served.fault(error));
  // A task that exits takes nothing along but itself.
  process.on("exit", () => served.flush());
  return served;
}

/** Serves a thread that was started with `given`. */
export function serveThread({ port, shared, bulk }: ThreadStart): void {
  serveWorker({
    shared: shared && new Int32Array(shared),
    bulk: bulk && bulkInMemory(bulk),
    send: (message, transfer = NOTHING) =>
      sendMoving(transfer, (list) => port.postMessage(message, list)),
    // Not `port.on`: Deno walks through every message handed out that way, in search of ports to patch.
    listen: (onMessage) => {
      port.onmessage = ({ data }) => onMessage(data);
      port.onmessageerror = () => port.postMessage({ kind: "unreadable" }, []);
    },
  });
  // Tasks written for Web Workers find what they know.
  Object.assign(globalThis, { self: globalThis, close: () => process.exit(0) });
}
