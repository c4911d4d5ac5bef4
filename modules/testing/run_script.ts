// runScript: a fixture script as a program of its own, on the subject's runtime.
import { spawn } from "node:child_process";
import process from "node:process";
import type { CaseContext } from "./case_context.ts";

/** How a program ended. */
export interface ScriptOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: string | null;
  /** From its start to its end, in milliseconds. */
  readonly elapsed: number;
}

// A program that does not end by itself is the failure these cases look for: end it, and show what it said.
const SCRIPT_DEADLINE_MS = 100_000;

/**
 * Runs a script to its own end: one of `fixtures/scripts`, or one whose address is given.
 *
 * The script gets the executor's module, the class's name and `args` as arguments; the first two also by its environment.
 *
 * @param options `limit` is what a shell's `ulimit` is given first, such as `-n 64`; as `user` it has no rights of root but
 * to files; `alone` has the flags of `unshare`, and what a shell does first in the place that it makes; `started` is told
 * the process; as `group` it leads a process group of its own; `executable` takes the place of the subject's own.
 */
export function runScript(
  { subject }: Pick<CaseContext, "subject">,
  script: string,
  args: readonly string[] = [],
  options: {
    limit?: string;
    user?: number | undefined;
    alone?: readonly string[];
    started?: (pid: number) => void;
    group?: boolean;
    executable?: string;
  } = {},
): Promise<ScriptOutcome> {
  if (subject.script === undefined)
    throw new TypeError(`Cannot run script: ${subject.name} has none`);
  const { flags, module, executor } = subject.script;
  const executable = options.executable ?? subject.script.executable;
  const pathname = scriptPath(script);
  const started = performance.now();
  const command = [executable, ...flags, pathname, module, executor, ...args];
  // The shell is replaced by the program, which keeps the limits.
  const { limit, user, alone } = options;
  const as = user === undefined ? [] : asUser(user);
  const limited = ["sh", "-c", `ulimit ${limit}; exec "$@"`, "sh", ...as, ...command];
  const [program = executable, ...rest] =
    alone !== undefined ? aside(alone, command) : limit === undefined ? command : limited;
  const child = spawn(program, rest, {
    stdio: ["ignore", "pipe", "pipe"],
    detached: options.group === true,
    env: { ...process.env, FUTURES_MODULE: module, FUTURES_EXECUTOR: executor },
  });
  if (child.pid !== undefined) options.started?.(child.pid);
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), SCRIPT_DEADLINE_MS);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      resolve({ stdout, stderr, code, signal, elapsed: performance.now() - started });
    });
  });
}

/** Where a script lies. */
export function scriptPath(script: string): string {
  // Built for npm, this file and the scripts are JavaScript.
  const file = import.meta.url.endsWith(".ts") ? script : script.replace(/\.ts$/, ".js");
  return new URL(file, new URL("./fixtures/scripts/", import.meta.url)).pathname;
}

function aside(alone: readonly string[], command: readonly string[]): string[] {
  return [
    "unshare",
    ...alone.slice(0, -1),
    "sh",
    "-c",
    `${alone.at(-1)} && exec "$@"`,
    "sh",
    ...command,
  ];
}

function asUser(user: number): string[] {
  const rights = "-all,+dac_override";
  const ids = [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"];
  return ["setpriv", ...ids, `--inh-caps=${rights}`, `--ambient-caps=${rights}`];
}
