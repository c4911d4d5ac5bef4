// Finds the command line of this program.
//
// Deno tells a program its arguments and not its flags. The system knows them: on Linux they are in /proc, which Deno opens
// to programs that may do everything; others ask `cat`, or a Deno of their own.

import { mayRun } from "../workers/allowed.ts";
import { denoProgram } from "./deno_program.ts";

let found: readonly string[] | undefined;

/**
 * What stands between the name of Deno and the program's arguments, found once: flags, and the main module. Nothing where
 * it cannot be known.
 */
export function wordsBeforeArguments(): readonly string[] {
  found ??= find();
  return found;
}

function find(): string[] {
  const words = commandLine().slice(1);
  // What stands behind is the program's own, and no flag whatever it looks like.
  return words.slice(0, Math.max(0, words.length - Deno.args.length));
}

/** The words that this program was started by. */
function commandLine(): string[] {
  const file = `/proc/${process.pid}/cmdline`;
  try {
    return split(process.getBuiltinModule("node:fs").readFileSync(file, "utf8"), "\0");
  } catch {
    // Who may run programs may ask one.
  }
  const script = `await Deno.stdout.write(Deno.readFileSync("${file}"))`;
  const askers =
    process.platform === "linux"
      ? [
          ["\0", "/bin/cat", file],
          ["\0", denoProgram(), "eval", "--no-config", "--no-lock", script],
        ]
      : // It does not say where a word ends that has a space in it.
        [[" ", "/bin/ps", "-ww", "-o", "args=", "-p", `${process.pid}`]];
  for (const [separator = "", program = "", ...args] of askers) {
    if (!mayRun(program)) continue;
    const { spawnSync } = process.getBuiltinModule("node:child_process");
    // Without an environment of its own it would be given ours, which a program may not be permitted to read.
    const { status, stdout } = spawnSync(program, args, { cwd: "/", env: {}, timeout: ASK_MS });
    if (status === 0) return split(String(stdout), separator);
  }
  return [];
}

/** Enough for a Deno to start on a machine that has much else to do. */
const ASK_MS = 5_000;

function split(words: string, separator: string): string[] {
  const all = words.split(separator);
  if (all.at(-1)?.trim() === "") all.pop();
  return all;
}
