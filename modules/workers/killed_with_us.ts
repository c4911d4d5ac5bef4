// Has a process end with this program, however that ends, busy or not.

import { isThere } from "./is_there.ts";

/** Where util-linux has the program that has a process killed by the kernel when its parent is gone. */
const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"];

/**
 * What to write before a command, and behind its main module (process_main.ts).
 *
 * Where the kernel does not do it, the process itself is told whose child it is, and looks whether that is still there.
 */
export function killedWithUs(): { before: string[]; after: string[] } {
  const setpriv = SETPRIV.find((path) => isThere(path) === true);
  if (setpriv === undefined) return { before: [], after: [`${process.pid}`] };
  return { before: [setpriv, "--pdeathsig", "KILL"], after: [] };
}
