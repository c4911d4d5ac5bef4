// Starts a thread of `node:worker_threads`: the host's side of the seam (../../core/seam/channel.ts) on Deno and Node.
//
// On Deno not the Web Worker: that one fires no event when a worker closes itself or exits, a busy one keeps the program
// from ending, and one out of memory ends the program (docs/decisions/0003-deno-threads.md). Node has only this.

import type { WorkerOptions } from "node:worker_threads";
import type { Spawn } from "../../core/seam/channel.ts";
import { passedOn } from "../passed_on.ts";
import { isOwnThread, whyNotStarted } from "../worker_entry.ts";
import { linkThread, type ThreadPlatform, type ThreadStart } from "./link_thread.ts";
import { lookAtBuffers } from "./look_at_buffers.ts";
import type { ThreadStartOptions } from "./thread_options.ts";

/**
 * MiB in which the new objects of a limited heap lie, on Node. What of it lives moves into the rest at once, and V8 gives a thread that is
 * beyond its limit 16 MiB to end: with its own, larger figure it now and then found no room, and ended the program.
 */
const YOUNG_MIB = 4;

/**
 * V8 takes the check for interrupts out of some loops that it unrolls (`for (;;) all.push(new Array(1000).fill(1.5))`), since
 * 13, that of Node 24. Such a loop never hears that it is to stop, and takes what memory there is. Flags belong to the process.
 */
const KEEPS_CHECKS = "--no-turboshaft-loop-unrolling";
const V8_THAT_DROPS_CHECKS = 13;

/** The exit code of a thread whose heap has overflowed: that of an abort, as V8's own. */
const HEAP_OVERFLOW = 134;

/**
 * Where a thread is not stopped while it runs code, it is asked to exit for so many milliseconds: any event loop turns
 * meanwhile.
 */
const ASK_MS = 200;
/**
 * One that then has not ended after so many looks of so many milliseconds runs code for ever, and is abandoned. Looks and
 * not a time: a host that was itself busy has not heard of the end yet.
 */
const LOOKS = 3;
const LOOK_MS = 20;
/**
 * Unless the program has used the processor for less than so many microseconds meanwhile: then the thread may have had no
 * turn yet, on a machine with much else to do. It is looked at so often for as long as that is so.
 */
const TURN_US = 30_000;
const LOOKS_WITHOUT_TURN = 50;

/** What the worker's entry is given. */
export interface WorkerThreadStart {
  readonly given: ThreadStart;
  /** The code to exit with when its heap overflows, where that has a limit. */
  readonly overflowCode: number | undefined;
}

/** A program that may be its own worker. */
export interface OwnProgram {
  /** Whether the executable is the program, not a runtime. */
  readonly isOneFile: boolean;
  /** What of it a thread can run: its main module, or its text. */
  main(): { readonly module: string | URL } | { readonly text: string };
}

/** How threads are started. */
export interface WorkerThreadSettings {
  /** This program, if a thread may be it. */
  readonly own?: OwnProgram;
  /** MiB of heap. */
  readonly memoryLimit: number | undefined;
  /** What the user says of it. */
  readonly start?: ThreadStartOptions;
  /** Whether the runtime stops a busy thread that is terminated. One that it cannot stop runs on, abandoned. */
  readonly stopsBusyWorkers: boolean;
}

/** Makes a `Spawn` for threads. Looks the runtime's modules up now: importing this file touches nothing. */
export function spawnWorkerThread(options: WorkerThreadSettings): Spawn {
  const { receiveMessageOnPort, Worker } = process.getBuiltinModule("node:worker_threads");
  const { memoryLimit, stopsBusyWorkers, own, start = {} } = options;
  const { execArgv, resourceLimits, ...told } = start;
  const overflowCode = memoryLimit === undefined ? undefined : HEAP_OVERFLOW;
  // Deno takes no notice of flags while it runs.
  if (memoryLimit !== undefined && stopsBusyWorkers) keepChecks();
  const findMain = () => new URL("./worker_thread_main.ts", import.meta.url);
  const platform = (name: string): ThreadPlatform => ({
    whyNotStarted: (error) => whyNotStarted(findMain, error),
    receive: (port) => receiveMessageOnPort(port as never),
    askFirst: stopsBusyWorkers ? 0 : ASK_MS,
    start(given, exited, port) {
      let error: unknown;
      let isTerminated = false;
      const settings = {
        name,
        ...told,
        ...(isText() || execArgv !== undefined
          ? {
              execArgv: [
                ...passedOn(process.execArgv, (name) => MODULES.test(name)),
                ...(execArgv ?? []),
              ],
            }
          : {}),
        workerData: { given, overflowCode } satisfies WorkerThreadStart,
        transferList: [given.port as never],
        ...(memoryLimit === undefined
          ? { ...(resourceLimits === undefined ? {} : { resourceLimits }) }
          : {
              resourceLimits: {
                maxOldGenerationSizeMb: memoryLimit,
                ...(stopsBusyWorkers ? { maxYoungGenerationSizeMb: YOUNG_MIB } : {}),
                ...resourceLimits,
              },
            }),
      };
      const worker =
        own !== undefined && isOwnThread(findMain, own.isOneFile)
          ? startOwn(own.main(), settings)
          : // As bundlers know it.
            new Worker(new URL("./worker_thread_main.ts", import.meta.url), settings);
      worker.on("error", (failure) => {
        error = failure;
      });
      worker.on("exit", (code) => {
        if (code === overflowCode)
          error ??= new RangeError(
            `Worker ran out of memory: its memoryLimit is ${memoryLimit} MiB`,
          );
        // Deno says so at once of a thread that is terminated, though it may run on.
        if (stopsBusyWorkers || !isTerminated) exited({ code, error });
      });
      worker.unref();
      return {
        inspect: memoryLimit === undefined ? undefined : lookAtBuffers(worker),
        terminate() {
          isTerminated = true;
          void worker.terminate();
          if (stopsBusyWorkers) return;
          const before = process.cpuUsage();
          const hadTurn = () => {
            const { user, system } = process.cpuUsage(before);
            return user + system > TURN_US;
          };
          let timer: ReturnType<typeof setTimeout>;
          const look = (looks: number) => {
            if (looks === LOOKS_WITHOUT_TURN || (looks >= LOOKS && hadTurn())) {
              exited({ abandoned: true });
              return;
            }
            timer = setTimeout(look, LOOK_MS, looks + 1);
            timer.unref();
          };
          look(0);
          port.addEventListener("close", () => {
            clearTimeout(timer);
            exited({});
          });
        },
      };
    },
  });
  const startOwn = (main: ReturnType<OwnProgram["main"]>, settings: WorkerOptions) =>
    "text" in main
      ? new Worker(main.text, { ...settings, eval: true })
      : new Worker(main.module, settings);
  return (handlers, { name }) => linkThread(platform(name), handlers, name);
}

/** Has V8 compile each loop so that it can be stopped. */
function keepChecks(): void {
  if (Number.parseInt(process.versions.v8 ?? "", 10) < V8_THAT_DROPS_CHECKS) return;
  process.getBuiltinModule("node:v8").setFlagsFromString(KEEPS_CHECKS);
}

/** Whether Node runs a text as a module, not a file (`--eval`, standard input). A thread, which has a file, may not be told. */
function isText(): boolean {
  return process.execArgv.some((flag) => flag.replaceAll("_", "-").startsWith("--input-type"));
}

/** Flags that say how modules are found. Others Node refuses to those that are told theirs. */
const MODULES =
  /^(-r|-C|--(require|import|conditions|loader|experimental-loader|preserve-symlinks))$/;
