// Starts a thread and links it to the host: the host's side of the seam (../core/channel.ts) on Deno.
//
// By `node:worker_threads`, not the Web Worker: that one fires no event when a worker closes itself or exits, a busy one
// keeps the program from ending, and one out of memory ends the program (docs/decisions/0003-deno-threads.md).

import {
  type ChannelHandlers,
  SHARED_BYTES,
  type Spawn,
  type WorkerExit,
} from "../core/channel.ts";
import type { WorkerMessage } from "../core/wire.ts";

/** What the worker's entry (worker_main.ts) is given. */
export interface WorkerStart {
  readonly port: MessagePort;
  readonly shared: SharedArrayBuffer;
}

/** Makes a `Spawn` for threads. Looks the runtime's modules up now: importing this file touches nothing. */
export function spawnWorker(options: { memoryLimit: number | undefined }): Spawn {
  const { receiveMessageOnPort, Worker } = process.getBuiltinModule("node:worker_threads");
  const { memoryLimit } = options;
  return (handlers: ChannelHandlers, { name }) => {
    // A port of our own: what a task posts to its parent cannot pass for a message of ours.
    const { port1: port, port2 } = new MessageChannel();
    const shared = new SharedArrayBuffer(SHARED_BYTES);
    const start: WorkerStart = { port: port2, shared };
    const worker = new Worker(new URL("./worker_main.ts", import.meta.url), {
      name,
      workerData: start,
      transferList: [port2 as never],
      ...(memoryLimit === undefined
        ? {}
        : { resourceLimits: { maxOldGenerationSizeMb: memoryLimit } }),
    });
    let error: unknown;
    let terminated: { unresponsive: boolean } | undefined;
    let ended = false;
    const exited = (code: number): WorkerExit =>
      // The code of a thread that was terminated says nothing. A busy one runs on: Deno 2.7 to 2.9.6 at least.
      terminated === undefined ? { code, error } : { abandoned: terminated.unresponsive };

    const receive = () => receiveMessageOnPort(port as never);
    // Not `port.on`: Deno walks through every message handed out that way, in search of ports to patch.
    port.onmessage = ({ data }: { data: WorkerMessage }) => handlers.onMessage(data);
    worker.on("error", (failure) => {
      error = failure;
    });
    worker.on("exit", (code) => {
      ended = true;
      // The exit may overtake what the worker sent before it.
      for (let left = receive(); left !== undefined; left = receive()) {
        handlers.onMessage(left.message as WorkerMessage);
      }
      port.close();
      handlers.onExit(exited(code));
    });
    // Listening refers to the loop again, so this comes last.
    (port as { unref?(): void }).unref?.();
    worker.unref();

    return {
      shared: new Int32Array(shared),
      send(message, transfer) {
        if (ended) throw new TypeError(`Cannot send message: worker ${name} has ended`);
        port.postMessage(message, transfer ?? []);
      },
      terminate(unresponsive) {
        if (ended || terminated !== undefined) return;
        terminated = { unresponsive };
        // In a turn of its own: Deno emits the exit from inside.
        queueMicrotask(() => void worker.terminate());
      },
    };
  };
}
