// Runs one contender in one scenario, once, in a process of its own that is killed when it hangs.

import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Contender, isForeign } from "./contenders.ts";
import type { Assignment } from "./run_scenario.ts";
import type { Metrics, Runtime, Scenario } from "./scenario.ts";

/** How one run ended. */
export type RunResult =
  | { readonly metrics: Metrics }
  | { readonly skipped: true }
  | { readonly error: string };

/** The programs of the runtimes; undefined for one that is not there. */
export type Programs = Readonly<Record<Runtime, string | undefined>>;

/** A machine that has much else to do takes ten times as long, and gives a figure all the same. */
const DEADLINE_MS = 60_000;
/** The end of what a failed process wrote to its error output, in characters: enough for its message. */
const ERROR_TAIL = 2_000;

/** Runs `contender` once. Never rejects: a failure is a result. */
export async function runContender(
  contender: Contender,
  scenario: Scenario,
  size: number,
  programs: Programs,
): Promise<RunResult> {
  const { module, variant } = contender;
  const [program, ...args] = commandOf(contender, scenario, programs);
  const assignment: Assignment = { scenario: scenario.name, module, variant, size };
  const start = performance.now();
  const child = spawn(program, [...args, JSON.stringify(assignment)], {
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that what it started ends with it.
    detached: process.platform !== "win32",
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text) => {
    errors = (errors + text).slice(-ERROR_TAIL);
  });
  const deadline = scenario.deadline ?? DEADLINE_MS;
  const ended = await new Promise<"exit" | "hang" | Error>((resolve) => {
    const timer = setTimeout(() => resolve("hang"), deadline);
    child.once("error", resolve);
    child.once("close", () => resolve("exit"));
    child.once("exit", () => clearTimeout(timer));
  });
  const wholeMs = performance.now() - start;
  killGroup(child.pid);
  if (ended instanceof Error) return { error: ended.message };
  const line = output.split("\n").find((text) => text.startsWith("{"));
  if (line !== undefined) return withWholeTime(JSON.parse(line), scenario, wholeMs);
  if (ended === "hang") return { error: `hangs: no result after ${deadline / 1000} s` };
  return { error: `no result: ${lastLine(errors)}` };
}

/** Where the whole process is what counts, its time is the figure. */
function withWholeTime(result: RunResult, scenario: Scenario, wholeMs: number): RunResult {
  if (!("metrics" in result) || !("process" in scenario.metrics)) return result;
  return { metrics: { ...result.metrics, process: wholeMs } };
}

function commandOf(
  contender: Contender,
  scenario: Scenario,
  programs: Programs,
): [string, ...string[]] {
  const program = programs[contender.runtime];
  if (program === undefined) throw new RangeError(`Cannot start ${contender.runtime}: not found`);
  const script = fileURLToPath(new URL("./run_scenario.ts", import.meta.url));
  switch (contender.runtime) {
    case "deno":
      return [program, "run", "--quiet", "--no-prompt", ...denoFlags(contender, scenario), script];
    case "bun":
      return [program, script];
    case "python":
      return [program, fileURLToPath(new URL(contender.module, import.meta.url))];
  }
}

/** Ours reads its modules and asks for the number of cores; a peer is found in the folder beside its adapter. */
function denoFlags(contender: Contender, { collectsGarbage, startsPrograms }: Scenario): string[] {
  const flags = ["--allow-read", "--allow-env", "--allow-sys"];
  // Not always: with any flag of V8 all compiled code that Deno keeps is compiled again, at every start.
  if (collectsGarbage) flags.push("--v8-flags=--expose-gc");
  if (startsPrograms) flags.push("--allow-run");
  // Processes are started, and have their claims in a file, which they map.
  if (contender.workers === "processes") flags.push("--allow-run", "--allow-write", "--allow-ffi");
  if (!isForeign(contender)) return flags;
  return [...flags, "--allow-run", "--no-config", "--no-lock", "--node-modules-dir=manual"];
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
  } catch {
    // Everything has ended by itself.
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
