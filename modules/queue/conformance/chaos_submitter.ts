// The submitter of the chaos run: keeps calls of every kind in flight until its time is over, and then tells what became of each.

import process from "node:process";
import { CancelledError, type Future, importTasks, WorkerLostError } from "../../../mod.ts";
import { QueueExecutor } from "../mod.ts";

/** What it does. */
export interface ChaosSubmitter {
  readonly url: string;
  readonly queue: string;
  /** Where calls note that they run. */
  readonly file: string;
  /** Begins the ids of its calls. */
  readonly name: string;
  /** Milliseconds for which it submits. */
  readonly ms: number;
  /** So many calls, if that comes first. */
  readonly calls?: number;
  /** How many it keeps in flight. */
  readonly inFlight: number;
  /** Nothing is killed: only plain calls, none of which may be lost. */
  readonly isCalm: boolean;
}

/** How one call was made, and what became of it. `v` a value, `l` its agent was lost, `c` cancelled, and else what is wrong. */
export type ChaosOutcome = readonly [id: string, kind: "once" | "often" | "revoked", what: string];

/** What it prints at the end. */
export interface ChaosReport {
  readonly outcomes: readonly ChaosOutcome[];
  /** MiB of resident memory, after each tenth of its calls. */
  readonly memory: readonly number[];
  /** Futures that were done more than once. */
  readonly settledTwice: number;
}

const asked: ChaosSubmitter = JSON.parse(process.argv[2] ?? "");
const tasks = { faults: new URL("./fault_tasks.ts", import.meta.url) };
const { mark } = importTasks<typeof import("./fault_tasks.ts")>(tasks.faults);
const executor = new QueueExecutor({
  connection: { url: asked.url },
  queue: asked.queue,
  tasks,
  // A server that is killed is away for a while.
  submitTimeout: Number.POSITIVE_INFINITY,
  onError: () => {},
});
const outcomes: ChaosOutcome[] = [];
const memory: number[] = [];
let settledTwice = 0;
let submitted = 0;

function kindOf(n: number): ChaosOutcome[1] {
  if (asked.isCalm || n % 4 === 0) return "once";
  return n % 4 === 1 ? "revoked" : "often";
}

async function call(n: number): Promise<void> {
  const id = `${asked.name}-${n}`;
  const kind = kindOf(n);
  const ms = asked.isCalm ? 0 : n % 20;
  const task = kind === "once" ? mark : mark.with({ retries: 20 });
  const future = executor.submit(task, asked.file, id, ms);
  let done = 0;
  future.addDoneCallback(() => {
    done++;
    if (done > 1) settledTwice++;
  });
  const verdict = kind === "revoked" ? await executor.revoke(future) : undefined;
  const what = await outcomeOf(future, id);
  // Of what was given back the verdict must be true, and nothing else be cancelled.
  const isFalse = verdict !== undefined && verdict !== (what === "c");
  outcomes.push([id, kind, isFalse ? `the verdict was ${verdict}, and it is ${what}` : what]);
}

async function outcomeOf(future: Future<string>, id: string): Promise<string> {
  try {
    const value = await future;
    return value === id ? "v" : `the value is ${value}`;
  } catch (error) {
    if (error instanceof CancelledError) return "c";
    if (error instanceof WorkerLostError) return "l";
    return String(error);
  }
}

const { calls = Number.POSITIVE_INFINITY, ms, inFlight } = asked;
const end = performance.now() + ms;
const tenth = Math.max(
  1,
  Math.floor(Number.isFinite(calls) ? calls / 10 : Number.MAX_SAFE_INTEGER),
);

async function lane(): Promise<void> {
  while (performance.now() < end && submitted < calls) {
    const n = submitted++;
    await call(n);
    if (n % tenth === 0) memory.push(Math.round(process.memoryUsage().rss / 2 ** 20));
    // The checker keeps none of a million calls that went well.
    if (asked.isCalm)
      for (let at = outcomes.length - 1; at >= 0 && outcomes[at]?.[2] === "v"; at--) outcomes.pop();
  }
}

console.log("begins");
await Promise.all(Array.from({ length: inFlight }, lane));
await executor.shutdown();
const report: ChaosReport = { outcomes, memory, settledTwice };
console.log(JSON.stringify({ ...report, submitted }));
