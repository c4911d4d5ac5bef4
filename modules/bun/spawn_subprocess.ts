// Starts a subprocess and links it to the host: the host's side of the seam (../core/seam/channel.ts) on Bun.

import { SHARED_BYTES } from "../core/memory/shared_memory.ts";
import { ChannelEndedError, type ChannelHandlers, type Spawn } from "../core/seam/channel.ts";
import type { WorkerMessage } from "../core/seam/messages.ts";
import { assertMovable, takeRest } from "../core/seam/transfer.ts";
import { passedOn, workerEnv, workingDirectory } from "../workers/passed_on.ts";
import { fileInMemory } from "../workers/processes/file_memory.ts";
import { type GroupSignals, signalWords } from "../workers/processes/group_signals.ts";
import { killedWithUs } from "../workers/processes/killed_with_us.ts";
import { ProcessEnd } from "../workers/processes/process_end.ts";
import { processStatus } from "../workers/processes/process_status.ts";
import { startError } from "../workers/processes/start_error.ts";
import { isOwnWorker, workerEntry } from "../workers/worker_entry.ts";
import { explained, WORKER_MARK } from "../workers/worker_mark.ts";
import { mapMemory } from "./mapped_memory.ts";

/** What a worker inherits behind the three standard files. */
const MEMORY_FD = 3;

/** Flags of Bun that a worker gets: those that say how modules are found and read, and how much the runtime may take. */
const MODULE_FLAGS =
  /^(-r|-c|-d|-l|-i|--(preload|require|import|config|conditions|define|drop|feature|loader|tsconfig-override|main-fields|extension-order|preserve-symlinks|preserve-symlinks-main|jsx-.*|ignore-dce-annotations|no-macros|no-addons|no-ffi-cc|install|no-install|prefer-offline|prefer-latest|smol|expose-gc|use-.*-ca|tls-.*|experimental-.*|dns-result-order|max-http-header-size|insecure-http-parser|unhandled-rejections|no-deprecation|throw-deprecation|no-warnings|trace-.*|disable-warning|zero-fill-buffers|console-depth|user-agent))$/;

/** Makes a `Spawn` for processes. */
export function spawnSubprocess(options: {
  env: Record<string, string | undefined> | undefined;
  cwd: string | undefined;
  signals?: GroupSignals | undefined;
  execArgv?: readonly string[] | undefined;
}): Spawn {
  const findMain = () => new URL("./subprocess_main.ts", import.meta.url);
  const from = options.cwd === undefined ? undefined : workingDirectory();
  const flags = passedOn(process.execArgv, (name) => MODULE_FLAGS.test(name), from);
  return (handlers: ChannelHandlers) => {
    const isOneFile = Bun.isStandaloneExecutable;
    const main = isOwnWorker(findMain, isOneFile)
      ? Bun.main
      : Bun.fileURLToPath(workerEntry(findMain, isOneFile));
    // The worker inherits the file, and has nothing but its descriptor: where it cannot be mapped by that, it is known here.
    const memory = fileInMemory(SHARED_BYTES, (files, fd) => ({
      ...mapMemory(fd),
      fd,
      close: () => files.closeSync(fd),
    }));
    let hasSpoken = false;
    const end = new ProcessEnd(
      (exit) => {
        handlers.onExit(explained(exit, hasSpoken));
        memory?.close();
      },
      () => child.kill("SIGKILL"),
    );
    const start = () =>
      Bun.spawn({
        cmd: [
          // The child ends with this program, however that ends, and its own children with it. An executable that is the
          // program takes no flags of Bun.
          ...(isOneFile
            ? [...killedWithUs().before, process.execPath]
            : [process.execPath, "--no-orphans", ...flags, ...(options.execArgv ?? []), main]),
          WORKER_MARK,
          ...(memory === undefined ? [] : [`${MEMORY_FD}`]),
          ...signalWords(options.signals),
        ],
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: workerEnv(options.env, from) ?? process.env,
        stdio: ["ignore", "inherit", "inherit", ...(memory === undefined ? [] : [memory.fd])],
        serialization: "advanced",
        ipc: (message: WorkerMessage) => {
          hasSpoken = true;
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
      memory?.close();
      throw startError(error, options.cwd);
    }
    child.unref();

    return {
      memory,
      sharesBuffers: false,
      send(message, transfer = []) {
        if (end.isCut)
          throw new ChannelEndedError(`Cannot send message: process ${child.pid} has ended`);
        assertMovable(transfer);
        child.send(message);
        takeRest(transfer);
      },
      terminate() {
        if (!end.hasExited) child.kill("SIGKILL");
      },
      inspect: () => (end.hasExited ? undefined : processStatus(child.pid)),
    };
  };
}
