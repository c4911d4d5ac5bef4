// What Deno, Bun and Node have to tell who prints, and what: for a worker that captures its console.

import type { PrintingTools } from "../core/brand.ts";

/** Finds it; undefined where there is nothing of the kind. */
export function printingTools(): PrintingTools | undefined {
  const { process } = globalThis as { process?: NodeJS.Process };
  if (process?.getBuiltinModule === undefined) return undefined;
  const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
  const { format, stripVTControlCharacters } = process.getBuiltinModule("node:util");
  return {
    // Some runtimes colour what they show.
    format: (...args) => stripVTControlCharacters(format(...args)),
    storage: new AsyncLocalStorage(),
  };
}
