// The queue that --queue names, for those who serve it and those who submit to it: where its server is, and how the two call
// a module.

import { basename, extname } from "node:path";
import process from "node:process";
import { inspect } from "node:util";
import type { Executor } from "../core/executor.ts";
import { queueModule } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { UsageError } from "./usage_error.ts";

/** Where a server listens unless something else is said. */
const DEFAULT_SERVER = "redis://127.0.0.1:6379";

/** An error that comes again and again is told again after so long. */
const SAME_ERROR_MS = 30_000;

interface Connection {
  readonly url: string;
  readonly insecure?: boolean;
}

/** The queue's entry, as far as it is used. Its packages are installed by those who use it. */
export interface QueueEntry {
  serveQueue(options: {
    readonly connection: Connection;
    readonly queues: readonly string[];
    readonly tasks: Readonly<Record<string, URL>>;
    readonly executor: () => Executor;
    readonly concurrency: number;
    readonly name?: string;
    readonly secret?: string;
    readonly rateLimit?: { readonly max: number; readonly per: number };
    readonly onError: (error: unknown) => void;
  }): Promise<Agent>;
  readonly QueueExecutor: new (options: {
    readonly name: string;
    readonly connection: Connection;
    readonly queue: string;
    readonly tasks: Readonly<Record<string, string>>;
    readonly secret?: string;
    readonly onError: (error: unknown) => void;
  }) => Submitter;
}

/** An agent that serves. */
export interface Agent {
  readonly name: string;
  readonly running: number;
  readonly closed: Promise<void>;
  close(options: { readonly drain: number }): Promise<void>;
}

/** An executor whose tasks agents run. */
export interface Submitter extends Executor {
  agents(): Promise<readonly { readonly tasks: readonly string[] }[]>;
}

/** Where the server is, and what signs jobs. */
export function serverOf(flags: CommandLine["flags"]): {
  connection: Connection;
  secret: { readonly secret?: string };
} {
  const { REDIS_URL, FUTURES_SECRET } = process.env;
  const url = String(flags.redis ?? REDIS_URL ?? DEFAULT_SERVER);
  return {
    connection: { url, ...(flags.insecure && { insecure: true }) },
    // Not a flag: everybody on a machine can read what its programs are given.
    secret: FUTURES_SECRET ? { secret: FUTURES_SECRET } : {},
  };
}

/** The server for people: what else stands in an address may be secret. */
export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? "its server";
}

/** Loads it, and what it needs. */
export async function loadQueue(doing: string): Promise<QueueEntry> {
  try {
    for (const name of ["bullmq", "ioredis", "devalue"]) import.meta.resolve(name);
    return (await import(queueModule().href)) as QueueEntry;
  } catch (error) {
    throw new UsageError(
      `Cannot ${doing}: it needs bullmq, ioredis and devalue beside this package: ${(error as Error).message}`,
    );
  }
}

/** Takes a module's name apart from where it is: `jobs=./jobs.ts`. */
export function splitName(word: string): { name: string | undefined; path: string } {
  const [, name, path = word] = /^([\w@.-]+)=(.+)$/.exec(word) ?? [];
  return { name, path };
}

/** What a module is called of which nothing else is said. */
export function nameOf(path: string): string {
  return basename(path, extname(path));
}

/** Tells of errors, and not of the same one every second for as long as a server is away. */
export function teller(who: string, say: (text: string) => void): (error: unknown) => void {
  let last = "";
  let toldAt = 0;
  return (error) => {
    const text = error instanceof Error ? error.message : inspect(error);
    const now = performance.now();
    if (text === last && now - toldAt < SAME_ERROR_MS) return;
    [last, toldAt] = [text, now];
    say(`futures: ${who}${text}\n`);
  };
}
