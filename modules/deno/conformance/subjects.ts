// The columns of Deno in the conformance matrix.

import process from "node:process";
import { runtimeBlindSubjects, type Subject } from "../../testing/mod.ts";
import { spawnWorkerThread } from "../../workers/threads/spawn_worker_thread.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";
import { spawnProcess } from "../spawn_process.ts";

const PROGRAM = {
  executable: process.execPath,
  // Quiet: another Deno at work on the same folder would have it print that it waits.
  flags: ["run", "--quiet", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
};

/** Processes have to be started. */
const PROGRAM_OF_PROCESSES = { ...PROGRAM, flags: [...PROGRAM.flags, "--allow-run"] };

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
  {
    name: "ProcessPoolExecutor on Deno",
    executorName: "ProcessPoolExecutor",
    traits: {
      workers: true,
      clones: true,
      isolated: true,
      processes: true,
      stopsBusyWorkers: true,
      showsOutcomes: false,
    },
    create: (options) => new ProcessPoolExecutor(options),
    spawn: spawnProcess({
      env: undefined,
      cwd: undefined,
      permissions: ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-run"],
    }),
    script: {
      ...PROGRAM_OF_PROCESSES,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ProcessPoolExecutor",
    },
  },
];
