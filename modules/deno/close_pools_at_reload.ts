// What becomes of pools when `deno run --watch-hmr` loads their program anew: their processes are ended, which would live on
// with the watcher.
//
// It tells nobody by `unload` nor `exit`, as `--watch` does, but sends SIGTERM to whoever listens, and waits for half a second
// (docs/decisions/0038-pools-that-nobody-has.md).

import { closePools } from "../core/pool.ts";
import { wordsBeforeArguments } from "./command_line.ts";

/** Who is still here so many milliseconds after the signal is not loaded anew: it was sent from outside, to end the watcher. */
const MEANT_FOR_ALL_MS = 2_000;

let listens = false;

/** To be called when a process is started: not before, for it may take a look at the system. Only under that watcher it listens. */
export function closePoolsAtReload(): void {
  // A thread's program is not its own to end.
  if (listens || Deno.mainModule === undefined || !isHotReplaced()) return;
  listens = true;
  process.on("SIGTERM", end);
}

function isHotReplaced(): boolean {
  return wordsBeforeArguments().some((word) => /^--watch-hmr(=|$)/.test(word));
}

function end(): void {
  closePools();
  // It holds the program, which would have ended without a listener.
  setTimeout(() => {
    process.off("SIGTERM", end);
    if (process.listenerCount("SIGTERM") === 0) process.kill(process.pid, "SIGTERM");
  }, MEANT_FOR_ALL_MS);
}
