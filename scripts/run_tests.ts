// Runs everything that can fail: all checks, all tests on all runtimes, all examples; then sums up.

import { CHECKS } from "./check.ts";
import { printSummary, runSteps, type Step, taskStep } from "./steps.ts";

const HELP = `Usage: deno task test [--quick]

Runs the checks, then the tests and examples on every runtime. Everything runs even when a step fails;
the last line gives the totals. Steps of their own: deno task (check|test:deno|test:doc|test:bun|test:readme).

--quick   For the daily round, in a minute or so: format, types, layers, the unit tests, and the conformance
          suite on one executor of each runtime (threads on Deno and Node, processes on Bun).`;

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
  taskStep("values", "values"),
  taskStep("faults", "faults"),
  // Last, so that nothing else of ours runs beside it. It fails only if speed has collapsed.
  taskStep("bench guard", "bench", "--guard"),
];

/** What a daily round is content with: each runtime, each kind of worker, and whatever finds a slip at once. */
const QUICK_CHECKS = new Set([
  "check format",
  "check types:deno",
  "check types:bun",
  "check layers",
]);
const QUICK_STEPS: readonly Step[] = [
  ...STEPS.filter(({ name }) => QUICK_CHECKS.has(name)),
  testStep("unit tests", "test:deno", (report) => [
    `--junit-path=${report}`,
    "--parallel",
    "modules/core",
    "modules/workers",
    "scripts/import_circles_test.ts",
    "scripts/check_layers_test.ts",
  ]),
  testStep("threads on Deno", "test:deno", (report) => [
    `--junit-path=${report}`,
    "--filter=ThreadPoolExecutor on Deno",
    "modules/deno/conformance_test.ts",
  ]),
  testStep("processes on Bun", "test:bun", (report) => [
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    "--test-name-pattern=ProcessPoolExecutor on Bun",
    "modules/bun/conformance_test.ts",
  ]),
  testStep("threads on Node", "test:node", (report) => [
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
    "--test-name-pattern=ThreadPoolExecutor on Node",
  ]),
];

function testStep(name: string, task: string, reportArgs: (report: string) => string[]): Step {
  const report = `${REPORTS}/${task.replace(":", "_")}.xml`;
  return { ...taskStep(name, task, ...reportArgs(report)), report };
}

async function main(args: readonly string[]): Promise<void> {
  if (args.includes("--help")) return console.log(HELP);
  const unknown = args.find((arg) => arg !== "--quick");
  if (unknown !== undefined) {
    console.error(`Cannot run tests: no option ${JSON.stringify(unknown)}\n\n${HELP}`);
    Deno.exit(2);
  }
  Deno.mkdirSync(REPORTS, { recursive: true });
  const steps = args.includes("--quick") ? QUICK_STEPS : STEPS;
  if (!printSummary(await runSteps(steps))) Deno.exit(1);
}

if (import.meta.main) await main(Deno.args);
