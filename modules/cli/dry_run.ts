// --dry-run: prints what would be run, and runs nothing.

import type { Intake } from "./input/intake.ts";
import { print } from "./print.ts";
import type { Launcher } from "./runner/launcher.ts";

/** So many are printed at once. */
const TOGETHER = 1000;

/** Prints a line for each job, as they are read. */
export async function printJobs(intake: Intake, launcher: Launcher): Promise<void> {
  while (!intake.ended) {
    await intake.more();
    const jobs = intake.take(TOGETHER);
    await print(jobs.map((job) => `${launcher.commandOf(job)}\n`).join(""));
  }
}
