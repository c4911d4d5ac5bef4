// The agents of deno task queue: `futures agent` on Deno and on Bun, started again when they end.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { bunPath } from "../../scripts/bun.ts";
import { QUEUE, TASKS } from "../playground/over_a_queue.ts";

const MAIN = fileURLToPath(new URL("../../modules/cli/main.ts", import.meta.url));

/** What an agent serves and how; its server it is told by its environment, where nobody else sees the address. */
const FLAGS = [
  `playground=${fileURLToPath(TASKS.playground)}`,
  ...["--queue", QUEUE, "--concurrency", "2", "--memory-limit", "512M"],
];

/** How long a dead agent is missed, in ms: long enough to be seen. */
const AWAY_MS = 3_000;

/** Nobody writes to its standard input: when that ends, as it does when this program is killed, it kills the agent. */
const GUARDIAN = `
exec 3<&0
"$@" </dev/null 3<&- &
agent=$!
(read -r _ <&3; kill -9 $agent) &
wait $agent 2>/dev/null
kill $! 2>/dev/null
`;

const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Deno: [process.execPath, "run", "--allow-all", "--no-check", MAIN],
  Bun: [bunPath(), MAIN],
};

/** All of them. */
export class Agents {
  readonly #url: string;
  readonly #guardians = new Map<string, ChildProcess>();
  readonly #returns = new Set<ReturnType<typeof setTimeout>>();
  #isStopped = false;

  constructor(url: string) {
    this.#url = url;
  }

  get names(): string[] {
    return Object.keys(RUNTIMES).map(nameOf);
  }

  /** What starts one more, in another terminal. */
  get command(): string {
    return `deno task agent ${FLAGS.join(" ")}`;
  }

  /** Resolves when they serve. */
  async start(): Promise<void> {
    await Promise.all(Object.keys(RUNTIMES).map((runtime) => this.#spawn(runtime)));
  }

  /** Kills one that runs; another one takes its place a little later. */
  kill(): void {
    const [guardian] = this.#guardians.values();
    guardian?.stdin?.end();
  }

  /** Ends them, and starts none any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const timer of this.#returns) clearTimeout(timer);
    const ends = [...this.#guardians.values()].map(async (guardian) => {
      guardian.stdin?.end();
      await once(guardian, "exit");
    });
    await Promise.all(ends);
  }

  async #spawn(runtime: string): Promise<void> {
    const command = [...(RUNTIMES[runtime] as string[]), "agent", ...FLAGS];
    const named = [...command, "--name", nameOf(runtime)];
    const guardian = spawn("/bin/sh", ["-c", GUARDIAN, "guardian", ...named], {
      // In a group of its own, for Ctrl+C is this program's to heed.
      detached: true,
      stdio: ["pipe", "inherit", "pipe"],
      env: { ...process.env, REDIS_URL: this.#url },
    });
    this.#guardians.set(runtime, guardian);
    guardian.once("exit", () => this.#exited(runtime));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    guardian.once("exit", () => reject(new Error(`Cannot start ${nameOf(runtime)}: it has ended`)));
    guardian.stderr?.on("data", (bytes: Uint8Array) => {
      process.stderr.write(bytes);
      if (new TextDecoder().decode(bytes).includes(" serves ")) resolve();
    });
    await promise;
  }

  #exited(runtime: string): void {
    this.#guardians.delete(runtime);
    if (this.#isStopped) return;
    const timer = setTimeout(() => {
      this.#returns.delete(timer);
      this.#spawn(runtime).catch((error: Error) => console.error(error.message));
    }, AWAY_MS);
    this.#returns.add(timer);
  }
}

function nameOf(runtime: string): string {
  return `agent on ${runtime}`;
}
