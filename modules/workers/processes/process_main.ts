// The main module of a process that was started by linkProcess (link_process.ts): on Deno and Node.

import process from "node:process";
import { letSignalsPass } from "./group_signals.ts";
import { serveProcess } from "./serve_process.ts";

letSignalsPass();
serveProcess();

// The mark of a worker (worker_mark.ts) is no task's business, nor is what stands behind it.
// A busy process does not hear that its host is gone. Where the kernel does not kill it then (killed_with_us.ts), a thread
// beside it does.
const [, host] = process.argv.splice(2);
if (host) {
  const LOOK_EVERY_MS = 500;
  const watch = `setInterval(() => process.ppid === ${Number(host)} || process.kill(process.pid, "SIGKILL"), ${LOOK_EVERY_MS})`;
  // Only here, for it takes its time to load.
  const { Worker } = await import("node:worker_threads");
  new Worker(watch, { eval: true, execArgv: [] }).unref();
}
