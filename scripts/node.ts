// Finds a Node that the package supports: the machine's own, or the pinned one by npx.

import { spawnSync } from "node:child_process";
import process from "node:process";

/** The oldest Node that all checks run on: the first with `using`, which users' programs in them have. The package needs it not. */
const OLDEST = 24;

/**
 * What npx fetches, and keeps, where the machine's Node is older. It is no development dependency: with nearly 200 MB it
 * would be the largest of them by far, for two steps of the tests.
 */
const PINNED = "node@24.21.0";

/**
 * Finds Node: the one named by the environment variable `NODE_BINARY`, else the one on the path if it is new enough, else
 * the pinned one. (Not `NODE`: npx sets that to the Node it runs on itself, however old.)
 *
 * @returns its path.
 * @throws {Error} if there is none, nor an npx to fetch it.
 */
export function nodePath(): string {
  const named = process.env.NODE_BINARY;
  if (named) return named;
  const [version, path] = ask("node", []);
  if (version !== undefined && path !== undefined && Number(version.split(".")[0]) >= OLDEST)
    return path;
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const [, pinned] = ask(npx, ["-y", PINNED]);
  if (pinned !== undefined) return pinned;
  throw new Error(
    `Cannot start Node: found ${version ?? "none"}, and npx could not fetch ${PINNED}`,
  );
}

/** The version of a Node, and where it lies; nothing if it does not start. */
function ask(program: string, args: string[]): string[] {
  const script = "process.versions.node + '\\n' + process.execPath";
  const { status, stdout } = spawnSync(program, [...args, "-p", script], { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n") : [];
}
