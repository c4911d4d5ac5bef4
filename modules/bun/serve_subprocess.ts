// Serves a subprocess that was started by spawnSubprocess (spawn_subprocess.ts): the worker's side of the seam on Bun.

import type { HostMessage, WorkerMessage } from "../core/seam/messages.ts";
import { assertMovable, takeRest } from "../core/seam/transfer.ts";
import { letSignalsPass } from "../workers/processes/group_signals.ts";
import { serveWorker } from "../workers/serve_worker.ts";
import { mapMemory } from "./mapped_memory.ts";

/** Thrown by `process.exit` where the process cannot end yet, so that the code behind it does not run. */
const LEAVING = new Error("The process is about to exit");

/** To be called in the first turn of the main module. */
export function serveSubprocess(): void {
  letSignalsPass();
  const send = process.send?.bind(process);
  if (send === undefined)
    throw new TypeError("Cannot serve: a worker is started by ProcessPoolExecutor only");
  // The link is ours alone: a task cannot forge a message by it. Not deleted: that costs some 10 ms, in which Bun makes
  // everything of `process` that nobody has asked for.
  Object.assign(process, { send: undefined });

  /** Messages that have not left this process: Bun writes large ones by and by, and an exit would cut them off. */
  let underway = 0;
  let leaving: { code: Parameters<typeof process.exit>[0] } | undefined;
  const exitNow = process.exit.bind(process);

  // Behind the mark of a worker (../workers/worker_mark.ts), which is no task's business.
  const [, file] = process.argv.splice(2, 2);
  const memory = file === undefined ? undefined : mapMemory(Number(file));
  /**
   * What the host of a worker that has exited knows without these: the memory tells. They need not be waited for, and to ask
   * when a message has left costs a millisecond the first time, before the first call.
   */
  const SHARED: ReadonlySet<WorkerMessage["kind"]> = new Set(
    memory === undefined ? [] : ["ready", "loading", "loaded", "look"],
  );

  const served = serveWorker({
    memory,
    sharesBuffers: false,
    send(message, transfer = []) {
      if (leaving !== undefined) return;
      if (SHARED.has(message.kind)) {
        send(message);
        return;
      }
      assertMovable(transfer);
      underway++;
      try {
        send(message, undefined, undefined, hasLeft);
      } catch (error) {
        hasLeft();
        throw error;
      }
      takeRest(transfer);
    },
    listen: (onMessage) => process.on("message", (message: HostMessage) => onMessage(message)),
    unref: () => {
      // Bun would cut off what is on its way.
      if (underway === 0) process.channel?.unref();
    },
  });

  // A task that exits takes nothing along but itself.
  process.exit = (code) => {
    leave(code);
    throw LEAVING;
  };
  // The host is gone.
  process.on("disconnect", () => exitNow(0));

  /** A message is out of this process, or never will be. */
  function hasLeft(): void {
    underway--;
    if (leaving !== undefined && underway === 0) exitNow(leaving.code);
  }

  /** Ends this process as soon as everything it has said is on its way. */
  function leave(code: Parameters<typeof process.exit>[0]): void {
    if (leaving !== undefined) return;
    served.flush();
    if (underway === 0) exitNow(code);
    leaving = { code };
  }
}
