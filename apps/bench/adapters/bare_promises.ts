// No workers at all: a promise for each call, settled in a later turn of the event loop. What it costs a runtime to keep
// so many, whatever is done with them.

import { type Adapter, callEach, type Pool } from "../contender.ts";
import { TASKS } from "../tasks.ts";

interface Waiting {
  readonly argument: unknown;
  readonly resolve: (value: unknown) => void;
}

/** Adapts nothing. */
export function adapter(): Adapter {
  return {
    open({ task }) {
      const run = TASKS[task] as (argument: unknown) => unknown;
      let waiting: Waiting[] = [];
      const settleAll = () => {
        const calls = waiting;
        waiting = [];
        for (const { argument, resolve } of calls) resolve(run(argument));
      };
      const call = (argument: unknown) => {
        const { promise, resolve } = Promise.withResolvers<unknown>();
        if (waiting.push({ argument, resolve }) === 1) setTimeout(settleAll);
        return promise;
      };
      return { call, many: callEach(call), cancel() {}, close() {} } satisfies Pool;
    },
  };
}
