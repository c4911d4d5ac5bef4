// The columns of a browser in the conformance matrix: what a page runs the suite on.

import { runtimeBlindSubjects, type Subject } from "../../testing/mod.ts";
import { ThreadPoolExecutor } from "../mod.ts";
import { spawnWorker } from "../spawn_worker.ts";

/** What the suite is run on, in this page: one that is isolated has memory in common with its workers. */
export function subjectsOfPage(): Subject[] {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated === true;
  const browser = isolated ? "Chromium, isolated" : "Chromium";
  // The fake channel is a means of tests, which is the same in every runtime.
  const eventLoop = runtimeBlindSubjects(browser).filter(({ traits }) => !traits.workers);
  return [
    ...eventLoop,
    {
      name: `ThreadPoolExecutor on ${browser}`,
      executorName: "ThreadPoolExecutor",
      traits: {
        workers: true,
        clones: true,
        isolated: true,
        processes: false,
        stopsBusyWorkers: true,
        exitCodes: false,
        sharesMemory: isolated,
      },
      create: (options) => new ThreadPoolExecutor(options),
      spawn: spawnWorker(),
    },
  ];
}
