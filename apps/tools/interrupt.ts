// Ctrl-C as a signal that tasks can be given: what has been found so far is still told.

import process from "node:process";

/** A shell's exit code for a program that Ctrl-C has ended. */
const INTERRUPTED = 130;

/** Makes a signal that aborts by Ctrl-C; a second one ends the program as if nobody listened. */
export function interrupt(): AbortSignal {
  const controller = new AbortController();
  process.once("SIGINT", () => {
    process.exitCode = INTERRUPTED;
    controller.abort();
  });
  return controller.signal;
}
