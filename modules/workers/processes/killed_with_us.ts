// Has a process end with this program, however that ends, busy or not.

import { mayRun } from "../allowed.ts";

/** Where util-linux has the program that has a process killed by the kernel when its parent is gone. */
const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];

/** What is asked of it. Others of its name, as BusyBox has one, and old ones of its own, do not know that. */
const KILL = ["--pdeathsig", "KILL"];

/** It answers in a millisecond; one that does not in so many is not it. */
const TRIAL_MS = 2_000;

const LACKS = /^E(AGAIN|MFILE|NFILE|NOMEM)$/;

/** The program that the kernel is asked by; null where there is none. Tried once. */
let found: string | null | undefined;

/**
 * What to write before a command, and the word behind the mark of its main module (process_main.ts), empty or not.
 *
 * Where the kernel does not do it, the process itself is told whose child it is, and looks whether that is still there.
 */
export function killedWithUs(): { before: string[]; host: string } {
  found ??= SETPRIV.find(works) ?? null;
  return found === null
    ? { before: [], host: `${process.pid}` }
    : { before: [found, ...KILL], host: "" };
}

/** Has it start itself, to say its version: that needs nothing else. */
function works(setpriv: string): boolean {
  if (!mayRun(setpriv)) return false;
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const options = { stdio: "ignore", env: {}, cwd: "/", timeout: TRIAL_MS } as const;
  const { status, error } = spawnSync(setpriv, [...KILL, setpriv, "--version"], options);
  // For want of processes or files nothing can be started now, whatever it is: that says nothing of it.
  if (LACKS.test((error as { code?: string } | undefined)?.code ?? "")) throw error;
  return status === 0;
}
