// residentBytes(): the memory of this process and its children, each page that several have counted in parts (PSS).

import { execFileSync } from "node:child_process";
import process from "node:process";

const KIB = 1024;

/** Read by a program of the system: Deno itself may not look there. */
export function residentBytes(): number {
  const script = `for p in ${process.pid} $(cat /proc/${process.pid}/task/*/children); do grep -h ^Pss: /proc/$p/smaps_rollup 2>/dev/null; done || true`;
  const lines = execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim().split("\n");
  // The shell that looks is a child, too, and small; it is one each time.
  return lines.reduce((sum, line) => sum + Number(line.split(/\s+/)[1]) * KIB, 0);
}
