// Starts a process: the host's side of the seam (../core/seam/channel.ts) on Deno.

import type { Spawn } from "../core/seam/channel.ts";
import { namedModules } from "../core/task.ts";
import { isThere } from "../workers/allowed.ts";
import { type GroupSignals, signalWords } from "../workers/group_signals.ts";
import { killedWithUs } from "../workers/killed_with_us.ts";
import { linkProcess } from "../workers/link_process.ts";
import { processEntry } from "../workers/worker_entry.ts";
import { WORKER_MARK } from "../workers/worker_mark.ts";

/** How processes are started. */
export interface ProcessSettings {
  readonly env: Record<string, string | undefined> | undefined;
  readonly cwd: string | undefined;
  /** Flags of `deno run` that say what a process may do. */
  readonly permissions: readonly string[];
  /** Default: they are let pass. */
  readonly signals?: GroupSignals | undefined;
}

/** Makes a `Spawn` for processes. Looks for programs and files now: importing this file touches nothing. */
export function spawnProcess({ env, cwd, permissions, signals }: ProcessSettings): Spawn {
  const config = configFlags();
  // To look through modules that may be read anyway only makes the start longer.
  const readsAll = permissions.includes("--allow-read");
  const isShown = (module: string) => !readsAll || !module.startsWith("file:");
  return (handlers) => {
    const guard = killedWithUs();
    const [program, ...args] = [
      ...guard.before,
      process.execPath,
      "run",
      "--quiet",
      "--no-prompt",
      ...config,
      ...permissions,
      // The fragment says to a pool in the worker what this program found: there is no folder to begin with there.
      `${mainModule(namedModules().filter(isShown))}#${encodeURIComponent(config.join(""))}`,
      WORKER_MARK,
      ...guard.after,
      ...signalWords(signals),
    ] as [string, ...string[]];
    return linkProcess(
      {
        command: [program, ...args],
        cwd,
        ...(env === undefined ? {} : { env: { ...process.env, ...env } }),
      },
      handlers,
    );
  };
}

/**
 * The worker's main module, and with it the modules of tasks that are named. What a main module names literally may be
 * loaded whatever the permissions are, with all that it imports; it is loaded when it is asked for.
 */
export function mainModule(named: readonly string[]): string {
  const find = () => new URL("../workers/process_main.ts", import.meta.url);
  const main = processEntry(find, Deno.build.standalone).href;
  const modules = named.filter((module) => !module.startsWith("data:"));
  const lines = modules.map((module) => `() => import(${JSON.stringify(module)});\n`);
  const source = `${lines.join("")}import ${JSON.stringify(main)};`;
  return `data:application/javascript,${encodeURIComponent(source)}`;
}

/**
 * How names of packages are found: most likely as this program does, by what lies nearest to its main module. Deno looks
 * for it by itself only from a main module that is a file.
 */
function configFlags(): string[] {
  const { dirname, join } = process.getBuiltinModule("node:path");
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  const main = new URL(Deno.mainModule);
  if (main.protocol === "data:" && main.hash.length > 1)
    return [decodeURIComponent(main.hash.slice(1))];
  if (main.protocol !== "file:") return [];
  for (let folder = dirname(fileURLToPath(Deno.mainModule)); ; folder = dirname(folder)) {
    const config = ["deno.json", "deno.jsonc"]
      .map((name) => join(folder, name))
      .find((path) => isThere(path) === true);
    if (config !== undefined) return [`--config=${config}`];
    if (isThere(join(folder, "package.json")) === true) return ["--node-modules-dir=manual"];
    if (folder === dirname(folder)) return [];
  }
}
