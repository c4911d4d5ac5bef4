// What tests of a queue stand on: a folder of their own, agents that can be killed, and waiting for conditions.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** How a runtime runs a program. */
export interface Runtime {
  readonly executable: string;
  readonly flags: readonly string[];
}

/** The one that runs this. */
export const OWN_RUNTIME: Runtime = {
  executable: process.execPath,
  flags: "deno" in process.versions ? ["run", "--quiet", "--no-check", "--allow-all"] : [],
};

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
  /** Default: half of `lock`. */
  readonly stalledCheck?: number;
  readonly maxAgentLosses?: number;
}

/** An agent in a process of its own. */
export class AgentProcess implements AsyncDisposable {
  readonly process: ChildProcess;
  readonly exit: Promise<unknown>;

  private constructor(given: KillableAgent, { executable, flags }: Runtime) {
    const main = new URL(import.meta.url.replace(/fault_scene(\.\w+)$/, "killable_agent$1"));
    const args = [...flags, fileURLToPath(main), JSON.stringify(given)];
    this.process = spawn(executable, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.exit = once(this.process, "exit");
  }

  /** Resolves when it takes jobs, or a job has ended it. */
  static async start(given: KillableAgent, runtime: Runtime = OWN_RUNTIME): Promise<AgentProcess> {
    const agent = new AgentProcess(given, runtime);
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
