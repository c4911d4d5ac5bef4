// Adapts any executor of ours.

import { type Executor, type Future, importTasks, type Task, wait } from "@concurrent/futures";
import { type Adapter, callEach, type Pool } from "../contender.ts";

/** @param variant `"wait"` waits for a burst by `wait` instead of awaiting each future. */
export function executorAdapter(
  create: (maxWorkers: number) => Executor,
  variant: string | undefined,
): Adapter {
  return {
    open({ workers, task: name, moved }) {
      const tasks = importTasks<Record<string, (argument: unknown) => unknown>>(
        new URL("../tasks.ts", import.meta.url),
      );
      const plain = tasks[name] as Task<[unknown], unknown>;
      const task = moved
        ? plain.with({ transfer: (bytes) => [(bytes as Uint8Array<ArrayBuffer>).buffer] })
        : plain;
      const executor = create(workers);
      const call = (argument: unknown) => executor.submit(task, argument);
      return {
        call,
        many: variant === "wait" ? (args) => waitForEach(args.map(call)) : callEach(call),
        async map(args) {
          const results: unknown[] = [];
          for await (const result of executor.map(task, args)) results.push(result);
          return results;
        },
        interrupt: (future) => void (future as Future<unknown>).cancel({ interrupt: true }),
        cancel: (future) => void (future as Future<unknown>).cancel(),
        observe() {
          const listening = executor.observe(() => {});
          return () => listening[Symbol.dispose]();
        },
        close: () => executor.shutdown(),
      } satisfies Pool;
    },
  };
}

async function waitForEach(futures: readonly Future<unknown>[]): Promise<unknown[]> {
  await wait(futures);
  return futures.map((future) => future.snapshot().value);
}
