// Starts the command on each runtime, for its tests.

import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bunPath } from "../../scripts/bun.ts";
import { nodePath } from "../../scripts/node.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Makes a terminal for a program. */
export const SCRIPT = "/usr/bin/script";

/** A condition that has not come about by then never will. */
const PATIENCE_MS = 60_000;

/** How the command is started on each runtime. */
export const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Deno: [Deno.execPath(), "run", "--allow-all", "--quiet", "--no-prompt", MAIN],
  Bun: [bunPath(), MAIN],
  Node: [nodePath(), "--disable-warning=ExperimentalWarning", MAIN],
};

/** The functions that tests map. */
const JOBS = `
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { existsSync, writeFileSync } from "node:fs";
export function double(n: number) { return 2 * n; }
export function typeOf(value: unknown) { return typeof value; }
export function add(a: number, b: number) { return a + b; }
export function row(row: { id: number; name: string }) { return row; }
export function hello(name: string) { console.log("greeting", name); process.stderr.write("in person\\n"); return \`hello \${name}\`; }
export function reject(text: string) { if (text.startsWith("bad")) throw new RangeError("no " + text); return text; }
export function* count(to: number) { for (let i = 0; i < to; i++) yield i; }
export async function* endless(_: string) { for (let i = 0; ; i++) yield String(i).padStart(1000, "."); }
export async function nap(ms: number) { await pause(ms); return ms; }
export async function begin(file: string) { writeFileSync(file, ""); await pause(60_000); return "never"; }
export function spin(_: string): never { for (;;); }
export function exit(text: string) { if (text === "x") process.exit(3); return text; }
export function bytes(text: string) { return new TextEncoder().encode(text); }
export function nothing(_: string) {}
export function flaky(file: string) { if (existsSync(file)) return "second"; writeFileSync(file, ""); throw new Error("first"); }
export function circle(_: string) { const own: Record<string, unknown> = {}; own.own = own; return own; }
export function odd(kind: string) {
  const error = Object.assign(new RangeError("too far", { cause: new TypeError("no number") }), { code: "E" });
  return { map: new Map([["a", new Set([1n])]]), list: [error], error }[kind];
}
export function hog(_: string) { const all: unknown[] = []; for (;;) all.push(new Array(100_000).fill(1)); }
export function big(_: string) { return "x".repeat(1_000_000); }
export function short(text: string) { return text.length; }
export function mixed(text: string) { return text === "three" ? count(3) : text === "Ann" ? hello(text) : reject(text); }
export function late(text: string) { return text === "60000" ? nap(60_000) : flaky(text); }
`;

/** So many steps are under way at once: most of them wait, for a clock or for a program to end. */
const AT_ONCE = 8;

/** Runs steps of a test side by side. Each has a folder and programs of its own. */
export async function sideBySide(
  test: Deno.TestContext,
  steps: Readonly<Record<string, () => Promise<void>>>,
): Promise<void> {
  const left = Object.entries(steps);
  const one = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [name, fn] = next;
      await test.step({
        name,
        fn,
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

/** A module that prints where no call does: when it loads, and when a call has ended; and by each name that a stream has. */
const NOISY = `
import { stdout } from "node:process";
console.log("loading");
export function streams(text: string) {
  stdout.write("by name, ");
  process.stdout.write("by the process, ");
  process.stderr.write("aside\\n");
  return text;
}
export function leave(text: string) { setTimeout(() => console.log("late"), 1); return text; }
`;

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder with jobs.ts and noisy.ts, which is removed at the end. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "futures-cli-"));

  constructor() {
    writeFileSync(join(this.folder, "jobs.ts"), JOBS);
    writeFileSync(join(this.folder, "noisy.ts"), NOISY);
  }

  /** The path of a file in it. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Starts the command. */
  start(runtime: string, args: readonly string[], options: SpawnOptions = {}): Command {
    const [program = "", ...before] = RUNTIMES[runtime] as readonly string[];
    const env = { ...process.env, FUTURES_TEST: "1", NO_COLOR: "1", ...options.env };
    return new Command(spawn(program, [...before, ...args], { cwd: this.folder, ...options, env }));
  }

  /** Starts the command in a terminal; its standard error comes with its output. None where there is no script. */
  startInTerminal(
    args: readonly string[],
    env: Record<string, string> = {},
    columns = 80,
  ): Command | undefined {
    if (process.platform !== "linux" || !existsSync(SCRIPT)) return undefined;
    const words = [...(RUNTIMES.Deno as readonly string[]), ...args];
    const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    const options = {
      cwd: this.folder,
      env: { ...process.env, TERM: "xterm", NO_COLOR: "", ...env },
    };
    const shell = `tty > terminal; stty rows 24 cols ${columns}; exec ${line}`;
    return new Command(spawn(SCRIPT, ["-qec", shell, "/dev/null"], options));
  }

  /** Gives the terminal so many columns, as somebody does who pulls at its edge. */
  resize(columns: number): void {
    const terminal = readFileSync(this.path("terminal"), "utf8").trim();
    spawnSync("stty", ["-F", terminal, "cols", String(columns)]);
  }

  /** Runs the command to its end. */
  async run(
    runtime: string,
    args: readonly string[],
    { stdin = "", ...options }: SpawnOptions & { stdin?: string } = {},
  ): Promise<Ended> {
    const command = this.start(runtime, args, options);
    command.child.stdin?.on("error", () => {});
    command.child.stdin?.end(stdin);
    return await command.ended;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A command that runs. */
export class Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  stdout = "";
  stderr = "";

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
    });
    this.ended = new Promise((resolve) => {
      child.on("close", (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Presses Ctrl-C so many times, each when the one before was answered. */
  async interrupt(times: number): Promise<void> {
    for (const answer of ["still running", "interrupting", undefined].slice(0, times)) {
      this.kill("SIGINT");
      if (answer !== undefined) await until(() => this.stderr.includes(answer), answer);
    }
  }

  /** Sends it a signal. Not by its child process, which on Deno sends only one. */
  kill(signal: NodeJS.Signals): void {
    process.kill(this.child.pid as number, signal);
  }
}

/** Waits for a condition. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const start = performance.now();
  while (!condition()) {
    if (performance.now() - start > PATIENCE_MS)
      throw new Error(`Cannot go on: ${what} never came about`);
    await pause(10);
  }
}

/** Whether a process, or any of its group (a negative number), is there. */
export function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
