// Cases of programs that a watcher loads anew: `deno run --watch` and `--watch-hmr`, `bun --hot`, `node --watch`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { withWorkerScripts } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import type { CaseLog } from "../gate.ts";
import { isAlive } from "../is_alive.ts";
import { scriptPath } from "../run_script.ts";
import type { ScriptCommand, Subject } from "../subject.ts";

const GENERATIONS = 4;
/** Many times what any worker of an earlier generation would add to, were one left. */
const BEATS = 100;

/** Cases of programs that are loaded anew. */
export const reloadCases: readonly ConformanceCase[] = [
  {
    id: "cf-reload",
    title: "a program that is loaded anew again and again leaves no worker behind, busy or idle",
    applies: withWatchers,
    async run(context) {
      const late = context.log();
      await (await reload(context, late, usualWatcher())).end();
      if (!("Deno" in globalThis)) return;
      const told = Array.from({ length: GENERATIONS - 1 }, () => "ShutdownError");
      assert.deepEqual(late.lines(), told);
    },
  },
  {
    id: "cf-reload-hmr",
    title: "where a watcher that replaces modules loads anew instead, no worker is left, either",
    applies: (subject) =>
      "Deno" in globalThis ? withWatchers(subject) : "only Deno has such a watcher",
    async run(context) {
      // Not told by `unload`: what is late is not seen.
      const watching = await reload(context, context.log(), "--watch-hmr");
      // The listener that is told of it must not keep the signal from ending the watcher itself.
      process.kill(watching.pid, "SIGTERM");
      await watching.ended;
      await context.until(() => !watching.pids.some((pid) => isAlive(pid)));
    },
  },
];

function withWatchers(subject: Subject): true | string {
  return process.platform === "win32"
    ? "Windows has no process groups, by which a watcher could be ended"
    : withWorkerScripts(subject);
}

function usualWatcher(): string {
  return "Bun" in globalThis ? "--hot" : "--watch";
}

/** Loads a program anew until it is of the last generation, and waits until nobody else works. */
async function reload(
  context: CaseContext,
  late: CaseLog,
  watcher: string,
): Promise<Watching & { pids: number[] }> {
  const log = context.log();
  const watched = join(context.directory, "watched.mjs");
  const write = (generation: number) =>
    writeFileSync(watched, `export const generation = ${generation};\n`);
  write(1);
  const args = [new URL(`file://${watched}`).href, log.path, late.path];
  const watching = watch(context, watcher, args);
  const pids: number[] = [];
  let last: number[] = [];
  for (let generation = 1; generation <= GENERATIONS; generation++) {
    const up = new RegExp(`^up ${generation} (\\d+) (\\d+)$`, "m");
    await context.until(() => up.test(watching.said()));
    last = up.exec(watching.said())?.slice(1).map(Number) ?? [];
    if (generation === GENERATIONS) break;
    pids.push(...last);
    write(generation + 1);
  }
  let from = 0;
  // Those of earlier generations may take a moment to end.
  await context.until(() => {
    const lines = log.lines().slice(from);
    const stale = lines.findLastIndex((line) => line !== `${GENERATIONS}`);
    if (stale >= 0) from += stale + 1;
    return stale < 0 && lines.length >= BEATS;
  });
  if (context.subject.traits.processes)
    await context.until(() => !pids.some((pid) => isAlive(pid)));
  return { ...watching, pids: last };
}

interface Watching {
  readonly pid: number;
  said(): string;
  readonly ended: Promise<unknown>;
  end(): Promise<unknown>;
}

/** Starts the fixture under the watcher; it ends with the case. */
function watch(context: CaseContext, watcher: string, args: readonly string[]): Watching {
  const { executable, flags, module, executor } = context.subject.script as ScriptCommand;
  const watching = "Deno" in globalThis ? ["run", watcher, ...flags.slice(1)] : [watcher, ...flags];
  const command = [...watching, scriptPath("reloaded.ts"), module, executor, ...args];
  const child = spawn(executable, command, {
    stdio: ["ignore", "pipe", "ignore"],
    detached: true,
    env: process.env,
  });
  let stdout = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  const { pid } = child;
  assert.ok(pid !== undefined);
  const kill = () => {
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  context.defer(kill);
  const ended = new Promise((resolve) => child.on("close", resolve));
  const end = () => {
    kill();
    return ended;
  };
  return { pid, said: () => stdout, ended, end };
}
