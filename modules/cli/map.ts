// futures map: an exported function for each argument, in threads, processes or on one event loop.

import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import util from "node:util";
import { EventLoopExecutor } from "../core/event_loop_executor.ts";
import type { ErrorContext, Executor } from "../core/executor.ts";
import { importTasks } from "../core/import_tasks.ts";
import { callModule, cores, loadPools, RUNTIME } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { perform } from "./perform.ts";
import { type Parameter, readParameters } from "./plan/parameters.ts";
import { readDuration, readJobs, readMebibytes } from "./quantities.ts";
import { FunctionCalls } from "./runner/function_calls.ts";
import { UsageError } from "./usage_error.ts";
import type { CallPlan } from "./worker/told.ts";

/** With one of these, each call goes by itself: it is timed, counted or logged by itself. */
const ONE_BY_ONE = [
  "timeout",
  "joblog",
  "retries",
  "halt",
  "rate",
  "delay",
  "line-buffer",
  "trace",
  "dashboard",
  // Such a process may not write what it has begun.
  "permissions",
];

const KINDS = ["threads", "processes", "loop"] as const;

/** Runs it, and returns the exit code. */
export async function map(line: CommandLine): Promise<number> {
  const { flags, words } = line;
  const [target] = words;
  if (target === undefined)
    throw new UsageError(
      "Cannot map: no function is given; such as: futures map ./jobs.ts#resize ::: *.jpg",
    );
  if (flags.queue !== undefined) return await mapOverQueue(line, target);
  for (const name of ["redis", "insecure"])
    if (flags[name] !== undefined)
      throw new UsageError(
        `Cannot use --${name} without --queue: name the queue that agents serve`,
      );
  const kind = kindOf(flags);
  const jobs = flags.jobs === undefined ? cores() : readJobs(String(flags.jobs), cores());
  const timeout = timeoutOf(flags);
  const plan = planOf(target, flags);
  return await perform(line, async ({ onPrinted, say }) => {
    const executor = await makeExecutor(kind, jobs, plan, flags, say);
    await show(executor, flags, say);
    return new FunctionCalls({
      executor,
      plan,
      jobs,
      name: target,
      timeout,
      mayBatch: !ONE_BY_ONE.some((name) => flags[name] !== undefined),
      sharesMemory: kind !== "processes",
      onPrinted,
    });
  });
}

/** Loaded only where it is asked for: a queue, and what it needs, is more than all the rest. */
async function mapOverQueue(line: CommandLine, target: string): Promise<number> {
  const { flags } = line;
  const { launchOverQueue } = await import("./map_over_queue.ts");
  const { splitName } = await import("./queue.ts");
  const { name: module, path } = splitName(target);
  const run = { plan: planOf(path, flags), module, target: path, timeout: timeoutOf(flags) };
  return await perform(line, async ({ say }) => {
    const { executor, launcher } = await launchOverQueue(flags, run, say);
    await show(executor, flags, say);
    return launcher;
  });
}

async function show(
  executor: Executor,
  flags: CommandLine["flags"],
  say: (text: string) => void,
): Promise<void> {
  if (!flags.dashboard || flags["dry-run"]) return;
  const { showDashboard } = await import("./dashboard.ts");
  say(`futures: the run is shown at ${await showDashboard(executor)}\n`);
}

function timeoutOf({ timeout }: CommandLine["flags"]): number | undefined {
  return timeout === undefined ? undefined : readDuration(String(timeout), "--timeout");
}

function kindOf(flags: CommandLine["flags"]): (typeof KINDS)[number] {
  const named = KINDS.filter((name) => flags[name]);
  if (named.length > 1)
    throw new UsageError(`Cannot map: --${named.join(" and --")} exclude each other`);
  const kind = named[0] ?? (flags.permissions === undefined ? "threads" : "processes");
  if (flags.permissions !== undefined) {
    if (kind !== "processes")
      throw new UsageError(
        `Cannot use --permissions with --${kind}: only processes can be held to them`,
      );
    if (RUNTIME !== "Deno")
      throw new UsageError(`Cannot use --permissions on ${RUNTIME}: only Deno has them`);
  }
  if (flags["memory-limit"] !== undefined && kind === "loop")
    throw new UsageError("Cannot use --memory-limit with --loop: it has no worker of its own");
  return kind;
}

/** The function is named by its module and, behind #, its export; without one it is the default. */
function planOf(target: string, flags: CommandLine["flags"]): CallPlan {
  const at = target.lastIndexOf("#");
  const [path, name] = at < 0 ? [target, "default"] : [target.slice(0, at), target.slice(at + 1)];
  const module = /^[a-z][a-z+.-]+:/i.test(path) ? new URL(path) : pathToFileURL(resolve(path));
  return {
    module: module.href,
    export: name,
    parameters: module.protocol === "file:" ? parametersOf(module, path, name) : undefined,
    isTyped: flags.jsonl !== true,
    json: flags.json === true,
    lineBuffer: flags["line-buffer"] === true,
  };
}

function parametersOf(module: URL, path: string, name: string): readonly Parameter[] | undefined {
  const file = fileURLToPath(module);
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new UsageError(`Cannot map: there is no file "${path}"`);
  return readParameters(readFileSync(file, "utf8"), name);
}

async function makeExecutor(
  kind: (typeof KINDS)[number],
  maxWorkers: number,
  plan: CallPlan,
  flags: CommandLine["flags"],
  say: (text: string) => void,
): Promise<Executor> {
  // Of what failed the summary tells. This is what no call can answer for: a timer that throws.
  const onError = (error: unknown, { kind }: ErrorContext) => {
    const isOurs = error instanceof Error && error.name === "BrokenExecutorError";
    if (kind === "worker" && !isOurs) say(`futures: outside of any job: ${util.inspect(error)}\n`);
  };
  const name = "futures";
  const { prepare } = importTasks<typeof import("./worker/call.ts")>(callModule());
  // So that a worker that may not read files is shown it, too.
  importTasks(plan.module);
  if (kind === "loop") {
    const worker: typeof import("./worker/call.ts") = await import(callModule().href);
    await worker.prepare(plan);
    return new EventLoopExecutor({ name, maxWorkers, onError });
  }
  const pools = await loadPools();
  const Pool = kind === "threads" ? pools.ThreadPoolExecutor : pools.ProcessPoolExecutor;
  const limit = flags["memory-limit"];
  const options = {
    name,
    maxWorkers,
    initializer: prepare,
    initializerArgs: [plan],
    onError,
    ...(limit === undefined ? {} : { memoryLimit: readMebibytes(String(limit), "--memory-limit") }),
    ...(flags.permissions === undefined ? {} : { permissions: String(flags.permissions) }),
  };
  try {
    return new Pool(options);
  } catch (error) {
    // An old runtime, or a value that an option cannot have.
    throw new UsageError((error as Error).message, { cause: error });
  }
}
