// Chaos on a queue: agents on three runtimes are killed every few seconds, and the server three times, while three submitters keep
// calls in flight. Afterwards each call is looked at: deno task queue:chaos --help

import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ChaosReport } from "../modules/queue/conformance/chaos_submitter.ts";
import { type Program, Rig, type Runtime } from "../modules/queue/conformance/rig.ts";

const HELP = `Usage: deno task queue:chaos [--minutes N] [--every SECONDS] [--calm] [--jobs N] [--load N]

Starts a server, agents on Deno, Bun and Node (and one more on Bun), and a submitter on each runtime. Kills an agent every few
seconds, and the server three times. Then looks at each call: none lost, none settled twice, none run twice that may run
once, no false verdict, no wrong value. Fails if there is one.

  --minutes N      how long (default: 1)
  --every SECONDS  between two deaths of agents (default: 5)
  --calm           kill nothing: none of the calls may be lost
  --jobs N         so many calls of each submitter, if that comes first
  --load N         so many busy programs beside them`;

const RUNTIMES: readonly Runtime[] = ["Deno", "Bun", "Node"];
const AGENTS: readonly Runtime[] = [...RUNTIMES, "Bun"];

/** Milliseconds without a word after which an agent is lost: long enough for a machine that is busy with all this. */
const LOCK_MS = 5_000;

/** How long a server is away that was killed, in ms. */
const AWAY_MS = 1_000;

/** How often an agent is started in vain. */
const MOST_STARTS = 5;

/** Of each submitter. */
const IN_FLIGHT = 16;

/** What is to be done. */
export interface ChaosPlan {
  readonly ms: number;
  /** Milliseconds between two deaths of agents. */
  readonly every: number;
  readonly isCalm?: boolean;
  readonly jobs?: number;
  readonly load?: number;
  readonly serverDeaths?: number;
  readonly tell?: (text: string) => void;
}

/** What came of it. */
export interface ChaosToll {
  calls: number;
  values: number;
  cancelled: number;
  /** Their agent was lost, and they may run once only. */
  lost: number;
  agentDeaths: number;
  serverDeaths: number;
  /** MiB of each submitter, and of each agent at its start and its end. */
  memory: Record<string, readonly number[]>;
  /** What must not be. */
  wrong: string[];
}

/** Plays it, and looks at each call. */
export async function playChaos(plan: ChaosPlan): Promise<ChaosToll> {
  const { ms, every, isCalm = false, jobs, load = 0, serverDeaths = 3, tell = () => {} } = plan;
  await using rig = await Rig.make();
  const file = rig.path("ran");
  const options = isCalm ? {} : { lock: LOCK_MS };
  const agents = await Promise.all(AGENTS.map((runtime) => rig.agent(runtime, options)));
  const submitters = RUNTIMES.map((name) =>
    rig.start(name, "./chaos_submitter.ts", {
      ...{ url: rig.server.url, queue: "q", file, name, ms, inFlight: IN_FLIGHT, isCalm },
      ...(jobs === undefined ? {} : { calls: jobs }),
    }),
  );
  const busy = Array.from({ length: load }, () =>
    new Deno.Command(Deno.execPath(), { args: ["eval", "for (;;);"] }).spawn(),
  );
  const toll: ChaosToll = {
    ...{ calls: 0, values: 0, cancelled: 0, lost: 0, agentDeaths: 0, serverDeaths: 0 },
    memory: {},
    wrong: [],
  };
  try {
    await Promise.all(submitters.map((submitter) => submitter.prints("begins")));
    const before = agents.map(residentMemory);
    const over = new AbortController();
    const deaths = isCalm
      ? agents.map((_, index) => keepUp(rig, agents, index, { over: over.signal, toll, tell }))
      : [
          killAgents(rig, agents, { every, over: over.signal, toll, tell }),
          killServer(rig, { ms, times: serverDeaths, over: over.signal, toll, tell }),
        ];
    for (const death of deaths) death.catch(() => {}); // It is looked at when all are over.
    const ended = await Promise.all(submitters.map((submitter) => submitter.ended));
    for (const [index, agent] of agents.entries())
      if (isCalm)
        toll.memory[`agent ${index} on ${AGENTS[index]}`] = [
          before[index] ?? 0,
          residentMemory(agent),
        ];
    over.abort();
    await Promise.all(deaths);
    for (const [index, submitter] of submitters.entries()) {
      if (ended[index]?.[0] !== 0) toll.wrong.push(`a submitter ended:\n${submitter.printed}`);
      else add(toll, RUNTIMES[index] as string, submitter, isCalm);
    }
    if (!isCalm) countRuns(toll, file, submitters);
  } finally {
    for (const program of busy) program.kill("SIGKILL");
  }
  return toll;
}

interface Death {
  readonly over: AbortSignal;
  readonly toll: ChaosToll;
  readonly tell: (text: string) => void;
}

/** One after the other, each with another one in its place. */
async function killAgents(
  rig: Rig,
  agents: Program[],
  { every, over, toll, tell }: Death & { every: number },
): Promise<void> {
  for (let turn = 0; !over.aborted; turn++) {
    await pause(every, undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    const index = turn % agents.length;
    await agents[index]?.kill();
    toll.agentDeaths++;
    tell(`agent ${index} on ${AGENTS[index]} is dead`);
    agents[index] = await startAgain(rig, AGENTS[index] as Runtime, tell);
  }
}

/** One whose pool could not start a worker, as the machine is too busy, ends by itself: another one takes its place. */
async function keepUp(
  rig: Rig,
  agents: Program[],
  index: number,
  { over, toll, tell }: Death,
): Promise<void> {
  const isOver = new Promise<true>((resolve) =>
    over.addEventListener("abort", () => resolve(true), { once: true }),
  );
  while (!(await Promise.race([isOver, agents[index]?.ended]).then((ended) => ended === true))) {
    toll.agentDeaths++;
    tell(`agent ${index} on ${AGENTS[index]} has ended: ${agents[index]?.printed}`);
    agents[index] = await startAgain(rig, AGENTS[index] as Runtime, tell, {});
  }
}

/** As its supervisor would: one that was about to start when the server died ends, and says why. */
async function startAgain(
  rig: Rig,
  runtime: Runtime,
  tell: (text: string) => void,
  options: { lock?: number } = { lock: LOCK_MS },
): Promise<Program> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await rig.agent(runtime, options);
    } catch (error) {
      if (attempt === MOST_STARTS) throw error;
      tell((error as Error).message);
    }
  }
}

async function killServer(
  rig: Rig,
  { ms, times, over, toll, tell }: Death & { ms: number; times: number },
): Promise<void> {
  for (let turn = 0; turn < times; turn++) {
    await pause(ms / (times + 1), undefined, { signal: over }).catch(() => {});
    if (over.aborted) return;
    await rig.server.kill();
    toll.serverDeaths++;
    tell("the server is dead");
    await pause(AWAY_MS);
    await rig.server.restart();
  }
}

function reportOf(submitter: Program): ChaosReport & { submitted: number } {
  return JSON.parse(submitter.printed.trim().split("\n").at(-1) as string);
}

function add(toll: ChaosToll, name: string, submitter: Program, isCalm: boolean): void {
  const { outcomes, memory, settledTwice, submitted } = reportOf(submitter);
  toll.calls += submitted;
  // Those that a calm submitter has forgotten went well.
  toll.values += submitted - outcomes.length;
  toll.memory[`submitter on ${name}`] = memory;
  if (settledTwice > 0) toll.wrong.push(`${settledTwice} futures on ${name} were done twice`);
  for (const [id, kind, what] of outcomes) {
    if (what === "v") toll.values++;
    else if (what === "c" && kind === "revoked") toll.cancelled++;
    else if (what === "l" && kind === "once" && !isCalm) toll.lost++;
    else toll.wrong.push(`${id}, which runs ${kind}: ${what}`);
  }
}

/** What may run once ran once at most, what was given back never, and what has a value at least once. */
function countRuns(toll: ChaosToll, file: string, submitters: readonly Program[]): void {
  const runs = new Map<string, number>();
  for (const id of readFileSync(file, "utf8").split("\n")) runs.set(id, (runs.get(id) ?? 0) + 1);
  for (const submitter of submitters) {
    for (const [id, kind, what] of reportOf(submitter).outcomes) {
      const count = runs.get(id) ?? 0;
      if (kind === "once" && count > 1) toll.wrong.push(`${id} ran ${count} times, and may once`);
      if (what === "c" && count > 0) toll.wrong.push(`${id} was given back, and ran`);
      if (what === "v" && count === 0) toll.wrong.push(`${id} has a value, and never ran`);
    }
  }
}

/** MiB of a program. */
function residentMemory({ child }: Program): number {
  const { stdout } = new Deno.Command("ps", {
    args: ["-o", "rss=", "-p", `${child.pid}`],
  }).outputSync();
  return Math.round(Number(new TextDecoder().decode(stdout)) / 1024);
}

async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "1" },
      every: { type: "string", default: "5" },
      calm: { type: "boolean", default: false },
      jobs: { type: "string" },
      load: { type: "string", default: "0" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const toll = await playChaos({
    ms: Number(values.minutes) * 60_000,
    every: Number(values.every) * 1_000,
    isCalm: values.calm,
    load: Number(values.load),
    ...(values.jobs === undefined ? {} : { jobs: Number(values.jobs) }),
    tell: (text) => console.log(text),
  });
  const { wrong, memory, ...counts } = toll;
  console.log(
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(", "),
  );
  for (const [name, mib] of Object.entries(memory)) console.log(`${name}: ${mib.join(" ")} MiB`);
  for (const what of wrong.slice(0, 50)) console.log(`WRONG: ${what}`);
  console.log(`${wrong.length} wrong`);
  Deno.exit(wrong.length === 0 ? 0 : 1);
}

if (import.meta.main) await main(Deno.args);
