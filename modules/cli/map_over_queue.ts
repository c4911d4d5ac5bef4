// futures map --queue: the same run, over the agents of a queue. They were given modules by name, and run what they were given.

import { importTasks } from "../core/import_tasks.ts";
import type { CommandLine } from "./command_line.ts";
import { readCount } from "./quantities.ts";
import { loadQueue, nameOf, type Submitter, serverOf, teller } from "./queue.ts";
import type { Launcher } from "./runner/launcher.ts";
import { QueueCalls } from "./runner/queue_calls.ts";
import { UsageError } from "./usage_error.ts";
import type { CallPlan } from "./worker/told.ts";

/** So many are handed in and not done: enough for some dozen agents. */
const AHEAD = 256;

/** What is said of workers is the agents' to say. */
const OF_AGENTS: Readonly<Record<string, string>> = {
  threads: "--executor threads",
  processes: "--executor processes",
  loop: "--executor threads",
  permissions: "--permissions",
  "memory-limit": "--memory-limit",
};

/** What the run is about. */
export interface QueueRun {
  readonly plan: CallPlan;
  /** What agents call the module, if that is said. */
  readonly module: string | undefined;
  /** What people call the function. */
  readonly target: string;
  readonly timeout: number | undefined;
}

/** @throws {UsageError} For a flag that nobody would heed. */
export function assertForQueue(flags: CommandLine["flags"]): void {
  for (const [name, own] of Object.entries(OF_AGENTS))
    if (flags[name] !== undefined)
      throw new UsageError(
        `Cannot use --${name} with --queue: it is said to those who run the jobs: futures agent ${own}`,
      );
  if (flags["line-buffer"] !== undefined)
    throw new UsageError(
      "Cannot use --line-buffer with --queue: what a job prints stays with its agent, and its result comes at its end",
    );
}

/** Makes what hands jobs in. Nothing is connected before the first, nor for --dry-run. */
export async function launchOverQueue(
  flags: CommandLine["flags"],
  { plan, module, target, timeout }: QueueRun,
  say: (text: string) => void,
): Promise<{ executor: Submitter; launcher: Launcher }> {
  assertForQueue(flags);
  const jobs = jobsOf(flags.jobs);
  const queue = String(flags.queue);
  const name = module ?? nameOf(new URL(plan.module).pathname);
  const { QueueExecutor } = await loadQueue("map over a queue");
  const { connection, secret } = serverOf(flags);
  let executor: Submitter;
  try {
    executor = new QueueExecutor({
      name: "futures",
      connection,
      queue,
      tasks: { [name]: plan.module },
      ...secret,
      onError: teller("", say),
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  const tasks = importTasks<Record<string, (...args: unknown[]) => unknown>>(plan.module);
  const task = (tasks[plan.export] as (typeof tasks)[string]).with({
    name: target,
    ...(timeout === undefined ? {} : { timeout }),
  });
  if (!flags["dry-run"]) sayIfNobodyServes(executor, name, queue, say);
  return { executor, launcher: new QueueCalls({ executor, task, plan, jobs, name: target }) };
}

function jobsOf(flag: string | true | undefined): number {
  if (flag === undefined) return AHEAD;
  const jobs = readCount(String(flag), "--jobs");
  if (jobs === 0) throw new UsageError("Cannot use --jobs: expected a whole number from 1, got 0");
  return jobs;
}

/** The run waits for an agent, for one may be about to start; but not in silence. */
function sayIfNobodyServes(
  executor: Submitter,
  name: string,
  queue: string,
  say: (text: string) => void,
): void {
  executor.agents().then(
    (agents) => {
      const served = [...new Set(agents.flatMap(({ tasks }) => tasks))];
      if (served.includes(name)) return;
      const how = `futures agent ${name}=… --queue ${queue}`;
      say(
        agents.length === 0
          ? `futures: no agent serves ${queue} yet; to start one: ${how}\n`
          : `futures: no agent of ${queue} serves "${name}" yet, but ${served.join(", ")}; to start one: ${how}\n`,
      );
    },
    // Of a server that is not there the jobs tell.
    () => {},
  );
}
