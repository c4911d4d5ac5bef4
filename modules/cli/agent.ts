// futures agent: takes jobs from a queue and runs them here, until it is told to end.

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { cores, loadPools, RUNTIME } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { say } from "./output/terminal.ts";
import { readCount, readDuration, readMebibytes, readRateLimit } from "./quantities.ts";
import { type Agent, hostOf, loadQueue, nameOf, serverOf, splitName, teller } from "./queue.ts";
import { UsageError } from "./usage_error.ts";

/** How long jobs may run on that have begun when the agent is told to end. */
const DRAIN_MS = 10_000;

const KINDS = ["processes", "threads"] as const;

/** Serves until a signal, and then until what has begun is done or out of time. */
export async function agent({ flags, words }: CommandLine): Promise<number> {
  const queues = queuesOf(flags.queue);
  const drain = flags.drain === undefined ? DRAIN_MS : readDuration(String(flags.drain), "--drain");
  const concurrency = concurrencyOf(flags.concurrency);
  const { connection, secret } = serverOf(flags);
  const tasks = await tableOf(words);
  const { kind, makeExecutor } = await poolOf(flags, concurrency);
  const { serveQueue } = await loadQueue("start an agent");
  let serving: Agent;
  try {
    serving = await serveQueue({
      connection,
      queues,
      tasks,
      executor: makeExecutor,
      concurrency,
      ...(flags.name === undefined ? {} : { name: String(flags.name) }),
      ...secret,
      ...(flags.rate === undefined
        ? {}
        : { rateLimit: readRateLimit(String(flags.rate), "--rate") }),
      onError: teller("agent: ", say),
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  const served = Object.entries(tasks).map(([name, address]) => `  ${name}  ${address.href}\n`);
  say(
    `futures: agent ${serving.name} serves ${queues.join(", ")} at ${hostOf(connection.url)}: ${concurrency} at once, in ${kind} on ${RUNTIME}\n${served.join("")}`,
  );
  closeBySignal(serving, drain);
  try {
    await serving.closed;
  } catch (error) {
    say(`futures: agent ${serving.name} has ended: ${(error as Error).message}\n`);
    return 1;
  }
  say(`futures: agent ${serving.name} has ended\n`);
  return 0;
}

function queuesOf(flag: string | true | undefined): string[] {
  if (flag === undefined)
    throw new UsageError("Cannot start an agent: name the queue it serves, as in --queue images");
  return String(flag).split(",");
}

function concurrencyOf(flag: string | true | undefined): number {
  if (flag === undefined) return cores();
  const concurrency = readCount(String(flag), "--concurrency");
  if (concurrency === 0)
    throw new UsageError("Cannot use --concurrency: expected a whole number from 1, got 0");
  return concurrency;
}

/**
 * Reads what is served: modules of tasks by name (`jobs=./jobs.ts`), and modules that export a table of such, as `tasks` or by
 * default. A module of tasks is not loaded here, but by the workers that run them.
 */
async function tableOf(words: readonly string[]): Promise<Record<string, URL>> {
  if (words.length === 0)
    throw new UsageError(
      "Cannot start an agent: name the tasks it serves, as in ./tasks.ts, which exports `tasks`, or jobs=./jobs.ts",
    );
  const table: Record<string, URL> = {};
  for (const word of words) {
    const { name, path } = splitName(word);
    const address = addressOf(path);
    const entries = name === undefined ? await tasksOf(address, path) : [[name, address] as const];
    for (const [own, module] of entries) {
      if (Object.hasOwn(table, own))
        throw new UsageError(`Cannot start an agent: "${own}" is named twice`);
      table[own] = module;
    }
  }
  return table;
}

function addressOf(path: string): URL {
  if (/^[a-z][a-z+.-]+:/i.test(path)) return new URL(path);
  if (!existsSync(path)) throw new UsageError(`Cannot start an agent: there is no file "${path}"`);
  return pathToFileURL(resolve(path));
}

async function tasksOf(address: URL, path: string): Promise<[string, URL][]> {
  let exported: { tasks?: unknown; default?: unknown };
  try {
    exported = await import(address.href);
  } catch (error) {
    throw new UsageError(`Cannot start an agent: "${path}" does not load: ${inspect(error)}`);
  }
  const table = exported.tasks ?? exported.default;
  if (typeof table === "object" && table !== null && Object.keys(table).length > 0) {
    const entries = Object.entries(table).map(([name, module]): [string, URL] => [
      name,
      new URL(String(module), address),
    ]);
    return entries;
  }
  const name = nameOf(path);
  throw new UsageError(
    `Cannot start an agent: "${path}" exports no table of tasks; have it export one, ` +
      `\`export const tasks = { jobs: new URL("./jobs.ts", import.meta.url) }\`, or name its own: ${name}=${path}`,
  );
}

async function poolOf(flags: CommandLine["flags"], maxWorkers: number) {
  const kind = String(flags.executor ?? KINDS[0]) as (typeof KINDS)[number];
  if (!KINDS.includes(kind))
    throw new UsageError(`Cannot use --executor: expected ${KINDS.join(" or ")}, got "${kind}"`);
  if (flags.permissions !== undefined && (kind !== "processes" || RUNTIME !== "Deno"))
    throw new UsageError("Cannot use --permissions: only processes on Deno can be held to them");
  const limit = flags["memory-limit"];
  const options = {
    name: "agent",
    maxWorkers,
    ...(limit === undefined ? {} : { memoryLimit: readMebibytes(String(limit), "--memory-limit") }),
    ...(flags.permissions === undefined ? {} : { permissions: String(flags.permissions) }),
  };
  const { ThreadPoolExecutor, ProcessPoolExecutor } = await loadPools();
  const Pool = kind === "threads" ? ThreadPoolExecutor : ProcessPoolExecutor;
  return { kind, makeExecutor: () => new Pool(options) };
}

/** The first signal drains, the second ends at once. */
function closeBySignal(serving: Agent, drain: number): void {
  let isClosing = false;
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      if (isClosing) process.exit(exitCode);
      isClosing = true;
      const jobs = serving.running === 1 ? "1 job" : `${serving.running} jobs`;
      say(
        `futures: agent ${serving.name} takes no more jobs${serving.running === 0 ? "" : `, and gives ${jobs} ${drain / 1000} s to finish`}\n`,
      );
      serving
        .close({ drain })
        .catch((error: unknown) => say(`futures: agent: ${inspect(error)}\n`));
    });
  }
}
