// Finds the programs of the runtimes.

import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Programs } from "./run_contender.ts";

const REPOSITORY = new URL("../../", import.meta.url);

/** Finds Deno (this program), the pinned Bun, and Python if there is one. */
export function findPrograms(): Programs {
  const deno = process.execPath;
  return {
    deno,
    bun: answer(deno, [
      "run",
      "--quiet",
      "--allow-read",
      "--allow-run",
      "--allow-env=BUN",
      fileURLToPath(new URL("scripts/bun.ts", REPOSITORY)),
      "--print",
      "process.execPath",
    ]),
    python: answer("python3", ["-c", "import sys; print(sys.executable)"]),
  };
}

/** The versions of the programs, for the page of results. */
export function versionsOf(programs: Programs): string[] {
  return Object.values(programs).flatMap((program) => {
    const version = program && answer(program, ["--version"])?.split("\n")[0];
    if (!version) return [];
    return [/^\d/.test(version) ? `bun ${version}` : version];
  });
}

function answer(program: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
