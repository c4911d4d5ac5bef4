// Starts a process: the host's side of the seam (../core/seam/channel.ts) on Deno.

import type { Spawn } from "../core/seam/channel.ts";
import { contextSlot } from "../core/task_context.ts";
import { namedModules } from "../core/task_source.ts";
import { workerEnv, workingDirectory } from "../workers/passed_on.ts";
import { CANNOT_MAP } from "../workers/processes/frames.ts";
import { type GroupSignals, signalWords } from "../workers/processes/group_signals.ts";
import { killedWithUs } from "../workers/processes/killed_with_us.ts";
import { linkProcess } from "../workers/processes/link_process.ts";
import { isOwnWorker, workerEntry } from "../workers/worker_entry.ts";
import { WORKER_MARK } from "../workers/worker_mark.ts";
import { closePoolsAtReload } from "./close_pools_at_reload.ts";
import { denoProgram } from "./deno_program.ts";
import { inheritedFlags } from "./inherited_flags.ts";
import { mapFile } from "./mapped_memory.ts";
import { assertPermitted, PROCESS_PERMISSIONS } from "./needed_permissions.ts";
import { ownProgram } from "./own_program.ts";
import { readable } from "./process_permissions.ts";
import { shownModules } from "./shown_modules.ts";

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
  // To look through modules that may be read anyway only makes the start longer.
  const readsAll = permissions.includes("--allow-read");
  const own = ownProgram();
  const mayRead = readable(permissions, cwd);
  const isShown = (module: string) => !readsAll || !module.startsWith("file:");
  // Of a library that is named nothing can be looked at. Who has none of it never gets it for this.
  let map = permissions.includes("--allow-ffi") ? mapFile : undefined;
  return (handlers, _worker, wanted = NOTHING) => {
    assertPermitted("start process", PROCESS_PERMISSIONS());
    const { before, host } = killedWithUs();
    const here = workingDirectory();
    const flags = inheritedFlags();
    closePoolsAtReload();
    const isOwn = isOwnWorker(findMain, own.isOneFile);
    const shown = isOwn ? undefined : shownModules(wanted(), namedModules());
    // Where there are handles, a worker may be given one (../workers/serve_worker.ts).
    if (contextSlot.handles !== undefined)
      shown?.add(new URL("../sync/mod.ts", import.meta.url).href);
    const main = () =>
      shown === undefined ? [own.main().module.href] : mainModule([...shown].filter(isShown));
    const [program = denoProgram(), ...args] = [
      ...before,
      denoProgram(),
      // An executable that is the program has its flags and permissions in itself.
      ...(isOwn && own.isOneFile
        ? []
        : ["run", "--quiet", "--no-prompt", ...flags, ...permissions, ...main()]),
      WORKER_MARK,
      host,
      // For a pool in the worker, which has no such command line.
      JSON.stringify(flags),
      ...signalWords(signals),
    ];
    const channel = linkProcess(
      {
        command: [program, ...args],
        // Deno does not start where there is no folder any more.
        cwd: cwd ?? (here === undefined ? "/" : undefined),
        env: workerEnv(env, cwd === undefined ? undefined : here),
        map,
      },
      {
        ...handlers,
        onExit(exit) {
          if (exit.code === CANNOT_MAP) map = undefined;
          handlers.onExit(exit);
        },
      },
    );
    if (shown === undefined) return channel;
    const canLoad = (module: string) =>
      shown.has(module) || !isShown(module) || module.startsWith("data:") || mayRead(module);
    return { ...channel, canLoad };
  };
}

const NOTHING = () => new Set<string>();

const findMain = () => new URL("./process_main.ts", import.meta.url);

/** The system takes no longer words, in bytes; half of it, to be safe. */
const LONGEST_WORD = 65_536;

/**
 * The worker's main module, and with it the modules of tasks that it is shown: words of a command line. What a main module,
 * or one that is loaded before it, names literally may be loaded whatever the permissions are, with all that it imports; it
 * is loaded when it is asked for.
 */
export function mainModule(shown: readonly string[]): string[] {
  const main = workerEntry(findMain, Deno.build.standalone).href;
  const words: string[] = [];
  let word = "";
  for (const module of shown) {
    // They bring their text with them.
    if (module.startsWith("data:")) continue;
    const line = encodeURIComponent(`() => import(${JSON.stringify(module)});\n`);
    if (word.length + line.length > LONGEST_WORD) {
      words.push(`--preload=${MODULE}${word}`);
      word = "";
    }
    word += line;
  }
  return [...words, `${MODULE}${word}${encodeURIComponent(`import ${JSON.stringify(main)};`)}`];
}

const MODULE = "data:application/javascript,";
