// Runs everything that can fail: all checks, all tests on all runtimes, all examples; then sums up.

import { CHECKS } from "./check.ts";
import { printSummary, runSteps, type Step, taskStep } from "./steps.ts";

const HELP = `Usage: deno task test [--quick]

Runs the checks, then the tests and examples on every runtime. Everything runs even when a step fails;
the last line gives the totals. Steps of their own: deno task (check|test:deno|test:doc|test:bun|test:readme).

--quick   For the daily round, in a minute or so: format, types, layers, the unit tests, and the conformance
          suite on one kind of executor of each runtime (the event loop on Deno, processes on Bun, threads on
          Node), but for its cases that start programs or wait for clocks.`;

/** Reports are read for the totals and then of no use; the folder is ignored by git. */
const REPORTS = "temp/reports";

/** What takes Deno long has a step each, so that they can run side by side; a last step runs the files in none of them. */
const DENO_STEPS: Readonly<Record<string, readonly string[]>> = {
  "Deno pages": [
    "apps/playground/page",
    "modules/dashboard/page",
    "modules/browser/conformance_test.ts",
  ],
  "Deno processes": [
    "modules/deno/conformance/processes_test.ts",
    "modules/deno/conformance/processes_by_file_test.ts",
  ],
  "Deno threads": ["modules/deno/conformance/threads_test.ts"],
  // Mostly they wait: for a server that is away, for a lock that nobody holds any more.
  "Deno queue": ["modules/queue", "apps/queue", "scripts/queue_chaos_test.ts"],
  "Deno command": ["modules/cli"],
  "Deno in-process": ["modules/deno/conformance/in_process_test.ts"],
  // Typedoc, VitePress and each bundler there is.
  "Deno site and bundlers": ["apps/docs", "apps/bundled", "apps/tools"],
};

/** What takes long begins first, so that the end of it is not waited for: the short ones fill what is left. */
const STEPS: readonly Step[] = [
  ...CHECKS.map((check) => ({ ...check, name: `check ${check.name}` })),
  bunStep("Bun tests"),
  ...Object.entries(DENO_STEPS).map(([name, paths]) => denoStep(name, ...paths)),
  nodeStep("Node tests"),
  denoStep("Deno tests", `--ignore=${[...notOfDeno(), ...Object.values(DENO_STEPS).flat()]}`),
  taskStep("faults", "faults"),
  testStep("Deno doc examples", "test:doc", (report) => [`--junit-path=${report}`]),
  testStep("README and Bun doc examples", "test:readme", (report) => [`--junit-path=${report}`]),
  taskStep("values", "values"),
  // Last and alone, so that nothing else of ours runs beside it. It fails only if speed has collapsed.
  { ...taskStep("bench guard", "bench", "--guard"), alone: true },
];

/** What a daily round is content with: each runtime, each kind of worker, and whatever finds a slip at once. */
const QUICK_CHECKS = new Set([
  "check format",
  "check types:deno",
  "check types:bun",
  "check layers",
]);
/** Cases that start a program, some several, and those that wait for clocks: a third of the time. They are left to the whole run. */
const LONG = String.raw`\[cf-(crash-exit|end|exit|print|reload|signal|late|heartbeat|start-timeout|load-clock|idle-timeout|stream-item-timeout|flood|race)-?`;
/** Its steps wait for timers of the cases a third of the time: one more than there are cores fills that. */
const QUICK_AT_ONCE = navigator.hardwareConcurrency + 1;
const QUICK_STEPS: readonly Step[] = [
  bunStep(
    "processes on Bun",
    `--test-name-pattern=^(?!.*${LONG})`,
    "modules/bun/conformance/processes_test.ts",
  ),
  nodeStep(
    "threads on Node",
    `--test-skip-pattern=${LONG}`,
    "modules/node/conformance/threads_test",
  ),
  denoStep(
    "in-process on Deno",
    "--filter=/^EventLoopExecutor/",
    "modules/deno/conformance/in_process_test.ts",
  ),
  ...STEPS.filter(({ name }) => QUICK_CHECKS.has(name)),
  denoStep(
    "unit tests",
    "--parallel",
    "modules/core",
    "modules/workers",
    "scripts/import_circles_test.ts",
    "scripts/check_layers_test.ts",
  ),
];

/** What the tests of Deno leave out in any case: `--ignore` replaces that. */
function notOfDeno(): string[] {
  return JSON.parse(Deno.readTextFileSync("deno.json")).test.exclude;
}

function denoStep(name: string, ...args: string[]): Step {
  return testStep(name, "test:deno", (report) => [`--junit-path=${report}`, ...args]);
}

function bunStep(name: string, ...args: string[]): Step {
  return testStep(name, "test:bun", (report) => [
    "--reporter=junit",
    `--reporter-outfile=${report}`,
    ...args,
  ]);
}

function nodeStep(name: string, ...args: string[]): Step {
  return testStep(name, "test:node", (report) => [
    // What a file prints to its standard error is in no report: without this a file that breaks off does so silently.
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    "--test-reporter=junit",
    `--test-reporter-destination=${report}`,
    ...args,
  ]);
}

function testStep(name: string, task: string, reportArgs: (report: string) => string[]): Step {
  const report = `${REPORTS}/${name.toLowerCase().replaceAll(" ", "_")}.xml`;
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
  const began = performance.now();
  const outcomes = await runSteps(steps, args.includes("--quick") ? QUICK_AT_ONCE : undefined);
  console.log(`\n--- all of it: ${((performance.now() - began) / 1000).toFixed(0)} s ---`);
  const isGood = printSummary(outcomes);
  // Not only where it is bad: what a step has left behind must not hold this back.
  Deno.exit(isGood ? 0 : 1);
}

if (import.meta.main) await main(Deno.args);
