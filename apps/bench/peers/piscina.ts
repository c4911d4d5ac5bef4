// piscina, and tinypool, its descendant with the same interface.

import { type Adapter, callEach, type Pool } from "../contender.ts";
import { load, TASKS_URL } from "./load.ts";

interface PiscinaLike {
  run(argument: unknown, options: { name: string; signal?: AbortSignal }): Promise<unknown>;
  destroy(): Promise<void>;
}

type PiscinaClass = new (options: Record<string, unknown>) => PiscinaLike;

/** @param variant `"piscina"`, `"tinypool"` or `"tinypool child_process"`. */
export async function adapter(variant: string | undefined): Promise<Adapter> {
  const [name = "piscina", runtime] = variant?.split(" ") ?? [];
  const { default: Piscina } = await load<{ default: PiscinaClass }>(name);
  return {
    open({ workers, task, interruptible }) {
      const pool = new Piscina({
        filename: TASKS_URL.href,
        minThreads: workers,
        maxThreads: workers,
        ...(runtime ? { runtime } : {}),
        // With its default, tinypool hangs on Deno more often than not: a worker sleeps through its first task.
        ...(name === "tinypool" && "Deno" in globalThis ? { useAtomics: false } : {}),
      });
      const aborts = new WeakMap<PromiseLike<unknown>, AbortController>();
      const call = (argument: unknown) => {
        if (!interruptible) return pool.run(argument, { name: task });
        const abort = new AbortController();
        const running = pool.run(argument, { name: task, signal: abort.signal });
        aborts.set(running, abort);
        return running;
      };
      return {
        call,
        many: callEach(call),
        interrupt: (running) => aborts.get(running)?.abort(),
        close: () => pool.destroy(),
      } satisfies Pool;
    },
  };
}
