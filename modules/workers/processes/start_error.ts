// startError: what it means that a process could not be started. The system has one word for a program and for a folder that
// is not there, and runtimes tell it of the program.

import { isThere } from "../allowed.ts";

/** An error that says what is missing: the folder that the process was to work in, or else what the platform says. */
export function startError(error: unknown, cwd: string | undefined): unknown {
  const { code } = error as { code?: unknown };
  if (cwd === undefined || (code !== "ENOENT" && code !== "ENOTDIR")) return error;
  // One that may not be looked at may be there.
  if (isThere(cwd) === undefined) return error;
  const { statSync } = process.getBuiltinModule("node:fs");
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true) return error;
  return new RangeError(`Cannot start process: its cwd "${cwd}" is no folder`, { cause: error });
}
