// The submitter of the queue's faults: a program of its own on any runtime, which says what came of it and then does nothing.

import process from "node:process";
import { importTasks } from "../../../mod.ts";
import { QueueExecutor } from "../mod.ts";

/** What it submits. */
export interface FaultSubmitter {
  readonly url: string;
  readonly queue: string;
  /** Milliseconds that its clock is ahead. Default: 0. */
  readonly skew?: number;
  /** Milliseconds that its task naps. */
  readonly nap?: number;
  /** Milliseconds after which its task, which notes in this file, is due. */
  readonly delay?: number;
  readonly file?: string;
}

/** Milliseconds after which one that nobody ends any more ends by itself. It holds nothing by that. */
const MOST_MS = 300_000;
const end = setTimeout(() => process.exit(1), MOST_MS) as unknown as { unref(): void };
end.unref();

const asked: FaultSubmitter = JSON.parse(process.argv[2] ?? "");
const { url, queue, skew = 0, nap = 0, delay, file = "" } = asked;
if (skew !== 0) {
  const { now } = Date;
  Date.now = () => now() + skew;
}
const tasks = { faults: new URL("./fault_tasks.ts", import.meta.url) };
const faults = importTasks<typeof import("./fault_tasks.ts")>(tasks.faults);
const executor = new QueueExecutor({ connection: { url }, queue, tasks });
const future =
  delay === undefined
    ? executor.submit(faults.nap, nap)
    : executor.schedule({ delay }, faults.note, file, "due");
await future.accepted;
console.log("accepted");
console.log(`value ${await future}`);
// It is not shut down: an idle executor holds no program.
