// workerpool, on threads.

import { type Adapter, callEach, type Pool } from "../contender.ts";
import { load } from "./load.ts";

interface WorkerPool {
  exec(task: string, args: unknown[]): PromiseLike<unknown> & { cancel(): void };
  terminate(force: boolean): Promise<unknown>;
}

interface WorkerPoolModule {
  readonly default: { pool(file: string, options: object): WorkerPool };
}

export async function adapter(): Promise<Adapter> {
  const { default: workerpool } = await load<WorkerPoolModule>("workerpool");
  return {
    open({ workers, task }) {
      const pool = workerpool.pool(new URL("./workerpool_main.js", import.meta.url).pathname, {
        minWorkers: workers,
        maxWorkers: workers,
        workerType: "thread",
      });
      const call = (argument: unknown) => pool.exec(task, [argument]);
      return {
        call,
        many: callEach(call),
        interrupt: (running) => (running as ReturnType<WorkerPool["exec"]>).cancel(),
        close: () => pool.terminate(true),
      } satisfies Pool;
    },
  };
}
