// Runs steps (child processes) one after another and sums up how they ended.

import { readReport, type TestCounts } from "./junit.ts";

/** A command to run as a part of a larger check. */
export interface Step {
  readonly name: string;
  /** Program and arguments, run from the root of the repository. */
  readonly command: readonly [program: string, ...args: string[]];
  /** A JUnit report the command writes; without one the step counts as a single test. */
  readonly report?: string;
}

/** How a step ended. */
export interface Outcome extends TestCounts {
  readonly name: string;
  readonly seconds: number;
}

/** Makes a step of a task of deno.json, so that its command and permissions stand only there. */
export function taskStep(name: string, task: string, ...args: string[]): Step {
  return { name, command: [Deno.execPath(), "task", "--quiet", task, ...args] };
}

/** Runs all steps, also after a failed one. Their output goes straight to ours. */
export async function runSteps(steps: readonly Step[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    console.log(`\n--- ${step.name} ---`);
    outcomes.push(await runStep(step));
  }
  return outcomes;
}

/**
 * Prints what failed, one line per step and, as the very last line, the totals. Returns whether nothing failed.
 * The failures stand here again since those who see no more than the end of a long output need them most.
 */
export function printSummary(outcomes: readonly Outcome[]): boolean {
  const width = Math.max(...outcomes.map(({ name }) => name.length));
  for (const { name, failures } of outcomes) {
    for (const failure of failures) console.log(`\n--- failed in ${name} ---\n${failure}`);
  }
  console.log("\n--- summary ---");
  for (const { name, passed, failed, skipped, seconds } of outcomes) {
    const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
    console.log(
      `${failed > 0 ? "✗" : "✓"} ${name.padEnd(width)}  ${counts} (${seconds.toFixed(1)} s)`,
    );
  }
  const failed = sum(outcomes, "failed");
  console.log(`${sum(outcomes, "passed")} passed, ${failed} failed`);
  return failed === 0;
}

async function runStep({ name, command, report }: Step): Promise<Outcome> {
  const [program, ...args] = command;
  const start = performance.now();
  if (report) removeIfThere(report);
  const { success } = await new Deno.Command(program, { args, stdin: "null" }).spawn().status;
  const seconds = (performance.now() - start) / 1000;
  return { name, seconds, ...count(success, report) };
}

function count(success: boolean, report: string | undefined): TestCounts {
  if (!report) {
    return { passed: success ? 1 : 0, failed: success ? 0 : 1, skipped: 0, failures: [] };
  }
  const counts = readReport(existingText(report));
  // A file that does not load is no test, so it is in no report; nor is a suite that ran nothing a success.
  const brokenElsewhere = !success || counts.passed === 0;
  return brokenElsewhere && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function existingText(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function sum(outcomes: readonly Outcome[], field: "passed" | "failed"): number {
  return outcomes.reduce((total, outcome) => total + outcome[field], 0);
}
