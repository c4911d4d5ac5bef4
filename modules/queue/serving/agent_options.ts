// AgentOptions: what an agent serves, and how, as its user says it and as it is checked and filled in.

import { hostname } from "node:os";
import process from "node:process";
import {
  assertAmount,
  assertCount,
  assertDuration,
  assertFunction,
  assertLimit,
  assertString,
  typeName,
} from "../../core/checks.ts";
import { Executor } from "../../core/executor.ts";
import { readOptions } from "../../core/options.ts";
import { printError } from "../../core/print_error.ts";
import type { CodecLimits } from "../codec.ts";
import { type QueueConnection, Server } from "../connection.ts";
import { assertQueueName } from "../queue_name.ts";
import { assertSecret } from "../signature.ts";
import { TaskModules, type TaskTable } from "../task_table.ts";
import { defaultPool } from "./default_pool.ts";

const MEBI = 2 ** 20;
/** Milliseconds a job is an agent's own without a word of it. Less may lose jobs on a machine that is busy. */
const LOCK_MS = 30_000;
const STALLED_CHECK_MS = 5_000;
const MAX_AGENT_LOSSES = 5;
/** Milliseconds between two words of one call's progress. */
const PROGRESS_MS = 100;

/** What an agent serves, and how. */
export interface AgentOptions {
  /** Where the server is. */
  connection: QueueConnection;
  /** The queues it takes jobs from. */
  queues: string | readonly string[];
  /** The modules of tasks it knows, by the names that executors call them. A job can ask for nothing else. */
  tasks: TaskTable;
  /**
   * The local pool that makes the calls: one that is made already, which stays its maker's to end, or a function that makes
   * one, which ends with the agent. Default: a `ProcessPoolExecutor` of this runtime. A task may crash, hang, or use too much
   * memory; a process takes only itself along.
   */
  executor?: Executor | (() => Executor);
  /** How many jobs it takes at once, from each queue. Default: `maxWorkers` of its pool. */
  concurrency?: number;
  /** For people. Default: host and process. */
  name?: string;
  /**
   * Milliseconds after which a job is another agent's whose agent says nothing. An agent that dies is noticed no sooner; one
   * that is only slow, for less than this, loses nothing. Default: 30 000.
   */
  lock?: number;
  /** Milliseconds between looks for such jobs. Default: 5000. */
  stalledCheck?: number;
  /** How many agents one job may be lost with, however many `retries` it has. Default: 5. */
  maxAgentLosses?: number;
  /** Characters that the arguments of a call, or its result, may take as text. Default: 1 048 576. */
  maxPayload?: number;
  /** Milliseconds between two reports of a call's progress; the last one is always told. Default: 100. */
  progressInterval?: number;
  /** At most so many jobs (`max`) in so many milliseconds (`per`), over all agents. Default: no limit. */
  rateLimit?: { max: number; per: number };
  /** As of `QueueExecutor`: a job that is not signed with it is refused. Default: none. */
  secret?: string;
  /** Takes errors of the server, and of the agent's own. Default: prints them with `console.error`. */
  onError?: (error: unknown) => void;
  /** When it aborts, the agent closes: takes no more jobs, and lets those finish that it has. */
  signal?: AbortSignal;
}

export const AGENT_OPTIONS = [
  "connection",
  "queues",
  "tasks",
  "executor",
  "concurrency",
  "name",
  "lock",
  "stalledCheck",
  "maxAgentLosses",
  "maxPayload",
  "progressInterval",
  "rateLimit",
  "secret",
  "onError",
  "signal",
] as const;

/** Options that are checked and filled in. */
export interface AgentSettings {
  readonly server: Server;
  readonly queues: readonly string[];
  readonly tasks: TaskModules;
  readonly executor: Executor;
  readonly ownsExecutor: boolean;
  readonly concurrency: number;
  readonly name: string;
  readonly lock: number;
  readonly stalledCheck: number;
  readonly maxAgentLosses: number;
  readonly limits: CodecLimits;
  readonly secret: string | undefined;
  readonly progressInterval: number;
  readonly rateLimit: { max: number; duration: number } | undefined;
  readonly onError: (error: unknown) => void;
}

/** Checks them, and makes the pool that is to be made. */
export async function readSettings(options: AgentOptions): Promise<AgentSettings> {
  const queues = typeof options.queues === "string" ? [options.queues] : options.queues;
  if (!Array.isArray(queues) || queues.length === 0)
    throw new TypeError("Cannot use queues: expected the name of a queue, or a list of names");
  for (const queue of queues) assertQueueName(queue);
  const { name, lock = LOCK_MS, stalledCheck = STALLED_CHECK_MS } = options;
  const { maxAgentLosses = MAX_AGENT_LOSSES, maxPayload = MEBI } = options;
  const { progressInterval = PROGRESS_MS, rateLimit, onError } = options;
  if (name !== undefined) assertString(name, "name");
  assertAmount(lock, "lock", "milliseconds");
  assertAmount(stalledCheck, "stalledCheck", "milliseconds");
  assertLimit(maxAgentLosses, "maxAgentLosses", 0);
  assertLimit(maxPayload, "maxPayload", 1);
  assertDuration(progressInterval, "progressInterval");
  if (onError !== undefined) assertFunction(onError, "onError");
  if (options.secret !== undefined) assertSecret(options.secret);
  const rate = rateLimit && readOptions(rateLimit, ["max", "per"], "use rateLimit");
  if (rate !== undefined) {
    assertLimit(rate.max, "rateLimit.max", 1);
    assertLimit(rate.per, "rateLimit.per", 1);
  }
  const server = new Server(options.connection);
  const tasks = new TaskModules(options.tasks);
  const { executor: given, concurrency: wanted } = options;
  if (wanted !== undefined) assertCount(wanted, "concurrency", 1);
  const ownsExecutor = !isExecutor(given);
  const executor = isExecutor(given) ? given : await makePool(given);
  const concurrency = wanted ?? slotsOf(executor);
  return {
    server,
    queues: [...new Set(queues as string[])],
    tasks,
    executor,
    ownsExecutor,
    concurrency,
    name: (name ?? `${hostname()}-${process.pid}`).slice(0, 200) || "agent",
    lock,
    stalledCheck,
    maxAgentLosses,
    limits: { maxLength: maxPayload },
    secret: options.secret,
    progressInterval,
    rateLimit: rate && { max: rate.max, duration: rate.per },
    onError: onError ?? ((error) => printError("Error of an agent:", error)),
  };
}

async function makePool(given: (() => Executor) | undefined): Promise<Executor> {
  if (given === undefined) return await defaultPool();
  assertFunction(given, "executor");
  const executor = given();
  if (!isExecutor(executor))
    throw new TypeError(`Cannot use executor: expected one, got ${typeName(executor)}`);
  return executor;
}

/** By its shape: it may be of another copy of this library. */
function isExecutor(value: unknown): value is Executor {
  if (value instanceof Executor) return true;
  const { submit, starmap } = (value ?? {}) as Partial<Executor>;
  return typeof value === "object" && typeof submit === "function" && typeof starmap === "function";
}

function slotsOf(executor: Executor): number {
  const { maxWorkers } = executor as { maxWorkers?: unknown };
  return typeof maxWorkers === "number" ? maxWorkers : 1;
}
