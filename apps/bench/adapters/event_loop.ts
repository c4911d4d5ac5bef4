// Our executor without workers.

import { EventLoopExecutor } from "@concurrent/futures";
import { ASYNC_TASKS } from "../async_tasks.ts";
import { type Adapter, callEach, type Pool } from "../contender.ts";

export function adapter(): Adapter {
  return {
    open({ workers }) {
      const executor = new EventLoopExecutor({ maxWorkers: workers });
      const call = (argument: unknown) =>
        executor.submit(ASYNC_TASKS.increment, argument as number);
      return {
        call,
        many: callEach(call),
        async map(args) {
          const results: unknown[] = [];
          for await (const result of executor.map(ASYNC_TASKS.increment, args as readonly number[]))
            results.push(result);
          return results;
        },
        waitBehind: (gate) => executor.submit(ASYNC_TASKS.waitFor, gate),
        close: () => executor.shutdown(),
      } satisfies Pool;
    },
  };
}
