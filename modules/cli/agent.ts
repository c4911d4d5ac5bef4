// futures agent: takes jobs from a queue and runs them here, until it is told to end.

import { existsSync } from "node:fs";
import { basename, extname, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import type { Executor } from "../core/executor.ts";
import { cores, loadPools, QUEUE, RUNTIME } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { say } from "./output/terminal.ts";
import { readCount, readDuration, readMebibytes, readRateLimit } from "./quantities.ts";
import { UsageError } from "./usage_error.ts";

/** Where a server listens unless something else is said. */
const DEFAULT_SERVER = "redis://127.0.0.1:6379";

/** How long jobs may run on that have begun when the agent is told to end. */
const DRAIN_MS = 10_000;

/** An error that comes again and again is told again after so long. */
const SAME_ERROR_MS = 30_000;

const KINDS = ["processes", "threads"] as const;

/** The queue's entry, as far as it is used. Its packages are installed by those who use it. */
interface QueueEntry {
  serveQueue(options: {
    readonly connection: { readonly url: string; readonly insecure?: boolean };
    readonly queues: readonly string[];
    readonly tasks: Readonly<Record<string, URL>>;
    readonly executor: () => Executor;
    readonly concurrency: number;
    readonly name?: string;
    readonly secret?: string;
    readonly rateLimit?: { readonly max: number; readonly per: number };
    readonly onError: (error: unknown) => void;
  }): Promise<Agent>;
}

interface Agent {
  readonly name: string;
  readonly running: number;
  readonly closed: Promise<void>;
  close(options: { readonly drain: number }): Promise<void>;
}

/** Serves until a signal, and then until what has begun is done or out of time. */
export async function agent({ flags, words }: CommandLine): Promise<number> {
  const queues = queuesOf(flags.queue);
  const drain = flags.drain === undefined ? DRAIN_MS : readDuration(String(flags.drain), "--drain");
  const concurrency = concurrencyOf(flags.concurrency);
  const url = String(flags.redis ?? process.env.REDIS_URL ?? DEFAULT_SERVER);
  const tasks = await tableOf(words);
  const { kind, makeExecutor } = await poolOf(flags, concurrency);
  const { serveQueue } = await loadQueue();
  let serving: Agent;
  try {
    serving = await serveQueue({
      connection: { url, ...(flags.insecure && { insecure: true }) },
      queues,
      tasks,
      executor: makeExecutor,
      concurrency,
      ...(flags.name === undefined ? {} : { name: String(flags.name) }),
      // Not a flag: everybody on a machine can read what its programs are given.
      ...(process.env.FUTURES_SECRET ? { secret: process.env.FUTURES_SECRET } : {}),
      ...(flags.rate === undefined
        ? {}
        : { rateLimit: readRateLimit(String(flags.rate), "--rate") }),
      onError: teller(),
    });
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
  const served = Object.entries(tasks).map(([name, address]) => `  ${name}  ${address.href}\n`);
  say(
    `futures: agent ${serving.name} serves ${queues.join(", ")} at ${hostOf(url)}: ${concurrency} at once, in ${kind} on ${RUNTIME}\n${served.join("")}`,
  );
  closeBySignal(serving, drain);
  await serving.closed;
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
    const [, name, path = word] = /^([\w@.-]+)=(.+)$/.exec(word) ?? [];
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
  const name = basename(path, extname(path));
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

async function loadQueue(): Promise<QueueEntry> {
  try {
    for (const name of ["bullmq", "ioredis", "devalue"]) import.meta.resolve(name);
    return (await import(QUEUE.href)) as QueueEntry;
  } catch (error) {
    throw new UsageError(
      `Cannot start an agent: it needs bullmq, ioredis and devalue beside this package: ${(error as Error).message}`,
    );
  }
}

/** The server for people: what else stands in an address may be secret. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "its server";
}

/** Tells of errors, and not of the same one every second for as long as a server is away. */
function teller(): (error: unknown) => void {
  let last = "";
  let toldAt = 0;
  return (error) => {
    const text = error instanceof Error ? error.message : inspect(error);
    const now = performance.now();
    if (text === last && now - toldAt < SAME_ERROR_MS) return;
    [last, toldAt] = [text, now];
    say(`futures: agent: ${text}\n`);
  };
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
