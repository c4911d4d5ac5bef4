// One side of the queue's benchmark, naked or ours, as a program of its own: it counts the processor time that its jobs take.

import process from "node:process";
import { Queue, QueueEvents, Worker } from "bullmq";
import { EventLoopExecutor, type Executor, importTasks } from "../../../mod.ts";
import { QueueExecutor, serveQueue } from "../mod.ts";

/** What it is. */
export interface BenchProgram {
  readonly role: "submitter" | "agent";
  /** `loop`: this library, whose agent has no worker beside itself. */
  readonly by: "naked" | "ours" | "loop";
  readonly port: number;
  readonly queue: string;
  /** Of a submitter: how many jobs, or elements of a map; how many are in flight, or elements are one job. */
  readonly count?: number;
  readonly inFlight?: number;
  readonly chunkSize?: number;
}

/** What it prints at the end: microseconds of processor time, and of wall time. */
export interface BenchReport {
  readonly cpu: number;
  readonly wall: number;
}

/** How many jobs an agent takes at once. */
const CONCURRENCY = 32;

/** What is done before it is measured: an agent serves for long, and what its engine compiles at first is soon no part of a job. */
const WARM = 5_000;

type Pool = new (options: { maxWorkers: number }) => Executor;

const asked: BenchProgram = JSON.parse(process.argv[2] ?? "");
const { role, by, port, queue, count = 0, inFlight = 1, chunkSize } = asked;
const connection = { host: "127.0.0.1", port };
const url = `redis://127.0.0.1:${port}`;
const tasks = { faults: new URL("./fault_tasks.ts", import.meta.url) };

function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** Calls so many times, so many of them at once. */
async function inLanes(calls: number, lanes: number, call: (n: number) => Promise<number>) {
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < calls; n = next++)
      if ((await call(n)) !== 2 * n) throw new Error("Wrong result");
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}

async function measure(work: (calls: number) => Promise<unknown>): Promise<void> {
  await work(WARM);
  console.log("warm");
  const cpu = cpuTime();
  const wall = performance.now();
  await work(count);
  const report: BenchReport = {
    cpu: cpuTime() - cpu,
    wall: (performance.now() - wall) * 1000,
  };
  console.log(JSON.stringify(report));
}

async function submitNaked(): Promise<void> {
  const jobs = new Queue(queue, { connection });
  const events = new QueueEvents(queue, { connection });
  // It listens once more for each job in flight, and would be warned of that again and again.
  for (const emitter of [jobs, events]) emitter.setMaxListeners(0);
  await events.waitUntilReady();
  const kept = { removeOnComplete: 1_000 };
  await measure((calls) =>
    inLanes(calls, inFlight, async (n) => {
      const job = await jobs.add("double", { n }, kept);
      return await job.waitUntilFinished(events);
    }),
  );
}

async function submitOurs(): Promise<void> {
  const executor = new QueueExecutor({ connection: { url }, queue, tasks });
  const { double } = importTasks<typeof import("./fault_tasks.ts")>(tasks.faults);
  if (chunkSize === undefined)
    return await measure((calls) => inLanes(calls, inFlight, (n) => executor.submit(double, n)));
  await measure(async (calls) => {
    const items = Array.from({ length: calls }, (_, n) => n);
    const results = await Array.fromAsync(executor.map(double, items, { chunkSize }));
    if (results.at(-1) !== 2 * (calls - 1)) throw new Error("Wrong result");
  });
}

/** It is told to end, and tells what it has taken since a line was written to it: by then its submitter is warm. */
function tellAtTheEnd(): void {
  let cpu = cpuTime();
  process.stdin.on("data", () => {
    cpu = cpuTime();
  });
  process.on("SIGTERM", () => {
    console.log(JSON.stringify({ cpu: cpuTime() - cpu, wall: 0 } satisfies BenchReport));
    process.exit();
  });
  console.log("serves");
}

async function serveNaked(): Promise<void> {
  const work = (job: { data: { n: number } }) => Promise.resolve(2 * job.data.n);
  const worker = new Worker(queue, work, { connection, concurrency: CONCURRENCY });
  await worker.waitUntilReady();
}

async function serveOurs(): Promise<void> {
  const { deno, bun } = process.versions;
  const entry = new URL(`../../${deno ? "deno" : bun ? "bun" : "node"}/mod.ts`, import.meta.url);
  const { ThreadPoolExecutor } = (await import(entry.href)) as { ThreadPoolExecutor: Pool };
  await serveQueue({
    connection: { url },
    queues: queue,
    tasks,
    executor: () =>
      by === "loop" ? new EventLoopExecutor() : new ThreadPoolExecutor({ maxWorkers: 1 }),
    concurrency: CONCURRENCY,
  });
}

// Whoever started it is gone.
process.stdin.on("end", () => process.exit()).resume();
if (role === "agent") {
  await (by === "naked" ? serveNaked() : serveOurs());
  tellAtTheEnd();
} else {
  await (by === "naked" ? submitNaked() : submitOurs());
  process.exit();
}
