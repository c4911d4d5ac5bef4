// timeToStart: a limit for the start of a worker that holds on this machine, as loaded as it is.
import type { CaseContext } from "./case_context.ts";
import { arithmetic } from "./tasks.ts";

// Long enough where nothing else runs; elsewhere so many times as long as one takes.
const START_MS = 600;
const STARTS = 4;

/** Measures how long a worker takes to start here and now, and gives a limit that it keeps. Milliseconds. */
export async function timeToStart(context: CaseContext): Promise<number> {
  const began = performance.now();
  await context.create({ maxWorkers: 1 }).submit(arithmetic.square, 3);
  return Math.max(START_MS, Math.ceil(STARTS * (performance.now() - began)));
}
