// Starts the pinned Bun from its platform package, because Deno's installer runs no postinstall.

import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** What a terminal or a supervisor sends to end a program; SIGKILL cannot be passed on. */
const FORWARDED_SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A shell reports a program ended by signal n as 128 + n. */
const SIGNAL_NUMBERS: Record<string, number> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Finds the Bun binary: the one named by the environment variable `BUN`, else the pinned one.
 *
 * Works on every runtime, so that tests can start Bun too.
 *
 * @returns its path.
 * @throws {Error} if it is not installed.
 */
export function bunPath(): string {
  const named = process.env.BUN;
  if (named) return named;
  const path = pinnedPath();
  if (path && existsSync(path)) return path;
  throw new Error("Cannot start Bun: binary not found in node_modules/@oven; run `deno install`");
}

/** Every installer (Deno, npm, Bun) puts `@oven` beside the place where the `bun` package really is. */
function pinnedPath(): string | undefined {
  const bunPackage = join(REPOSITORY, "node_modules", "bun");
  if (!existsSync(bunPackage)) return undefined;
  const binary = process.platform === "win32" ? "bun.exe" : "bun";
  return join(dirname(realpathSync(bunPackage)), "@oven", platformPackage(), "bin", binary);
}

/** Bun 1.4 has one build per platform, architecture and C library (no `baseline` builds any more). */
function platformPackage(): string {
  const architecture = process.arch === "arm64" ? "aarch64" : process.arch;
  switch (process.platform) {
    case "win32":
      return `bun-windows-${architecture}`;
    case "android":
      return `bun-linux-${architecture}-android`;
    case "linux":
      return `bun-linux-${architecture}${usesMusl() ? "-musl" : ""}`;
    default:
      return `bun-${process.platform}-${architecture}`;
  }
}

/** Asks which loader there is: Deno's installer fetches both builds, and the wrong one cannot start. */
function usesMusl(): boolean {
  const glibcLoaders = ["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];
  const muslLoaders = ["/lib/ld-musl-x86_64.so.1", "/lib/ld-musl-aarch64.so.1"];
  return !glibcLoaders.some(existsSync) && muslLoaders.some(existsSync);
}

/** Runs Bun on our terminal and ends as it ends. */
async function main(): Promise<void> {
  const bun = start(Deno.args);
  for (const signal of FORWARDED_SIGNALS) {
    if (Deno.build.os === "windows" && signal !== "SIGINT") continue;
    Deno.addSignalListener(signal, () => forward(bun, signal));
  }
  const { code, signal } = await bun.status;
  Deno.exit(signal ? 128 + (SIGNAL_NUMBERS[signal] ?? 0) : code);
}

function start(args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(bunPath(), { args }).spawn();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}

function forward(bun: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    bun.kill(signal);
  } catch {
    // It ended by itself first: its status decides.
  }
}

if (import.meta.main) await main();
