// The queue as a subject of the conformance suite: an executor here, and one agent in a process of its own, which serves a new
// queue for each executor.

import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { PoolOptions } from "../../../mod.ts";
import { serverForTests } from "../../../scripts/redis_server.ts";
import type { Subject } from "../../testing/mod.ts";
import { QueueExecutor } from "../mod.ts";
import type { Serve } from "./agent_main.ts";
import { MAX_PAYLOAD, tasks } from "./table.ts";

/** What a pool waits before it ends a task that goes on. */
const GRACE_MS = 30;
const MAX_WORKERS = 2;

/** What concerns workers: for the agent's pool. */
const OF_POOLS = [
  "maxWorkers",
  "interruptGrace",
  "startTimeout",
  "maxTasksPerWorker",
  "idleTimeout",
];

const FLAGS = "deno" in process.versions ? ["run", "--quiet", "--no-check", "--allow-all"] : [];

/** What is known of it before it has started. */
export const NATURE: Omit<Subject, "create"> = {
  name: "QueueExecutor",
  executorName: "QueueExecutor",
  traits: {
    workers: true,
    clones: true,
    isolated: true,
    processes: true,
    stopsBusyWorkers: true,
    sharesMemory: false,
    showsOutcomes: false,
    // Its workers are agents, whose pools are their own; what goes between them is jobs and outcomes.
    ownsWorkers: false,
    links: false,
    ownsWaiting: false,
    anyModule: false,
    readsInWorkers: false,
  },
};

/** Starts a server, if there is none, and an agent; ends both when it is disposed of. */
export class QueueSubject implements AsyncDisposable {
  readonly subject: Subject;
  readonly #server: AsyncDisposable;
  readonly #agent: ChildProcess;
  #queues = 0;
  #round = 0;

  private constructor(server: { readonly url: string } & AsyncDisposable) {
    this.#server = server;
    const path = new URL(import.meta.url.replace(/subject(\.\w+)$/, "agent_main$1"));
    this.#agent = spawn(process.execPath, [...FLAGS, fileURLToPath(path), server.url], {
      stdio: ["pipe", "inherit", "inherit"],
    });
    this.subject = { ...NATURE, create: (options) => this.#create(server.url, options) };
  }

  static async start(): Promise<QueueSubject> {
    return new QueueSubject(await serverForTests());
  }

  /** From now on no worker is used that was. */
  freshen(): void {
    this.#round++;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exit = new Promise((resolve) => this.#agent.once("exit", resolve));
    this.#agent.stdin?.end();
    await exit;
    await this.#server[Symbol.asyncDispose]();
  }

  /** What concerns workers goes to the agent's pool. */
  #create(url: string, options?: PoolOptions): QueueExecutor {
    // What is no record is for the executor to refuse.
    if (options !== undefined && Object.prototype.toString.call(options) !== "[object Object]")
      return new QueueExecutor(options as never);
    const pool: PoolOptions = { maxWorkers: MAX_WORKERS, interruptGrace: GRACE_MS };
    const own: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(options ?? {}))
      Object.assign(OF_POOLS.includes(name) ? pool : own, { [name]: value });
    const { maxWorkers = 0 } = pool;
    const queue = `case-${process.pid}-${this.#queues++}`;
    const executor = new QueueExecutor({
      connection: { url },
      queue,
      tasks,
      maxPayload: MAX_PAYLOAD,
      ...own,
      // All that is not done counts, and not only what waits.
      ...(own.maxQueue === 0 || Number(own.maxQueue) > 0
        ? { maxQueue: Number(own.maxQueue) + maxWorkers }
        : {}),
    });
    const isEndless = pool.interruptGrace === Number.POSITIVE_INFINITY;
    const word: Serve = {
      queue,
      // JSON has no infinity.
      options: { ...pool, ...(isEndless ? { interruptGrace: 2 ** 31 } : {}) },
      round: this.#round,
    };
    this.#agent.stdin?.write(`${JSON.stringify(word)}\n`);
    return executor;
  }
}
