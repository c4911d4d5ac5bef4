// The subjects that every runtime has: in-process, and the fake channel with and without shared memory.
import { EventLoopExecutor, type Executor, PoolExecutor, type PoolOptions } from "../../mod.ts";
import { createFakeSpawn, type FakeFaults } from "./fake_channel.ts";
import type { ScriptCommand, Subject } from "./subject.ts";

/**
 * Lists the executors that need nothing of a runtime.
 *
 * @example The columns of a runtime's matrix begin with these
 * ```ts
 * import { runtimeBlindSubjects } from "@concurrent/futures/testing";
 * import assert from "node:assert/strict";
 *
 * const [inProcess] = runtimeBlindSubjects("Deno", { executable: "deno", flags: ["run"] });
 * assert.equal(inProcess?.name, "EventLoopExecutor on Deno");
 * ```
 *
 * @param runtime The runtime's name, for the columns' titles.
 * @param program How the runtime runs a script; a page runs none.
 * @returns The subjects.
 */
export function runtimeBlindSubjects(
  runtime: string,
  program?: Pick<ScriptCommand, "executable" | "flags">,
): Subject[] {
  return [
    {
      name: `EventLoopExecutor on ${runtime}`,
      executorName: "EventLoopExecutor",
      traits: {
        workers: false,
        clones: false,
        isolated: false,
        processes: false,
        stopsBusyWorkers: false,
      },
      create: (options) => new EventLoopExecutor(options),
      ...(program === undefined
        ? {}
        : {
            script: {
              ...program,
              module: new URL("../../mod.ts", import.meta.url).href,
              executor: "EventLoopExecutor",
            },
          }),
    },
    fakeSubject(`PoolExecutor over the fake channel on ${runtime}`, {}),
    fakeSubject(`PoolExecutor over the fake channel with shared memory on ${runtime}`, {
      sharesMemory: true,
    }),
  ];
}

function fakeSubject(name: string, faults: FakeFaults): Subject {
  const spawn = createFakeSpawn(faults);
  return {
    name,
    executorName: "PoolExecutor",
    traits: {
      workers: true,
      clones: true,
      isolated: false,
      processes: false,
      stopsBusyWorkers: true,
    },
    create: (options?: PoolOptions): Executor => new PoolExecutor(spawn, options),
    spawn,
  };
}
