// Finds the programs of the runtimes, and installs the peers where they are wanted.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
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

/**
 * Installs the peers beside their adapters, if they are not there yet: with npm, or with Bun where there is no npm.
 *
 * @throws {Error} If it fails.
 */
export function installPeers({ bun }: Programs): void {
  const cwd = fileURLToPath(new URL("./peers/", import.meta.url));
  const { dependencies } = JSON.parse(readFileSync(`${cwd}package.json`, "utf8"));
  if (Object.keys(dependencies).every((name) => existsSync(`${cwd}node_modules/${name}`))) return;
  console.error("Installing the peers into apps/bench/peers …");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const commands: [string, string[]][] = [
    [npm, ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]],
    [bun ?? "bun", ["install", "--no-save", "--ignore-scripts"]],
  ];
  // Standard output is for figures only.
  const installed = commands.some(
    ([program, args]) => spawnSync(program, args, { cwd, stdio: ["ignore", 2, 2] }).status === 0,
  );
  if (!installed) throw new Error("Cannot install the peers: neither npm nor Bun succeeded");
}

function answer(program: string, args: string[]): string | undefined {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim() : undefined;
}
