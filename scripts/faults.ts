// Runs the fault suite on every runtime and prints the table: faults by executors.

import { parseArgs } from "node:util";
import type { FaultResult } from "../modules/proofs/faults/fault.ts";
import { bunPath } from "./bun.ts";
import { isContained, renderFaults, renderRun } from "./faults_table.ts";
import { nodePath } from "./node.ts";
import { denoReporter } from "./reporter_command.ts";

const HELP = `Usage: deno task faults [FAULT...] [--only EXECUTOR] [--long [--seconds N] [--amount N] [--seed N] [--repeat N]]

Lets faults strike every executor on every runtime (Node in the long form): kills, exits, loops, floods, forgeries. Prints fault by executor:
what became of it, how many bystanders were lost or ran twice (both must be 0), and the time to recovery.

  FAULT...         only faults whose id contains one of these: deno task faults kill host-
  --only EXECUTOR  only executors whose column contains this: --only "ThreadPoolExecutor on Deno"
  --long           large figures: minutes instead of seconds. By themselves "chaos" makes 170 000 calls on each executor,
                   "hostile" 100 000 among hostile values,
                   and "soak" loads each for ten minutes; "model" runs random programs over the model
  --seconds N      with --long, how long chaos, hostile, soak and model go on instead
  --amount N       with --long, so often does happen what happens again and again, instead of as often as the fault says:
                   --amount 1000 lock-holder-dies
  --seed N         with --long, what chance begins with
  --repeat N       with --long, so many runs one after another, a line each; the first that fails ends it
  --help           this text`;

/** Much longer than a long run takes; a reporter that takes longer hangs. */
const TIMEOUT_MS = 7_200_000;

/** A script that runs the suite on one executor, or on the model, and prints a line of JSON per result. */
interface Reporter {
  readonly column: string;
  readonly command: readonly [program: string, ...args: string[]];
}

const EXECUTORS = ["EventLoopExecutor", "ThreadPoolExecutor", "ProcessPoolExecutor"] as const;

/** Each executor has a process of its own, side by side: much of a fault is waiting for what it sets off. */
function reporters(isLong: boolean): Reporter[] {
  const of = (runtime: string, ...command: Reporter["command"]): Reporter[] =>
    EXECUTORS.map((executor) => ({
      column: `${executor} on ${runtime}`,
      command: [...command, `--only=${executor} on ${runtime}`],
    }));
  return [
    ...of("Deno", ...denoReporter("modules/deno/conformance/report_faults.ts")),
    ...of("Bun", bunPath(), "modules/bun/conformance/report_faults.ts"),
    // In the long form only: what its executors are made of is what those of the other runtimes are.
    ...(isLong ? of("Node", nodePath(), "modules/node/conformance/report_faults.ts") : []),
    ...(isLong ? [MODEL] : []),
  ];
}

const MODEL: Reporter = {
  column: "Model",
  command: denoReporter("modules/proofs/model/report_model.ts"),
};

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: "boolean" },
      only: { type: "string", default: "" },
      long: { type: "boolean", default: false },
      seconds: { type: "string" },
      amount: { type: "string" },
      seed: { type: "string" },
      repeat: { type: "string", default: "1" },
    },
  });
  if (values.help) return console.log(HELP);
  const { only, long, amount, seed, repeat } = values;
  const more = [
    ...positionals,
    ...(long ? ["--long"] : []),
    ...(values.seconds === undefined ? [] : [`--seconds=${values.seconds}`]),
    ...(amount === undefined ? [] : [`--amount=${amount}`]),
    ...(seed === undefined ? [] : [`--seed=${seed}`]),
  ];
  const chosen = reporters(long).filter(
    ({ column }) =>
      column.includes(only) &&
      (column !== MODEL.column || positionals.length === 0 || positionals.includes("model")),
  );
  const runs = Number(repeat);
  for (let run = 1; run <= runs; run++) {
    const started = performance.now();
    const results = (await Promise.all(chosen.map((reporter) => report(reporter, more)))).flat();
    const isGood = results.length > 0 && results.every(isContained);
    if (runs === 1 || !isGood) console.log(renderFaults(results));
    if (results.length === 0)
      console.error("Nothing was struck: no such fault, or no such executor");
    const seconds = Math.round((performance.now() - started) / 1000);
    const when = `${new Date().toISOString()} run ${run} of ${runs}, ${seconds} s`;
    if (runs > 1) console.log(renderRun(when, results));
    if (!isGood) Deno.exit(1);
  }
}

/** Runs a reporter; a result that is missing is one that its crash has taken along, and counts as a failure. */
async function report(
  { column, command }: Reporter,
  more: readonly string[],
): Promise<FaultResult[]> {
  const [program, ...args] = command;
  const child = new Deno.Command(program, {
    args: [...args, ...more],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).spawn();
  const results: FaultResult[] = [];
  const reading = eachLine(child.stdout, (line) => {
    // Workers write to the same output as their host.
    if (line.startsWith('{"subject":')) results.push(JSON.parse(line));
    else if (line.startsWith('{"progress":')) console.error(JSON.parse(line).progress);
  });
  const [stderr, { success }] = await Promise.all([
    new Response(child.stderr).text(),
    child.status,
    reading,
  ]);
  if (success || results.some(({ outcome }) => outcome === "failed")) return results;
  const crash: FaultResult = {
    subject: column,
    id: "suite",
    title: "the suite itself",
    outcome: "failed",
    lost: 0,
    doubled: 0,
    bystanders: 0,
    elapsed: 0,
    error: stderr.slice(-4000),
  };
  return [...results, crash];
}

async function eachLine(
  stream: ReadableStream<BufferSource>,
  take: (line: string) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
}

if (import.meta.main) await main(Deno.args);
