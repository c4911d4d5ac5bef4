// Finds what workers are started with, and says so where a program does not have it: a program in one file.
//
// Such a program is all there is. Its executable starts the program itself, whatever else it is told to run; and the
// worker's entry is in no file beside it (docs/decisions/0035-programs-in-one-file.md).

import { UnsupportedRuntimeError } from "../core/errors.ts";
import { isThere } from "./allowed.ts";

/**
 * Finds the entry of a worker process, which this program's executable is to run.
 *
 * @param find makes its address by `import.meta.url`, which some bundlers leave empty.
 * @param isOneFile whether the executable is this program itself, not a runtime.
 * @throws {UnsupportedRuntimeError} Where there is none to be started. No second try would help.
 */
export function processEntry(find: () => URL, isOneFile: boolean): URL {
  if (isOneFile) {
    throw new UnsupportedRuntimeError(
      "Cannot start process: this program is a single executable, which would start itself; process pools are not " +
        "supported there yet: run the program from its modules by its runtime, or use EventLoopExecutor",
    );
  }
  let entry: URL;
  try {
    entry = find();
  } catch (cause) {
    throw noEntry("", { cause });
  }
  if (isMissing(entry)) throw noEntry(entry.href);
  return entry;
}

/** Why a thread did not start: because its entry, which `find` names, is not there, or for the reason given. */
export function whyNotStarted(find: () => URL, error: unknown): unknown {
  let entry: URL;
  try {
    entry = find();
  } catch {
    return noEntry("", { cause: error });
  }
  return isMissing(entry) ? noEntry(entry.href, { cause: error }) : error;
}

/** Others than files may be anywhere. */
function isMissing(entry: URL): boolean {
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return entry.protocol === "file:" && isThere(fileURLToPath(entry)) === false;
}

function noEntry(entry: string, options?: ErrorOptions): UnsupportedRuntimeError {
  const where = entry === "" ? "" : ` "${entry}"`;
  return new UnsupportedRuntimeError(
    `Cannot start worker: its entry${where} is not there, as in a program that is bundled into one file; keep ` +
      "@concurrent/futures out of the bundle (external), or use EventLoopExecutor",
    options,
  );
}
