// Starts the pinned Bun from its platform package, because Deno's installer runs no postinstall.

import { existsSync, realpathSync } from "node:fs";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** Signals a terminal or a supervisor sends to a program; `SIGKILL` cannot be forwarded. */
const FORWARDED_SIGNALS: Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Finds the Bun binary: the one named by the environment variable `BUN`, else the pinned one.
 *
 * @returns its absolute path.
 * @throws {Error} if there is none for this platform.
 */
export function bunPath(): string {
  const named = process.env.BUN;
  if (named) return named;
  const found = candidates().find((path) => existsSync(path));
  if (found) return found;
  throw new Error("Cannot start Bun: binary not found in node_modules/@oven; run `deno install`");
}

/** The binaries that may run here, best first. Installers put `@oven` beside the real `bun` package. */
function candidates(): string[] {
  const bun = join(REPOSITORY, "node_modules", "bun");
  if (!existsSync(bun)) return [];
  const besideBun = join(dirname(realpathSync(bun)), "@oven");
  const binary = platform() === "win32" ? "bun.exe" : "bun";
  return packageNames().map((name) => join(besideBun, name, "bin", binary));
}

function packageNames(): string[] {
  const system = platform() === "win32" ? "windows" : platform();
  const name = `bun-${system}-${arch() === "arm64" ? "aarch64" : arch()}`;
  // Installers may fetch both C libraries' builds; the other one does not start, so it is no fallback.
  return isMusl() ? [`${name}-musl`] : [name];
}

function isMusl(): boolean {
  if (platform() !== "linux") return false;
  const architecture = arch() === "arm64" ? "aarch64" : "x86_64";
  const glibc = [`/lib64/ld-linux-x86-64.so.2`, `/lib/ld-linux-aarch64.so.1`].some(existsSync);
  return !glibc && existsSync(`/lib/ld-musl-${architecture}.so.1`);
}

/** Runs Bun with our terminal and ends as it ends. */
async function main(): Promise<void> {
  const child = new Deno.Command(bunPath(), { args: Deno.args }).spawn();
  for (const signal of FORWARDED_SIGNALS) {
    if (platform() === "win32" && signal !== "SIGINT") continue;
    Deno.addSignalListener(signal, () => child.kill(signal));
  }
  const { code } = await child.status;
  Deno.exit(code);
}

if (import.meta.main) await main();
