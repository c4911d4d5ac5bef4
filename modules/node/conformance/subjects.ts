// The columns of Node in the conformance matrix.

import process from "node:process";
import { runtimeBlindSubjects, type Subject, type SubjectTraits } from "../../testing/mod.ts";
import { spawnWorkerThread } from "../../workers/threads/spawn_worker_thread.ts";
import { spawnNodeProcess } from "../executors.ts";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "../mod.ts";

const PROGRAM = { executable: process.execPath, flags: [] };

const TRAITS: Omit<SubjectTraits, "processes"> = {
  workers: true,
  clones: true,
  isolated: true,
  stopsBusyWorkers: true,
};

const [inProcess] = runtimeBlindSubjects("Node", PROGRAM);

/** What the suite is run on. The fake channel is proved on other runtimes. */
export const subjects: readonly Subject[] = [
  inProcess as Subject,
  {
    name: "ThreadPoolExecutor on Node",
    executorName: "ThreadPoolExecutor",
    traits: { ...TRAITS, processes: false },
    create: (options) => new ThreadPoolExecutor(options),
    spawn: spawnWorkerThread({ memoryLimit: undefined, stopsBusyWorkers: true }),
    script: {
      ...PROGRAM,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ThreadPoolExecutor",
    },
  },
  {
    name: "ProcessPoolExecutor on Node",
    executorName: "ProcessPoolExecutor",
    traits: { ...TRAITS, processes: true, showsOutcomes: false },
    create: (options) => new ProcessPoolExecutor(options),
    spawn: spawnNodeProcess({}),
    script: {
      ...PROGRAM,
      module: new URL("../mod.ts", import.meta.url).href,
      executor: "ProcessPoolExecutor",
    },
  },
];
