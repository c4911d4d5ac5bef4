// Runs every check that is no test: format, lint, types, docs, layers, manifests, packaging.

import { printSummary, runSteps, type Step, taskStep } from "./steps.ts";

/** The checks, by the names under which a single one can be run. */
export const CHECKS: readonly Step[] = [
  taskStep("format", "check:format"),
  taskStep("types:deno", "check:types:deno"),
  taskStep("types:bun", "check:types:bun"),
  taskStep("types:page", "check:types:page"),
  taskStep("doc", "check:doc"),
  taskStep("layers", "check:layers"),
  taskStep("links", "check:links"),
  taskStep("package", "check:package"),
  taskStep("bundle", "check:bundle"),
  taskStep("publish", "check:publish"),
  taskStep("install", "check:install"),
];

const HELP = `Usage: deno task check [NAME...]

Runs all checks, or only those named: ${CHECKS.map(({ name }) => name).join(", ")}.
All of them run even when one fails.`;

async function main(names: readonly string[]): Promise<void> {
  if (names.includes("--help")) return console.log(HELP);
  const unknown = names.filter((wanted) => !CHECKS.some(({ name }) => name === wanted));
  if (unknown.length > 0) {
    console.error(`Cannot check ${JSON.stringify(unknown[0])}: no such check\n\n${HELP}`);
    Deno.exit(2);
  }
  const chosen = CHECKS.filter(({ name }) => names.length === 0 || names.includes(name));
  if (!printSummary(await runSteps(chosen))) Deno.exit(1);
}

if (import.meta.main) await main(Deno.args);
