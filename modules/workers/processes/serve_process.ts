// Serves a process that was started by linkProcess (link_process.ts): the worker's side of the seam.

import { closeSync, readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import process from "node:process";
import v8 from "node:v8";
import type { HostMessage } from "../../core/seam/messages.ts";
import { takeAway } from "../../core/seam/transfer.ts";
import { serveWorker } from "../serve_worker.ts";
import {
  FileMemory,
  MAPPED_BYTES,
  type MapFile,
  mappedMemory,
  type ProcessMemory,
} from "./file_memory.ts";
import {
  CANNOT_MAP,
  encodeFrame,
  FrameReader,
  KEY_BYTES,
  MAPPED,
  MEMORY_FD,
  NO_MEMORY,
  READ_FD,
  WRITE_FD,
} from "./frames.ts";
import { letSignalsPass } from "./group_signals.ts";

const HEAD_BYTES = 1 + KEY_BYTES;

/** How often a process that nothing else ends with its host looks whether that is still there. */
const LOOK_EVERY_MS = 500;

/** How long to wait for the host to read when the pipe is full, in milliseconds. */
const FULL_PIPE_MS = 1;

/**
 * To be called in the first turn of the main module.
 *
 * @param map maps the file that is its memory, where the host has done so.
 */
export function serveProcess(map?: MapFile): void {
  letSignalsPass();
  const input = new Socket({ fd: READ_FD, readable: true, writable: false });
  // What the host says first: whether there is memory, and the key.
  let head = new Uint8Array(0);
  let key = head;
  let memory: ProcessMemory | undefined;
  serveWorker({
    sharesBuffers: false,
    get memory() {
      return memory;
    },
    send(message, transfer = []) {
      const frame = encodeFrame(v8, message, key);
      takeAway(transfer);
      write(frame);
    },
    listen(onMessage) {
      const reader = new FrameReader(v8, (message) => onMessage(message as HostMessage));
      input.on("data", (piece: Uint8Array) => {
        const missing = HEAD_BYTES - head.length;
        if (missing > 0) {
          head = Uint8Array.of(...head, ...piece.subarray(0, missing));
          key = head.subarray(1);
          if (missing <= piece.length) memory = memoryOf(head[0], map);
        }
        if (piece.length > missing) reader.push(piece.subarray(missing));
      });
    },
    unref: () => void input.unref(),
  });
  // The host is gone.
  input.on("close", () => process.exit(0));
  // The mark of a worker (worker_mark.ts) is no task's business, nor is what stands behind it.
  const [, host] = process.argv.splice(2);
  if (host) void endWith(Number(host));
}

/** The file as the host says that both have it. */
function memoryOf(kind: number | undefined, map: MapFile | undefined): ProcessMemory | undefined {
  if (kind === NO_MEMORY) return undefined;
  const files = { closeSync, readSync, writeSync };
  if (kind !== MAPPED) return new FileMemory(files, MEMORY_FD);
  const mapping = map?.(MEMORY_FD, MAPPED_BYTES);
  // Nothing else will do: of two who claim calls each in its own way, in memory and in a file (file_claims.ts), both would get
  // them. The next worker is told to read and write.
  return mapping === undefined ? process.exit(CANNOT_MAP) : mappedMemory(files, MEMORY_FD, mapping);
}

/** Has a busy process end too, which does not hear that its host is gone: a thread beside it looks. */
async function endWith(host: number): Promise<void> {
  const watch = `setInterval(() => process.ppid === ${host} || process.kill(process.pid, "SIGKILL"), ${LOOK_EVERY_MS})`;
  // Only here, for it takes its time to load.
  const { Worker } = await import("node:worker_threads");
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}

/**
 * Writes to the pipe, and returns when all of it is there: a worker may exit or be killed in the next moment, and what it
 * has sent still arrives.
 */
function write(bytes: Uint8Array): void {
  const never = new Int32Array(new SharedArrayBuffer(4));
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(WRITE_FD, bytes, at);
    } catch (error) {
      const { code } = error as { code?: string };
      // The host is gone, and with it whoever wants this.
      if (code === "EPIPE") process.exit(0);
      if (code !== "EAGAIN") throw error;
      Atomics.wait(never, 0, 0, FULL_PIPE_MS);
    }
  }
}
