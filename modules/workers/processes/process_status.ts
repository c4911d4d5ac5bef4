// What the operating system knows of a process: whether it is stopped, and how much memory it has.

import type { ProcessStatus } from "../../core/seam/channel.ts";

/** `ps` is a process of its own: it is asked no more often than this, in milliseconds, and its last answer is told. */
const PS_EVERY_MS = 250;

/** Tells what is known of a process now; undefined where nothing is: it has ended, or this is Windows. */
export function processStatus(pid: number): ProcessStatus | undefined {
  switch (process.platform) {
    case "win32":
      return undefined;
    case "linux":
    case "android":
      return statusFromProc(pid);
    default:
      return statusFromPs(pid);
  }
}

function statusFromProc(pid: number): ProcessStatus | undefined {
  const { readFileSync } = process.getBuiltinModule("node:fs");
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, "utf8");
  } catch (error) {
    // Deno opens these files only to programs that may do everything.
    return (error as Error).name === "NotCapable" ? statusFromPs(pid) : undefined;
  }
  const state = /^State:\s+(\w)/m.exec(text)?.[1] ?? "";
  // A process that is just ending has no memory any more, and no such line.
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(text)?.[1];
  if (isGone(state) || kilobytes === undefined) return undefined;
  return { stopped: isStopped(state), memory: Number(kilobytes) * 1024 };
}

/** The last answers of `ps`, by process. */
const answers = new Map<number, { status: ProcessStatus | undefined; at: number }>();

/** As on macOS and the BSDs. The first answer comes with a later look. */
export function statusFromPs(pid: number): ProcessStatus | undefined {
  const known = answers.get(pid);
  if (known !== undefined && performance.now() - known.at < PS_EVERY_MS) return known.status;
  answers.set(pid, { status: known?.status, at: performance.now() });
  const { execFile } = process.getBuiltinModule("node:child_process");
  const ps = execFile("ps", ["-o", "state=,rss=", "-p", `${pid}`], (error, stdout) => {
    const [state = "", kilobytes] = stdout.trim().split(/\s+/);
    if (error !== null || isGone(state)) {
      answers.delete(pid);
      return;
    }
    const status = { stopped: isStopped(state), memory: Number(kilobytes) * 1024 };
    answers.set(pid, { status, at: performance.now() });
  });
  ps.unref();
  return known?.status;
}

/** Ended and not collected yet. */
function isGone(state: string): boolean {
  return state === "" || state.startsWith("Z") || state.startsWith("X");
}

/** Stopped by a signal, or by a debugger. */
function isStopped(state: string): boolean {
  return state.startsWith("T") || state.startsWith("t");
}
