// assertRuntime: the guard of every executor that needs one runtime. What it throws names the executor to take instead.

import { UnsupportedRuntimeError } from "../core/errors.ts";

/** A runtime that has an entry of its own. */
interface Home {
  /** As it ends "this is …". */
  readonly called: string;
  readonly entry: string;
  readonly executors: readonly string[];
  isHere(globals: object): boolean;
}

const THREADS = "ThreadPoolExecutor";
const POOLS: readonly string[] = [THREADS, "ProcessPoolExecutor"];

const HOMES = {
  deno: {
    called: "Deno",
    entry: "@concurrent/futures/deno",
    executors: POOLS,
    isHere: (globals) => "Deno" in globals,
  },
  bun: {
    called: "Bun",
    entry: "@concurrent/futures/bun",
    executors: POOLS,
    isHere: (globals) => "Bun" in globals,
  },
  browser: {
    called: "a browser",
    entry: "@concurrent/futures/browser",
    executors: [THREADS],
    // Deno, Bun and Node have no such name, though some have workers and locks.
    isHere: (globals) => "isSecureContext" in globals,
  },
  node: {
    called: "Node",
    entry: "@concurrent/futures/node",
    executors: POOLS,
    isHere: (globals) => !("Deno" in globals || "Bun" in globals) && hasNode(globals),
  },
} satisfies Record<string, Home>;

/**
 * Throws unless this is the runtime that an executor needs.
 *
 * @param wanted Whose entry the executor is of.
 * @param executor The name of its class.
 * @param globals Where runtimes are known by.
 * @throws {UnsupportedRuntimeError} On another runtime.
 */
export function assertRuntime(
  wanted: keyof typeof HOMES,
  executor: string,
  globals: object = globalThis,
): void {
  if (HOMES[wanted].isHere(globals)) return;
  const here = Object.values<Home>(HOMES).find((home) => home.isHere(globals));
  const which = here === undefined ? "" : `${here.called}, `;
  throw new UnsupportedRuntimeError(
    `Cannot create ${executor}: this is ${which}not ${HOMES[wanted].called}; ${instead(executor, here)}`,
  );
}

/** Whether this is the runtime of an entry. */
export function isHere(runtime: keyof typeof HOMES): boolean {
  return HOMES[runtime].isHere(globalThis);
}

/** What comes nearest to an executor where it is not: the one of the same name, else threads, else the event loop. */
function instead(executor: string, here: Home | undefined): string {
  if (executor === "Sandbox") return "no other runtime can deny a process its rights";
  if (here === undefined) return "use EventLoopExecutor of @concurrent/futures";
  return `use ${here.executors.includes(executor) ? executor : THREADS} of ${here.entry}`;
}

/** Deno and Bun have a `process` with the version of Node too; so has none that only resembles it. */
function hasNode({ process }: { process?: { versions?: { node?: unknown } } }): boolean {
  return typeof process?.versions?.node === "string";
}
