// The pools of the runtime that runs this.

import type { ErrorContext, Executor } from "../core/executor.ts";
import type { Task } from "../core/task.ts";

/** What options the command sets. */
export interface PoolSettings {
  readonly name: string;
  readonly maxWorkers: number;
  // biome-ignore lint/suspicious/noExplicitAny: any task will do; its arguments are `initializerArgs`
  readonly initializer?: Task<any[], unknown>;
  readonly initializerArgs?: unknown[];
  readonly memoryLimit?: number;
  readonly permissions?: string;
  readonly onError?: (error: unknown, about: ErrorContext) => void;
}

type Pool = new (options: PoolSettings) => Executor;

/** Pools of a runtime. */
export interface Pools {
  readonly ThreadPoolExecutor: Pool;
  readonly ProcessPoolExecutor: Pool;
}

export type RuntimeName = "Deno" | "Bun" | "Node";

/** The runtime that runs this. */
export const RUNTIME: RuntimeName =
  "Deno" in globalThis ? "Deno" : "Bun" in globalThis ? "Bun" : "Node";

// Addresses are made when they are asked for: what Node knows of a file takes it 1 ms, and `futures run` asks for nothing.

/** By address: the types of a runtime are there only on that runtime. */
const ENTRIES: Record<RuntimeName, () => URL> = {
  Deno: () => new URL("../deno/mod.ts", import.meta.url),
  Bun: () => new URL("../bun/mod.ts", import.meta.url),
  Node: () => new URL("../node/mod.ts", import.meta.url),
};

/** Where the worker's end of `futures map` is. Here, for in the built command only the folder of this file stays what it is. */
export const callModule = (): URL => new URL("./worker/call.ts", import.meta.url);

/** Where the dashboard is: only --dashboard loads it, and what it needs. */
export const dashboardModule = (): URL => new URL("../dashboard/mod.ts", import.meta.url);

/** Where the queue is: only --queue loads it, and what it needs. */
export const queueModule = (): URL => new URL("../queue/mod.ts", import.meta.url);

/** Where it is decided how processes on Deno share memory with this program: `futures doctor` tells that. */
export const mappedMemoryModule = (): URL => new URL("../deno/mapped_memory.ts", import.meta.url);

/** Loads the pools of this runtime. */
export async function loadPools(): Promise<Pools> {
  return (await import(ENTRIES[RUNTIME]().href)) as Pools;
}

/** How many cores there are. */
export function cores(): number {
  return Math.max(1, globalThis.navigator?.hardwareConcurrency ?? 1);
}
