// What tests of a queue stand on: a folder of their own, agents that can be killed, and waiting for conditions.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const FLAGS = "deno" in process.versions ? ["run", "--quiet", "--no-check", "--allow-all"] : [];

/** A folder, with a new path in it each time. */
export function newFolder(): { path(): string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), "futures-queue-"));
  let count = 0;
  return {
    path: () => join(folder, `${count++}`),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Waits for a condition. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** What an agent that can be killed is told. */
export interface KillableAgent {
  readonly url: string;
  readonly queue: string;
  readonly pool: "loop" | "processes";
  readonly maxWorkers: number;
  readonly lock: number;
  readonly maxAgentLosses?: number;
}

/** An agent in a process of its own. */
export class AgentProcess implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly exit: Promise<unknown>;

  private constructor(given: KillableAgent) {
    const main = new URL(import.meta.url.replace(/fault_scene(\.\w+)$/, "killable_agent$1"));
    this.process = spawn(process.execPath, [...FLAGS, fileURLToPath(main), JSON.stringify(given)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.exit = once(this.process, "exit");
  }

  /** Resolves when it takes jobs, or a job has ended it. */
  static async start(given: KillableAgent): Promise<AgentProcess> {
    const agent = new AgentProcess(given);
    const { stdout } = agent.process;
    if (stdout !== null) await Promise.race([once(stdout, "data"), agent.exit]);
    return agent;
  }

  kill(signal: NodeJS.Signals): void {
    // Not by its own method: Deno's would end its standard input, too.
    if (this.#isAlive) process.kill(this.process.pid as number, signal);
  }

  get #isAlive(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isAlive = this.#isAlive;
    this.kill("SIGKILL");
    if (isAlive) await this.exit;
  }
}
