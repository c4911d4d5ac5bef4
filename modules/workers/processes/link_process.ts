// Links a process by two pipes of its own: the host's side of the seam (../../core/seam/channel.ts) where processes are those of
// `node:child_process`. What tasks write to standard output stays theirs.
//
// Not by that module's IPC: on Deno a worker that is killed in the middle of a message makes its *host* throw an error
// that nobody can catch, and what a worker sent before it exits is lost (docs/decisions/0013-deno-processes.md).

import type { Readable, Writable } from "node:stream";
import { type Channel, ChannelEndedError, type ChannelHandlers } from "../../core/seam/channel.ts";
import type { WorkerMessage } from "../../core/seam/messages.ts";
import { takeAway } from "../../core/seam/transfer.ts";
import { explained } from "../worker_mark.ts";
import { type MapFile, openMemory } from "./file_memory.ts";
import {
  encodeFrame,
  FrameReader,
  KEY_BYTES,
  MAPPED,
  NO_MEMORY,
  READ_AND_WRITTEN,
  READ_FD,
  WRITE_FD,
} from "./frames.ts";
import { ProcessEnd, unreferenced } from "./process_end.ts";
import { processStatus } from "./process_status.ts";
import { startError } from "./start_error.ts";

/** How the process is started. */
export interface ProcessStart {
  /** The program and its arguments: its main module, which calls `serveProcess`, and behind that the worker's mark. */
  readonly command: readonly [program: string, ...args: string[]];
  /** All variables it sees. Default: this program's. */
  readonly env?: Record<string, string | undefined> | undefined;
  /** The working directory. */
  readonly cwd?: string | undefined;
  /** Takes what it writes to standard output and error; if this throws, it is killed. Default: it writes to ours. */
  readonly onOutput?: ((bytes: Uint8Array) => void) | undefined;
  /** How many bytes of messages are taken from it altogether; one that sends more is killed. Default: no limit. */
  readonly maxBytes?: number | undefined;
  /** Whether calls may be sent ahead. Default: true. */
  readonly isSentAhead?: boolean | undefined;
  /** Maps the file that is its memory, where it can do so, too. Default: both read and write that. */
  readonly map?: MapFile | undefined;
}

/** Starts a process and links it. */
export function linkProcess(
  { command, env, cwd, onOutput, maxBytes, isSentAhead = true, map }: ProcessStart,
  handlers: ChannelHandlers,
): Channel {
  const { spawn } = process.getBuiltinModule("node:child_process");
  const v8 = process.getBuiltinModule("node:v8");
  const [program, ...args] = command;
  const memory = isSentAhead ? openMemory(map) : undefined;
  const output = onOutput === undefined ? "inherit" : "pipe";
  const start = () =>
    spawn(program, args, {
      stdio: [
        "ignore",
        output,
        output,
        "pipe",
        "pipe",
        ...(memory === undefined ? [] : [memory.file]),
      ],
      ...(cwd === undefined ? {} : { cwd }),
      ...(env === undefined ? {} : { env }),
    });
  let child: ReturnType<typeof start>;
  try {
    child = start();
  } catch (error) {
    memory?.close();
    throw startError(error, cwd);
  }
  if (child.pid === undefined) {
    // It could not be started: there are no pipes, there is no exit, and why is told by and by.
    child.on("error", (error) => handlers.onExit({ error: startError(error, cwd) }));
    memory?.close();
    return { send: () => throwEnded("that was never started"), terminate() {} };
  }
  const toWorker = child.stdio[READ_FD] as Writable;
  const fromWorker = child.stdio[WRITE_FD] as Readable;
  const outputs = [child.stdout, child.stderr].filter((stream) => stream !== null);
  let offence: unknown;
  const end = new ProcessEnd(
    (exit) => {
      for (const pipe of [toWorker, fromWorker, ...outputs]) pipe.destroy();
      handlers.onExit(
        offence === undefined ? explained(exit, hasSpoken) : { ...exit, error: offence },
      );
      // Not before: it was asked a moment ago what the worker had begun.
      memory?.close();
    },
    () => child.kill("SIGKILL"),
  );
  /** Takes bytes of the worker; one that sends what cannot be taken is heard no longer. */
  const take = (bytes: Uint8Array, by: (bytes: Uint8Array) => void) => {
    if (offence !== undefined) return;
    try {
      by(bytes);
    } catch (error) {
      offence = error;
      child.kill("SIGKILL");
    }
  };
  const key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  let hasSpoken = false;
  const receive = (message: unknown) => {
    hasSpoken = true;
    if (!end.isOver) handlers.onMessage(message as WorkerMessage);
  };
  const reader = new FrameReader(v8, receive, key, maxBytes);
  child.on("exit", (code, signal) =>
    end.exited(signal === null ? { code: code ?? undefined } : { signal }),
  );
  // It could not be started: there is no exit.
  child.on("error", (error) => end.exited({ error: startError(error, cwd) }));
  fromWorker.on("data", (bytes: Uint8Array) => take(bytes, (frames) => reader.push(frames)));
  for (const stream of outputs) {
    stream.on("data", (bytes: Uint8Array) => take(bytes, (text) => onOutput?.(text)));
  }
  // Each pipe closes by itself, for its other end does: one that is destroyed before is kept for ever by Deno
  // (docs/decisions/0027-what-is-left-of-a-process.md).
  const open = new Set<Readable | Writable>([toWorker, fromWorker, ...outputs]);
  let deaf: ReturnType<typeof setTimeout> | undefined;
  for (const pipe of open) {
    // A pipe that breaks tells no more than the exit does.
    pipe.on("error", () => {});
    pipe.on("close", () => {
      open.delete(pipe);
      // A worker that will say no more need not hear more, either.
      if (pipe === fromWorker) deaf = unreferenced(() => toWorker.destroy());
      if (open.size > 0) return;
      clearTimeout(deaf);
      end.unlinked();
    });
  }
  const kind = memory === undefined ? NO_MEMORY : memory.isMapped ? MAPPED : READ_AND_WRITTEN;
  toWorker.write(Uint8Array.of(kind, ...key));
  child.unref();
  for (const pipe of [toWorker, fromWorker, ...outputs]) (pipe as { unref?(): void }).unref?.();

  return {
    sharesBuffers: false,
    // Each message is in the pipe before the worker goes on (serve_process.ts).
    keepsWord: memory === undefined,
    memory,
    send(message, transfer = []) {
      if (end.isCut || !open.has(fromWorker)) throwEnded(`${child.pid}`);
      const frame = encodeFrame(v8, message);
      takeAway(transfer);
      toWorker.write(frame);
    },
    terminate() {
      if (!end.hasExited) child.kill("SIGKILL");
    },
    inspect: () =>
      end.hasExited || child.pid === undefined ? undefined : processStatus(child.pid),
  };
}

function throwEnded(which: string): never {
  throw new ChannelEndedError(`Cannot send message: process ${which} has ended`);
}
