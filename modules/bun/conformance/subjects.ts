// The columns of Bun in the conformance matrix.

import process from "node:process";
import { runtimeBlindSubjects, type Subject } from "../../testing/mod.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";
import { spawnSubprocess } from "../spawn_subprocess.ts";
import { spawnWorker } from "../spawn_worker.ts";

const PROGRAM = { executable: process.execPath, flags: [] };

/** What the suite is run on. */
export const subjects: readonly Subject[] = [
  ...runtimeBlindSubjects("Bun", PROGRAM),
  {
    name: "ThreadPoolExecutor on Bun",
    executorName: "ThreadPoolExecutor",
    traits: {
      workers: true,
      clones: true,
      isolated: true,
      processes: false,
      stopsBusyWorkers: true,
    },
    create: (options) => new ThreadPoolExecutor(options),
    spawn: spawnWorker(),
    script: {
      ...PROGRAM,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ThreadPoolExecutor",
    },
  },
  {
    name: "ProcessPoolExecutor on Bun",
    executorName: "ProcessPoolExecutor",
    traits: {
      workers: true,
      clones: true,
      isolated: true,
      processes: true,
      stopsBusyWorkers: true,
    },
    create: (options) => new ProcessPoolExecutor(options),
    spawn: spawnSubprocess({ env: undefined, cwd: undefined }),
    script: {
      ...PROGRAM,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ProcessPoolExecutor",
    },
  },
];
