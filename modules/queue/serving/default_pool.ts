// The pool an agent has unless it is given one: processes of the runtime that runs it.

import process from "node:process";
import type { Executor } from "../../core/executor.ts";

const { deno, bun, node } = process.versions;

/** The runtime and its version. */
export const RUNTIME: string = deno ? `Deno ${deno}` : bun ? `Bun ${bun}` : `Node ${node}`;

/** By address: the types of a runtime are there only on that runtime. */
const ENTRY = deno
  ? new URL("../../deno/mod.ts", import.meta.url)
  : bun
    ? new URL("../../bun/mod.ts", import.meta.url)
    : new URL("../../node/mod.ts", import.meta.url);

/** Makes it. */
export async function defaultPool(): Promise<Executor> {
  const { ProcessPoolExecutor } = (await import(ENTRY.href)) as {
    ProcessPoolExecutor: new () => Executor;
  };
  return new ProcessPoolExecutor();
}
