// poolifier, on threads or on processes of node:cluster; and poolifier-web-worker, which has the same interface.

import { type Adapter, callEach, type Pool } from "../contender.ts";
import { load } from "./load.ts";

interface Poolifier {
  execute(argument: unknown, task: string): Promise<unknown>;
  mapExecute(args: readonly unknown[], task: string): Promise<unknown[]>;
  destroy(): Promise<void>;
}

type PoolifierClass = new (workers: number, file: URL | string, options: object) => Poolifier;

/** @param variant the package. */
export async function adapter(variant: string | undefined): Promise<Adapter> {
  const name = variant ?? "poolifier";
  const { FixedThreadPool } = await load<{ FixedThreadPool: PoolifierClass }>(name);
  const worker = new URL(`./${name.replaceAll("-", "_")}_main.js`, import.meta.url);
  const options = { errorHandler: (error: unknown) => console.error(error) };
  return {
    open({ workers, task }) {
      const file = name === "poolifier" ? worker.pathname : worker;
      const pool = new FixedThreadPool(workers, file, options);
      const call = (argument: unknown) => pool.execute(argument, task);
      return {
        call,
        many: callEach(call),
        map: (args) => pool.mapExecute(args, task),
        close: () => pool.destroy(),
      } satisfies Pool;
    },
  };
}
