// comlink over Web Workers: a link to each worker, no queue; calls go to the workers in turn.

import { type Adapter, callEach, type Pool } from "../contender.ts";
import type { TASKS } from "../tasks.ts";
import { load } from "./load.ts";

type Remote = Record<keyof typeof TASKS, (argument: unknown) => Promise<unknown>>;

export async function adapter(): Promise<Adapter> {
  const { wrap } = await load<{ wrap(worker: Worker): Remote }>("comlink");
  return {
    open({ workers: count, task }) {
      const workers = Array.from(
        { length: count },
        () => new Worker(new URL("./comlink_main.js", import.meta.url), { type: "module" }),
      );
      const remotes = workers.map((worker) => wrap(worker));
      let turn = 0;
      const call = (argument: unknown) => (remotes[turn++ % count] as Remote)[task](argument);
      return {
        call,
        many: callEach(call),
        close: () => workers.forEach((worker) => void worker.terminate()),
      } satisfies Pool;
    },
  };
}
