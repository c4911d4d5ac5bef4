// A pool of threads on whatever runtime this is: tools for people should not mind.

import type { Executor } from "@concurrent/futures";

const RUNTIME = "Deno" in globalThis ? "deno" : "Bun" in globalThis ? "bun" : "node";

/** Makes it. */
export async function threads(): Promise<Executor> {
  // Not by its whole name: each runtime has only its own types.
  const entry: { ThreadPoolExecutor: new () => Executor } = await import(
    `@concurrent/futures/${RUNTIME}`
  );
  return new entry.ThreadPoolExecutor();
}
