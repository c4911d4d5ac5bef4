// Starts a subprocess and links it to the host: the host's side of the seam (../core/channel.ts) on Bun.

import { type ChannelHandlers, SHARED_BYTES, type Spawn } from "../core/channel.ts";
import type { WorkerMessage } from "../core/wire.ts";
import { assertMovable, ProcessEnd, takeAway } from "../workers/process_end.ts";
import { processStatus } from "../workers/process_status.ts";

/** Makes a `Spawn` for processes. */
export function spawnSubprocess(options: {
  env: Record<string, string | undefined> | undefined;
  cwd: string | undefined;
}): Spawn {
  return (handlers: ChannelHandlers) => {
    const memory = shareMemory();
    const end = new ProcessEnd((exit) => {
      memory?.forget();
      handlers.onExit(exit);
    });
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
          if (!end.isOver) handlers.onMessage(message);
        },
        onDisconnect: () => end.unlinked(),
        onExit: (_child, code, _signal) => {
          end.exited(
            child.signalCode === null
              ? { code: code ?? undefined }
              : { signal: String(child.signalCode) },
          );
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
        if (end.hasExited)
          throw new TypeError(`Cannot send message: process ${child.pid} has ended`);
        assertMovable(transfer);
        child.send(message);
        takeAway(transfer);
      },
      terminate() {
        if (!end.hasExited) child.kill("SIGKILL");
      },
      inspect: () => (end.hasExited ? undefined : processStatus(child.pid)),
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
