// Runs everything that can fail: all checks, all tests on all runtimes, all examples; then sums up.

import { CHECKS } from "./check.ts";
import { printSummary, runSteps, type Step, taskStep } from "./steps.ts";

const HELP = `Usage: deno task test

Runs the checks, then the tests and examples on every runtime. Everything runs even when a step fails;
the last line gives the totals. Steps of their own: deno task (check|test:deno|test:doc|test:bun|test:readme).`;

/** Reports are read for the totals and then of no use; the folder is ignored by git. */
const REPORTS = "temp/reports";

const STEPS: readonly Step[] = [
  ...CHECKS.map((check) => ({ ...check, name: `check ${check.name}` })),
  testStep("Deno tests", "test:deno", (report) => [`--junit-path=${report}`]),
  testStep("Deno doc examples", "test:doc", (report) => [`--junit-path=${report}`]),
  testStep("Bun tests", "test:bun", (report) => [
    "--reporter=junit",
    `--reporter-outfile=${report}`,
  ]),
  testStep("Node tests", "test:node", (report) => [
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
  ]),
  testStep("README and Bun doc examples", "test:readme", (report) => [`--junit-path=${report}`]),
  taskStep("faults", "faults"),
  // Last, so that nothing else of ours runs beside it. It fails only if speed has collapsed.
  taskStep("bench guard", "bench", "--guard"),
];

function testStep(name: string, task: string, reportArgs: (report: string) => string[]): Step {
  const report = `${REPORTS}/${task.replace(":", "_")}.xml`;
  return { ...taskStep(name, task, ...reportArgs(report)), report };
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  Deno.mkdirSync(REPORTS, { recursive: true });
  if (!printSummary(await runSteps(STEPS))) Deno.exit(1);
}

if (import.meta.main) await main(Deno.args);
