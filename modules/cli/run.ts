// futures run: a shell command for each argument.

import { cores } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { perform } from "./perform.ts";
import { readDuration, readJobs } from "./quantities.ts";
import { ShellJobs } from "./runner/shell_jobs.ts";
import { UsageError } from "./usage_error.ts";

/** Runs it, and returns the exit code. */
export async function run(line: CommandLine): Promise<number> {
  const { flags, words } = line;
  if (words.join("").trim() === "")
    throw new UsageError(
      "Cannot run: no command is given; such as: futures run 'gzip {}' ::: *.log",
    );
  return await perform(line, async ({ onPrinted }) => {
    return new ShellJobs({
      command: words.join(" "),
      jobs: flags.jobs === undefined ? cores() : readJobs(String(flags.jobs), cores()),
      timeout:
        flags.timeout === undefined ? undefined : readDuration(String(flags.timeout), "--timeout"),
      onPrinted,
    });
  });
}
