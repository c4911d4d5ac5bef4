// Cases of programs that a watcher loads anew: `deno run --watch`, `bun --hot`, `node --watch`.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { withWorkerScripts } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { isAlive } from "../is_alive.ts";
import { scriptPath } from "../run_script.ts";
import type { ScriptCommand } from "../subject.ts";

const GENERATIONS = 4;
/** Many times what any worker of an earlier generation would add to, were one left. */
const BEATS = 100;

/** Cases of programs that are loaded anew. */
export const reloadCases: readonly ConformanceCase[] = [
  {
    id: "cf-reload",
    title: "a program that is loaded anew again and again leaves no worker behind, busy or idle",
    applies: (subject) =>
      process.platform === "win32"
        ? "Windows has no process groups, by which a watcher could be ended"
        : withWorkerScripts(subject),
    async run(context) {
      const [log, late] = [context.log(), context.log()];
      const watched = join(context.directory, "watched.mjs");
      const write = (generation: number) =>
        writeFileSync(watched, `export const generation = ${generation};\n`);
      write(1);
      const watching = watch(context, [new URL(`file://${watched}`).href, log.path, late.path]);
      const pids: number[] = [];
      for (let generation = 1; generation <= GENERATIONS; generation++) {
        const up = new RegExp(`^up ${generation} (\\d+) (\\d+)$`, "m");
        await context.until(() => up.test(watching.said()));
        if (generation === GENERATIONS) break;
        pids.push(...(up.exec(watching.said())?.slice(1).map(Number) ?? []));
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
      await watching.end();
      if (!("Deno" in globalThis)) return;
      const told = Array.from({ length: GENERATIONS - 1 }, () => "ShutdownError");
      assert.deepEqual(late.lines(), told);
    },
  },
];

/** Starts the fixture under the watcher of the subject's runtime. */
function watch(
  context: CaseContext,
  args: readonly string[],
): { said(): string; end(): Promise<void> } {
  const { executable, flags, module, executor } = context.subject.script as ScriptCommand;
  const watching =
    "Deno" in globalThis
      ? ["run", "--watch", ...flags.slice(1)]
      : ["Bun" in globalThis ? "--hot" : "--watch", ...flags];
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
  const closed = new Promise((resolve) => child.on("close", resolve));
  const kill = () => {
    try {
      process.kill(-(child.pid ?? Number.NaN), "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  context.defer(kill);
  return {
    said: () => stdout,
    async end() {
      kill();
      await closed;
    },
  };
}
