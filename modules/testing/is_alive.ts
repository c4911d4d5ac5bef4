// isAlive: whether a process still runs.
import { spawnSync } from "node:child_process";
import process from "node:process";

/** A process that has ended and was not collected by its new parent yet still takes signals: it is not alive. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // By `ps`, for Deno opens the files of /proc only to programs that may do everything.
  const { stdout } = spawnSync("ps", ["-o", "state=", "-p", `${pid}`], { encoding: "utf8" });
  return !/^\s*(Z|$)/.test(stdout);
}
