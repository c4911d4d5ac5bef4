// Finds the program that processes of Deno are started by: Deno itself, by a name under which this program may run it.
//
// Who may run "deno" (--allow-run=deno) may run the file that the system finds by that name, which often is a link. What Deno
// says it is itself is the file that the link leads to: to its permissions another one.

import { isThere, mayRun } from "../workers/allowed.ts";

const NAME = "deno";

/** To say its version, it takes some milliseconds; much longer on a machine with much else to do. */
const ASK_MS = 5_000;

let found: string | undefined;

/** The program, found once; where this one may run none, what Deno says it is. */
export function denoProgram(): string {
  found ??= find();
  return found;
}

function find(): string {
  const own = process.execPath;
  // Where it has been taken away it is told to be missing: another one by that name may go tomorrow.
  const isOwn = Deno.build.standalone || mayRun(own) || isThere(own) === false;
  return isOwn || !mayRun(NAME) || !isSame() ? own : NAME;
}

/** Another Deno may be found by that name than the one that runs here. */
function isSame(): boolean {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout } = spawnSync(NAME, ["--version"], { env: {}, cwd: "/", timeout: ASK_MS });
  return String(stdout).startsWith(`deno ${Deno.version.deno} `);
}
