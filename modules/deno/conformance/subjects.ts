// The columns of Deno in the conformance matrix.

import process from "node:process";
import { runtimeBlindSubjects, type Subject } from "../../testing/mod.ts";
import { spawnWorkerThread } from "../../workers/threads/spawn_worker_thread.ts";
import { mayMap } from "../mapped_memory.ts";
import { ProcessPoolExecutor, type ProcessPoolOptions, ThreadPoolExecutor } from "../mod.ts";
import { spawnProcess } from "../spawn_process.ts";

const PROGRAM = {
  executable: process.execPath,
  // Quiet: another Deno at work on the same folder would have it print that it waits.
  flags: ["run", "--quiet", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
};

const ALL_BUT_FFI = {
  env: "inherit",
  net: "inherit",
  read: "inherit",
  run: "inherit",
  sys: "inherit",
  write: "inherit",
} as const;

/** What the suite is run on. */
export const subjects: readonly Subject[] = [
  ...runtimeBlindSubjects("Deno", PROGRAM),
  {
    name: "ThreadPoolExecutor on Deno",
    executorName: "ThreadPoolExecutor",
    traits: {
      workers: true,
      clones: true,
      isolated: true,
      processes: false,
      stopsBusyWorkers: false,
    },
    create: (options) => new ThreadPoolExecutor(options),
    spawn: spawnWorkerThread({ memoryLimit: undefined, stopsBusyWorkers: false }),
    script: {
      ...PROGRAM,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ThreadPoolExecutor",
    },
  },
  processes("ProcessPoolExecutor on Deno", mayMap()),
];

/** Processes that may not map their memory, whatever this program may: they read and write it. */
export const processesByFile: Subject = processes("ProcessPoolExecutor on Deno, by file", false);

/** Processes, of which the outcomes are shown at once where the memory is mapped. */
function processes(name: string, isMapped: boolean): Subject {
  const flags = [...PROGRAM.flags, "--allow-run", ...(isMapped ? ["--allow-ffi"] : [])];
  const create = (options: ProcessPoolOptions) =>
    // As it is where it can be: what is no record must be refused.
    new ProcessPoolExecutor(
      isMapped === mayMap() ? options : { permissions: ALL_BUT_FFI, ...options },
    );
  return {
    name,
    executorName: "ProcessPoolExecutor",
    traits: {
      workers: true,
      clones: true,
      isolated: true,
      processes: true,
      stopsBusyWorkers: true,
      showsOutcomes: isMapped,
    },
    create,
    spawn: spawnProcess({
      env: undefined,
      cwd: undefined,
      permissions: flags.filter((flag) => flag.startsWith("--allow-")),
    }),
    script: {
      ...PROGRAM,
      flags,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ProcessPoolExecutor",
    },
  };
}
