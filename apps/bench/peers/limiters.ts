// p-limit, p-map and p-queue: so many async functions at once, on the event loop.

import { ASYNC_TASKS } from "../async_tasks.ts";
import { type Adapter, callEach, type OpenOptions, type Pool } from "../contender.ts";
import { load } from "./load.ts";

type Limit = <A>(task: (argument: A) => Promise<unknown>, argument: A) => Promise<unknown>;

interface Queue {
  add(task: () => Promise<unknown>): Promise<unknown>;
}

/** How each of them is used, by name. */
const OPEN: Readonly<Record<string, () => Promise<(options: OpenOptions) => Pool>>> = {
  async "p-limit"() {
    const { default: pLimit } = await load<{ default(concurrency: number): Limit }>("p-limit");
    return ({ workers }) => {
      const limit = pLimit(workers);
      return pool((task, argument) => limit(task, argument));
    };
  },
  async "p-queue"() {
    const { default: PQueue } = await load<{
      default: new (options: { concurrency: number }) => Queue;
    }>("p-queue");
    return ({ workers }) => {
      const queue = new PQueue({ concurrency: workers });
      return pool((task, argument) => queue.add(() => task(argument)));
    };
  },
  async "p-map"() {
    const { default: pMap } = await load<{
      default(
        args: readonly unknown[],
        task: (argument: unknown) => Promise<unknown>,
        options: { concurrency: number },
      ): Promise<readonly unknown[]>;
    }>("p-map");
    return ({ workers: concurrency }) => {
      const map = (args: readonly unknown[]) => pMap(args, increment, { concurrency });
      return { call: (argument) => map([argument]), many: map, map, close() {} };
    };
  },
};

const increment = (argument: unknown) => ASYNC_TASKS.increment(argument as number);

function pool(
  submit: <A>(task: (argument: A) => Promise<unknown>, argument: A) => Promise<unknown>,
): Pool {
  const call = (argument: unknown) => submit(increment, argument);
  return {
    call,
    many: callEach(call),
    waitBehind: (gate) => submit(ASYNC_TASKS.waitFor, gate),
    close() {},
  };
}

export async function adapter(variant: string | undefined): Promise<Adapter> {
  const open = await (OPEN[variant ?? ""] as (typeof OPEN)[string])();
  return { open };
}
