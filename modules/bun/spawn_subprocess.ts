// Starts a subprocess and links it to the host: the host's side of the seam (../core/channel.ts) on Bun.

import {
  type ChannelHandlers,
  SHARED_BYTES,
  type Spawn,
  type WorkerExit,
} from "../core/channel.ts";
import type { WorkerMessage } from "../core/wire.ts";
import { processStatus } from "./process_status.ts";

/** Exit and end of the link come in either order; this many milliseconds after the exit the link is not waited for. */
const LAST_MESSAGES_MS = 50;

/** Makes a `Spawn` for processes. */
export function spawnSubprocess(options: {
  env: Record<string, string | undefined> | undefined;
  cwd: string | undefined;
}): Spawn {
  return (handlers: ChannelHandlers) => {
    const memory = shareMemory();
    let exit: WorkerExit | undefined;
    let linked = true;
    let ended = false;
    const end = () => {
      if (ended || exit === undefined) return;
      ended = true;
      memory?.forget();
      handlers.onExit(exit);
    };
    const start = () =>
      Bun.spawn({
        cmd: [
          process.execPath,
          // The child ends with this program, however that ends, and its own children with it.
          "--no-orphans",
          Bun.fileURLToPath(new URL("./subprocess_main.ts", import.meta.url)),
          ...(memory === undefined ? [] : [memory.path]),
        ],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...process.env, ...options.env },
        stdio: ["ignore", "inherit", "inherit"],
        serialization: "advanced",
        ipc: (message: WorkerMessage) => {
          if (!ended) handlers.onMessage(message);
        },
        onDisconnect: () => {
          linked = false;
          end();
        },
        onExit: (_child, code, _signal) => {
          exit =
            child.signalCode === null
              ? { code: code ?? undefined }
              : { signal: String(child.signalCode) };
          // A grandchild may hold the link open for ever: the exit decides, the link only gets its chance.
          if (linked) setTimeout(end, LAST_MESSAGES_MS);
          else end();
        },
      });
    let child: ReturnType<typeof start>;
    try {
      child = start();
    } catch (error) {
      memory?.forget();
      throw error;
    }
    child.unref();

    return {
      shared: memory?.cells,
      send(message, transfer = []) {
        if (exit !== undefined)
          throw new TypeError(`Cannot send message: process ${child.pid} has ended`);
        if (transfer.some((item) => item instanceof ArrayBuffer && item.detached)) {
          throw new DOMException(
            "A buffer that was moved before cannot be moved.",
            "DataCloneError",
          );
        }
        child.send(message);
        // Between processes everything is copied; for the sender it is gone all the same, as the contract is one.
        if (transfer.length > 0) structuredClone(null, { transfer: transfer as ArrayBuffer[] });
      },
      terminate() {
        if (exit === undefined) child.kill("SIGKILL");
      },
      inspect: () => (exit === undefined ? processStatus(child.pid) : undefined),
    };
  };
}

/** The files of workers that have not ended. */
const unclaimed = new Set<string>();

function forgetAll(): void {
  const { rmSync } = process.getBuiltinModule("node:fs");
  for (const path of unclaimed) rmSync(path, { force: true });
}

/** A file both processes map. The worker removes it once it has it open; where it never came to that, the host does. */
function shareMemory(): { path: string; cells: Int32Array; forget(): void } | undefined {
  const { rmSync, writeFileSync } = process.getBuiltinModule("node:fs");
  const { tmpdir } = process.getBuiltinModule("node:os");
  // Bun cannot map files on Windows: there a worker is sent one task at a time.
  if (process.platform === "win32") return undefined;
  const path = `${tmpdir()}/concurrent-futures-${process.pid}-${crypto.randomUUID()}`;
  writeFileSync(path, new Uint8Array(SHARED_BYTES), { mode: 0o600, flag: "wx" });
  const bytes = Bun.mmap(path, { shared: true });
  // One listener for all: a worker that has not come so far when the program exits never will.
  if (unclaimed.size === 0) process.on("exit", forgetAll);
  unclaimed.add(path);
  return {
    path,
    cells: new Int32Array(
      bytes.buffer,
      bytes.byteOffset,
      SHARED_BYTES / Int32Array.BYTES_PER_ELEMENT,
    ),
    forget: () => {
      rmSync(path, { force: true });
      unclaimed.delete(path);
      if (unclaimed.size === 0) process.off("exit", forgetAll);
    },
  };
}
