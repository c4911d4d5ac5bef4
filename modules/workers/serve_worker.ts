// Serves in a worker that is a program, or nearly: what threads and processes of Deno, Bun and Node have in common on
// the worker's side of the seam (../core/seam/channel.ts).

import type { AsyncLocalStorage } from "node:async_hooks";
import process from "node:process";
import "./tell_runtime.ts";
import { type Marks, runtime } from "../core/brand.ts";
import { sharedByThreads } from "../core/memory/shared_memory.ts";
import type { Port } from "../core/seam/channel.ts";
import { NOTHING, sendMoving } from "../core/seam/transfer.ts";
import { serve } from "../core/serving/serve.ts";
import type { Served } from "../core/serving/server.ts";
import { contextSlot } from "../core/task_context.ts";
import { hear } from "./threads/hear.ts";
import type { ThreadStart } from "./threads/link_thread.ts";

/** Milliseconds between two looks at the heap. */
const LOOK_MS = 50;

/** In so many milliseconds a worker ends that nothing holds any more. */
const ENDS_BY_ITSELF_MS = 10;

/** The worker's end of a link, as its platform has it. */
export interface WorkerLink extends Omit<Port, "exit" | "leave"> {
  /** Has the link hold the worker no longer. */
  unref(): void;
}

/**
 * Serves `port` until the host says stop; to be called in the first turn of a worker's entry.
 */
export function serveWorker(port: WorkerLink): Served {
  // What is preloaded has run (worker_mark.ts).
  contextSlot.isServed = true;
  contextSlot.loading = undefined;
  // By its address: what Deno sees imported it loads with the entry, and a start would take 2 ms longer. A program in one
  // file that has handles has what makes them, too.
  contextSlot.loadHandles = () => import(new URL("../sync/mod.ts", import.meta.url).href);
  runtime.inspector = () => process.getBuiltinModule("node:inspector");
  runtime.loadPrinting = async () =>
    (await import(new URL("./printing.ts", import.meta.url).href)).printingTools();
  const exit = () => process.exit(0);
  // Not a copy: what the host says first may tell a port of its memory. What is written on Deno is out at once.
  const end = "Deno" in globalThis ? { exit } : { exit, leave: () => leave(port) };
  const served = serve(Object.assign(port, end));
  // Thrown outside of any task: it is reported and costs none.
  process.on("uncaughtException", (error) => served.fault(error));
  process.on("unhandledRejection", (error) => served.fault(error));
  runtime.marks = asyncMarks();
  // A task that exits takes nothing along but itself.
  process.on("exit", () => served.flush());
  return served;
}

/**
 * Lets a worker end by itself, as its platform does when everything is out that was printed. What a task has left, such as a
 * timer, may hold it: then what was printed is waited for, and nothing else. That is not done at once, for on Bun the
 * streams that nobody has used yet take 20 ms to make.
 */
function leave(port: WorkerLink): void {
  port.unref();
  const timer: { unref?(): void } | number = setTimeout(async () => {
    port.send({ kind: "leaving" });
    await Promise.all([isOut(process.stdout), isOut(process.stderr)]);
    process.exit(0);
  }, ENDS_BY_ITSELF_MS);
  if (typeof timer === "object") timer.unref?.();
}

/**
 * Resolves when everything is out that was written to a stream, or never will be. Only its end says so on Bun. On Node its end
 * would be that of all who have it: what programs give each other there are sockets, and one is shut down for everybody.
 */
function isOut(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => {
    stream.on("error", () => resolve());
    if ("Bun" in globalThis) stream.end(() => resolve());
    else stream.write("", () => resolve());
  });
}

/** Marks in async contexts, which are made when first needed. */
function asyncMarks(): Marks {
  let storage: AsyncLocalStorage<number> | undefined;
  return {
    run(mark, action) {
      storage ??= new (process.getBuiltinModule("node:async_hooks").AsyncLocalStorage)();
      return storage.run(mark, action);
    },
    current: () => storage?.getStore(),
  };
}

/**
 * Serves a thread that was started with a port and its memory.
 *
 * @param overflowCode the code to exit with when its heap overflows, where that has a limit.
 */
export function serveThread({ port, memory }: ThreadStart, overflowCode?: number): void {
  serveWorker({
    memory: memory && sharedByThreads(memory),
    send: (message, transfer = NOTHING) =>
      sendMoving(transfer, (list) => port.postMessage(message, list)),
    listen: (onMessage) => hear(port, onMessage, () => onMessage({ kind: "unreadable" })),
    unref: () => port.unref?.(),
  });
  // Tasks written for Web Workers find what they know.
  Object.assign(globalThis, { self: globalThis, close: () => process.exit(0) });
  if (overflowCode !== undefined) watchHeap(overflowCode);
}

/**
 * Looks at the heap's limit again and again, and exits with `code` when it has grown: the heap has overflowed.
 *
 * Deno ends such a thread cleanly when it happens in the turn of a timer. In a microtask, or in the turn of a message, it
 * stops the code that runs and says nothing: the task would never settle. What it leaves behind is a larger limit, for
 * V8 had to be given room to unwind.
 */
function watchHeap(code: number): void {
  const { getHeapStatistics } = process.getBuiltinModule("node:v8");
  const { heap_size_limit: limit } = getHeapStatistics();
  const timer = setInterval(() => {
    if (getHeapStatistics().heap_size_limit > limit) process.exit(code);
  }, LOOK_MS);
  (timer as unknown as { unref?(): void }).unref?.();
}
