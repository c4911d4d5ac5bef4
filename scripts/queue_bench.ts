// What a job costs over a queue, beside BullMQ alone: processor time of submitter, agent and server, in turns, on the same machine.

import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import type { BenchProgram, BenchReport } from "../modules/queue/conformance/bench_program.ts";
import { type Program, Rig, type Runtime } from "../modules/queue/conformance/rig.ts";

const HELP = `Usage: deno task queue:bench [--runtime Deno|Bun|Node] [--jobs N] [--rounds N] [--only TEXT]

Prints microseconds of processor time for each job, of submitter, agent and server once they are warm: BullMQ alone and this library
in turns, the median of all rounds. Wall time is printed too, and says little on a machine that has something else to do.`;

/** One row. */
interface Row {
  readonly name: string;
  readonly by: BenchProgram["by"];
  readonly inFlight?: number;
  readonly chunkSize?: number;
  /** So many times as many as are asked for: elements of a map. */
  readonly times?: number;
}

const ROWS: readonly Row[] = [
  { name: "BullMQ alone, 32 in flight", by: "naked", inFlight: 32 },
  { name: "this library, 32 in flight", by: "ours", inFlight: 32 },
  { name: "this library, its agent without a worker, 32 in flight", by: "loop", inFlight: 32 },
  { name: "BullMQ alone, 256 in flight", by: "naked", inFlight: 256 },
  { name: "this library, 256 in flight", by: "ours", inFlight: 256 },
  { name: "map, 1 element a job", by: "ours", chunkSize: 1 },
  { name: "map, 10 elements a job", by: "ours", chunkSize: 10, times: 10 },
  { name: "map, 100 elements a job", by: "ours", chunkSize: 100, times: 50 },
];

const COLUMNS = ["submitter", "agent", "server", "all", "wall"] as const;

type Figures = Record<(typeof COLUMNS)[number], number>;

async function measure(runtime: Runtime, row: Row, jobs: number): Promise<Figures> {
  await using rig = await Rig.make();
  const { by, inFlight = 1, chunkSize, times = 1 } = row;
  const place = { by, port: rig.server.port, queue: "q" } as const;
  const agent = rig.start(runtime, "./bench_program.ts", { ...place, role: "agent" });
  await agent.prints("serves");
  const count = jobs * times;
  const submitter = rig.start(runtime, "./bench_program.ts", {
    ...{ ...place, role: "submitter", count, inFlight },
    ...(chunkSize === undefined ? {} : { chunkSize }),
  });
  await submitter.prints("warm");
  agent.child.stdin?.write("\n");
  const before = await serverTime(rig.server.url);
  await submitter.ended;
  const server = (await serverTime(rig.server.url)) - before;
  agent.signal("SIGTERM");
  await agent.ended;
  const [ours, theirs] = [reportOf(submitter), reportOf(agent)];
  const each = (micros: number) => micros / count;
  return {
    submitter: each(ours.cpu),
    agent: each(theirs.cpu),
    server: each(server),
    all: each(ours.cpu + theirs.cpu + server),
    wall: each(ours.wall),
  };
}

function reportOf({ printed }: Program): BenchReport {
  const line = printed
    .trim()
    .split("\n")
    .findLast((text) => text.startsWith("{"));
  if (line === undefined) throw new Error(`Cannot measure: the program said\n${printed}`);
  return JSON.parse(line);
}

/** Microseconds of processor time that the server has taken. */
async function serverTime(url: string): Promise<number> {
  const client = new Redis(url);
  const info = await client.info("cpu");
  client.disconnect();
  return [/^used_cpu_sys:([\d.]+)/m, /^used_cpu_user:([\d.]+)/m]
    .map((pattern) => Number(pattern.exec(info)?.[1]) * 1e6)
    .reduce((sum, micros) => sum + micros, 0);
}

function medianOf(all: readonly Figures[]): Figures {
  const median = (column: keyof Figures) => {
    const sorted = all.map((figures) => figures[column]).toSorted((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  };
  return Object.fromEntries(COLUMNS.map((column) => [column, median(column)])) as Figures;
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runtime: { type: "string", default: "Node" },
      jobs: { type: "string", default: "2000" },
      rounds: { type: "string", default: "3" },
      only: { type: "string", default: "" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const rows = ROWS.filter(({ name }) => name.includes(values.only));
  const rounds = rows.map((): Figures[] => []);
  for (let round = 0; round < Number(values.rounds); round++)
    for (const [index, row] of rows.entries())
      rounds[index]?.push(await measure(values.runtime as Runtime, row, Number(values.jobs)));
  console.log(
    `| ${values.runtime}, µs each | ${COLUMNS.join(" | ")} |\n|---|${"--:|".repeat(COLUMNS.length)}`,
  );
  for (const [index, { name }] of rows.entries()) {
    const figures = medianOf(rounds[index] ?? []);
    console.log(`| ${name} | ${COLUMNS.map((column) => figures[column].toFixed(0)).join(" | ")} |`);
  }
}

if (import.meta.main) await main(Deno.args);
