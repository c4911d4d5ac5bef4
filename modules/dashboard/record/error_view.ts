// How an error is told. A task may throw anything, so nothing is taken for granted here.

import { stripVTControlCharacters } from "node:util";
import type { ErrorView } from "../contract.ts";

/** How far a chain of causes is followed; it may be a circle. */
const CAUSES = 8;

const LONGEST_MESSAGE = 10_000;
const LONGEST_STACK = 20_000;

/** The end of a cause chain that crossed from a worker: nothing but the stack it had there. */
const REMOTE = "RemoteTraceback";

export function viewError(error: unknown, depth = CAUSES): ErrorView {
  if (!(error instanceof Error)) {
    return {
      name: error === null ? "null" : typeof error,
      message: text(safeString(error), LONGEST_MESSAGE),
      code: null,
      stack: null,
      workerStack: null,
      cause: null,
    };
  }
  const { cause } = error;
  const remote = cause instanceof Error && cause.name === REMOTE ? cause : undefined;
  const next = remote === undefined ? cause : remote.cause;
  const code = "code" in error ? error.code : undefined;
  return {
    name: text(String(error.name), 100),
    message: text(String(error.message), LONGEST_MESSAGE),
    code: typeof code === "string" || typeof code === "number" ? code : null,
    stack: error.stack === undefined ? null : text(String(error.stack), LONGEST_STACK),
    workerStack: remote?.stack === undefined ? null : text(String(remote.stack), LONGEST_STACK),
    cause: next === undefined || depth <= 1 ? null : viewError(next, depth - 1),
  };
}

function safeString(value: unknown): string {
  try {
    return String(value);
  } catch {
    return "a value that cannot be shown";
  }
}

/** Errors of a runtime may be coloured for a terminal, which a page and a log are not. */
function text(raw: string, limit: number): string {
  return stripVTControlCharacters(raw.length > limit ? `${raw.slice(0, limit)}…` : raw);
}
