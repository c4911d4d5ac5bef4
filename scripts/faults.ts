// Runs the fault suite on every runtime and prints the table: faults by executors.

import { parseArgs } from "node:util";
import type { FaultResult } from "@concurrent/futures/testing";
import { bunPath } from "./bun.ts";
import { isContained, renderFaults } from "./faults_table.ts";
import { nodePath } from "./node.ts";

const HELP = `Usage: deno task faults [FAULT...] [--only EXECUTOR] [--long [--seconds N] [--seed N]]

Lets faults strike every executor on every runtime (Node in the long form): kills, exits, loops, floods, forgeries. Prints fault by executor:
what became of it, how many bystanders were lost or ran twice (both must be 0), and the time to recovery.

  FAULT...         only faults whose id contains one of these: deno task faults kill host-
  --only EXECUTOR  only executors whose column contains this: --only "ThreadPoolExecutor on Deno"
  --long           large figures: minutes instead of seconds
  --seconds N      with --long, how long chaos and soak go on, each on each executor (default 30)
  --seed N         with --long, what chance begins with
  --help           this text`;

/** Much longer than a long run takes; a reporter that takes longer hangs. */
const TIMEOUT_MS = 7_200_000;

/** A script that runs the suite on one runtime's executors and prints a line of JSON per result. */
const REPORTERS: readonly (readonly [program: string, ...args: string[]])[] = [
  [
    Deno.execPath(),
    "run",
    "--quiet",
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--allow-sys",
    "--allow-run",
    "modules/deno/report_faults.ts",
  ],
  [bunPath(), "modules/bun/report_faults.ts"],
];

/** In the long form only: what its executors are made of is what those of the other runtimes are. */
const NODE = "modules/node/report_faults.ts";

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: "boolean" },
      only: { type: "string" },
      long: { type: "boolean" },
      seconds: { type: "string", default: "30" },
      seed: { type: "string" },
    },
  });
  if (values.help) return console.log(HELP);
  const reporterArgs = [
    ...positionals,
    ...(values.only === undefined ? [] : [`--only=${values.only}`]),
    ...(values.long ? [`--long=${values.seconds}`] : []),
    ...(values.seed === undefined ? [] : [`--seed=${values.seed}`]),
  ];
  // Side by side: much of a fault is waiting for what it sets off.
  const reporters = values.long ? [...REPORTERS, [nodePath(), NODE] as const] : REPORTERS;
  const reports = await Promise.all(reporters.map((reporter) => report(reporter, reporterArgs)));
  const results = reports.flat();
  console.log(renderFaults(results));
  if (results.length === 0) console.error("Nothing was struck: no such fault, or no such executor");
  if (results.length === 0 || !results.every(isContained)) Deno.exit(1);
}

/** Runs a reporter; a result that is missing is one that its crash has taken along, and counts as a failure. */
async function report(
  [program, ...args]: (typeof REPORTERS)[number],
  more: readonly string[],
): Promise<FaultResult[]> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args, ...more],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  // Workers write to the same output as their host.
  const lines = decode(stdout)
    .split("\n")
    .filter((line) => line.startsWith('{"subject":'));
  const results = lines.map((line): FaultResult => JSON.parse(line));
  if (success || results.some(({ outcome }) => outcome === "failed")) return results;
  const error = decode(stderr).slice(-4000);
  const crash = {
    title: "the suite itself",
    outcome: "failed",
    lost: 0,
    doubled: 0,
    error,
  } as const;
  return [
    ...results,
    { ...crash, subject: args.at(-1) as string, id: "suite", bystanders: 0, elapsed: 0 },
  ];
}

if (import.meta.main) await main(Deno.args);
