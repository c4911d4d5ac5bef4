// Starts a subprocess and links it to the host: the host's side of the seam (../core/channel.ts) on Bun.

import {
  ChannelEndedError,
  type ChannelHandlers,
  SHARED_BYTES,
  type Spawn,
} from "../core/channel.ts";
import type { WorkerMessage } from "../core/wire.ts";
import { takeAway } from "../core/wire_value.ts";
import { assertMovable, ProcessEnd } from "../workers/process_end.ts";
import { processStatus } from "../workers/process_status.ts";

/** Where a worker finds what it inherits behind the three standard files. */
const MEMORY_PATH = "/dev/fd/3";

/** Makes a `Spawn` for processes. */
export function spawnSubprocess(options: {
  env: Record<string, string | undefined> | undefined;
  cwd: string | undefined;
}): Spawn {
  return (handlers: ChannelHandlers) => {
    const memory = shareMemory();
    const end = new ProcessEnd(
      (exit) => handlers.onExit(exit),
      () => child.kill("SIGKILL"),
    );
    const start = () =>
      Bun.spawn({
        cmd: [
          process.execPath,
          // The child ends with this program, however that ends, and its own children with it.
          "--no-orphans",
          Bun.fileURLToPath(new URL("./subprocess_main.ts", import.meta.url)),
          ...(memory === undefined ? [] : [MEMORY_PATH]),
        ],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...process.env, ...options.env },
        stdio: ["ignore", "inherit", "inherit", ...(memory === undefined ? [] : [memory.fd])],
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
    } finally {
      if (memory !== undefined) process.getBuiltinModule("node:fs").closeSync(memory.fd);
    }
    child.unref();

    return {
      shared: memory?.cells,
      sharesBuffers: false,
      send(message, transfer = []) {
        if (end.isCut)
          throw new ChannelEndedError(`Cannot send message: process ${child.pid} has ended`);
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

/**
 * A file both processes map. It has no name by the time the worker starts, which inherits it: however and whenever either
 * of them ends, nothing is left.
 */
function shareMemory(): { fd: number; cells: Int32Array } | undefined {
  const { closeSync, openSync, rmSync, writeSync } = process.getBuiltinModule("node:fs");
  const { tmpdir } = process.getBuiltinModule("node:os");
  // Bun cannot map files on Windows: there a worker is sent one task at a time.
  if (process.platform === "win32") return undefined;
  const path = `${tmpdir()}/concurrent-futures-${process.pid}-${crypto.randomUUID()}`;
  let fd: number | undefined;
  try {
    fd = openSync(path, "wx+", 0o600);
    // Written, not only made as long: a full disk must show here, and not when a page of it is touched.
    if (writeSync(fd, new Uint8Array(SHARED_BYTES)) !== SHARED_BYTES)
      throw new RangeError("Cannot share memory: no space");
    const { buffer, byteOffset } = Bun.mmap(path, { shared: true });
    const words = SHARED_BYTES / Int32Array.BYTES_PER_ELEMENT;
    return { fd, cells: new Int32Array(buffer, byteOffset, words) };
  } catch {
    // No place for a file: it works without, more slowly.
    if (fd !== undefined) closeSync(fd);
    return undefined;
  } finally {
    rmSync(path, { force: true });
  }
}
