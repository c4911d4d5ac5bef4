// Finds what workers are started with: their own entry, or this program, where that has none and can be its own worker.
//
// A program in one file is all there is. Its executable starts the program itself, whatever else it is told to run; and the
// worker's entry is in no file beside it (docs/decisions/0044-a-program-that-is-its-own-worker.md).

import { UnsupportedRuntimeError } from "../core/errors.ts";
import { contextSlot } from "../core/task_context.ts";
import { isThere } from "./allowed.ts";
import { advice } from "./worker_mark.ts";

/** Makes the address of an entry by `import.meta.url`, which some bundlers leave empty. */
type FindEntry = () => URL;

/**
 * Whether a worker is to be this program itself.
 *
 * @param isOneFile whether the executable is this program, not a runtime.
 */
export function isOwnWorker(find: FindEntry, isOneFile: boolean): boolean {
  if (contextSlot.ownWorker === undefined) return false;
  return isOneFile || IS_BUNDLED || isMissing(entryAt(find));
}

/**
 * The same for a thread, whose entry is not looked for in a program that runs from its modules.
 *
 * @throws {UnsupportedRuntimeError} Where there is no entry, and the program has not said that it may be its own worker.
 */
export function isOwnThread(find: FindEntry, isOneFile: boolean): boolean {
  if (contextSlot.ownWorker === undefined && IS_BUNDLED) workerEntry(find, false);
  return isOwnWorker(find, isOneFile);
}

/**
 * Whether this file is part of a program's own. A program may have no leave to look whether an entry is there. In the package
 * it is part of one of the library's.
 */
const IS_BUNDLED = !/\/(worker_entry\.[jt]s|modules\/parts\/\w+\.js)$/.test(
  String(import.meta.url),
);

/**
 * Finds the entry of a worker, which for a process this program's executable is to run.
 *
 * @param isOneFile whether the executable is this program, not a runtime.
 * @throws {UnsupportedRuntimeError} Where there is none to be started. No second try would help.
 */
export function workerEntry(find: FindEntry, isOneFile: boolean): URL {
  if (isOneFile) {
    throw new UnsupportedRuntimeError(
      `Cannot start process: this program is a single executable, which would start itself; ${advice()}`,
    );
  }
  const entry = entryAt(find);
  if (entry === undefined || isMissing(entry)) throw noEntry(entry);
  return entry;
}

/** Why a thread did not start: because its entry, which `find` names, is not there, or for the reason given. */
export function whyNotStarted(find: FindEntry, error: unknown): unknown {
  const entry = entryAt(find);
  const isGone = entry === undefined || isMissing(entry);
  return isGone && contextSlot.ownWorker === undefined ? noEntry(entry, { cause: error }) : error;
}

function entryAt(find: FindEntry): URL | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Others than files may be anywhere. */
function isMissing(entry: URL | undefined): boolean {
  if (entry === undefined) return true;
  const { fileURLToPath } = process.getBuiltinModule("node:url");
  return entry.protocol === "file:" && isThere(fileURLToPath(entry)) === false;
}

function noEntry(entry: URL | undefined, options?: ErrorOptions): UnsupportedRuntimeError {
  const where = entry === undefined ? "" : ` "${entry.href}"`;
  return new UnsupportedRuntimeError(
    `Cannot start worker: its entry${where} is not there, as in a program that is bundled into one file; ${advice()}; ` +
      "or keep @concurrent/futures out of the bundle (external)",
    options,
  );
}
