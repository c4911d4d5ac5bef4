// Printed: what a task printed, on its way to the server: the detail of a progress report, the one thing a task can send.

import type { OutputLine } from "../contract.ts";

/** Characters that are kept of one job, on either side. */
export const OUTPUT_LIMIT = 64 * 1024;

/** Marks a detail that carries output. */
export const OUTPUT = "playground:output";

/** A detail that carries output. */
export interface Printed {
  readonly [OUTPUT]: readonly OutputLine[];
  /** Whether the worker left something out. */
  readonly cut: boolean;
}
