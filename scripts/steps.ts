// Runs steps (child processes), one after another or side by side, and sums up how they ended.

import { readReport, type TestCounts } from "./junit.ts";

/** A command to run as a part of a larger check. */
export interface Step {
  readonly name: string;
  /** Program and arguments, run from the root of the repository. */
  readonly command: readonly [program: string, ...args: string[]];
  /** A JUnit report the command writes; without one the step counts as a single test. */
  readonly report?: string;
  /** Nothing else runs meanwhile: for what measures. Default: false. */
  readonly alone?: boolean;
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

/** One step more made no run shorter: what is tested starts programs, and those take the cores. */
const AT_ONCE = navigator.hardwareConcurrency;
/** How often a reader is told what is at work, in milliseconds. */
const PROGRESS_EVERY = 60_000;
/** So many bytes of a step's output are kept until it has ended: where no report names what failed, its end has to. */
const LAST_BYTES = 4000;
/** So long is waited for the rest of the output of a step that has ended, which what it left behind may hold open. */
const REST_MS = 10_000;

/**
 * Runs all steps, also after a failed one, so many side by side as `atOnce` says; they start in their order.
 *
 * The output of each stays together, in the same order: that of the first one is printed as it comes, that of the others
 * is kept until it is their turn.
 */
export async function runSteps(steps: readonly Step[], atOnce = AT_ONCE): Promise<Outcome[]> {
  const runs: Run[] = [];
  const working = new Set<Promise<void>>();
  const progress = setInterval(() => printProgress(runs), PROGRESS_EVERY);
  for (const step of steps) {
    while (working.size >= (step.alone ? 1 : atOnce)) await Promise.race(working);
    const run = new Run(step);
    runs.push(run);
    const work = run.done.then(() => {
      working.delete(work);
      showInTurn(runs);
    });
    working.add(work);
    showInTurn(runs);
    if (step.alone) await work;
  }
  await Promise.all(working);
  clearInterval(progress);
  return await Promise.all(runs.map(({ done }) => done));
}

/** Lets print whose turn it is: the first one that has not ended, and all before it. */
function showInTurn(runs: readonly Run[]): void {
  for (const run of runs) {
    run.show();
    if (!run.ended) return;
  }
}

function printProgress(runs: readonly Run[]): void {
  const working = runs.filter(({ ended }) => !ended);
  const told = working.map(({ step, seconds }) => `${step.name} (${seconds.toFixed(0)} s)`);
  console.error(`--- at work: ${told.join(", ")} ---`);
}

/** A step that runs, and what it has printed. */
class Run {
  readonly step: Step;
  readonly done: Promise<Outcome>;
  ended = false;
  readonly #began = performance.now();
  /** What waits for its turn; nothing once it is this one's turn. */
  #kept: Uint8Array[] | undefined;
  #last = new Uint8Array();

  constructor(step: Step) {
    this.step = step;
    this.#kept = [new TextEncoder().encode(`\n--- ${step.name} ---\n`)];
    this.done = this.#run();
  }

  /** Since it began. */
  get seconds(): number {
    return (performance.now() - this.#began) / 1000;
  }

  /** Prints what is kept, and from now on whatever comes. */
  show(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const bytes of kept) printBytes(bytes);
  }

  async #run(): Promise<Outcome> {
    const { name, command, report } = this.step;
    const [program, ...args] = command;
    if (report) removeIfThere(report);
    const child = new Deno.Command(program, {
      args,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const output = Promise.all([child.stdout, child.stderr].map((stream) => this.#take(stream)));
    const { success } = await child.status;
    const { seconds } = this;
    await within(output, REST_MS);
    const counts = count(success, report);
    const isUntold = counts.failed > 0 && counts.failures.length === 0;
    const failures = isUntold ? [new TextDecoder().decode(this.#last).trim()] : counts.failures;
    const outcome = { name, seconds, ...counts, failures };
    this.#print(new TextEncoder().encode(`--- ${countsOf(outcome)} ---\n`));
    this.ended = true;
    return outcome;
  }

  async #take(stream: ReadableStream<Uint8Array>): Promise<void> {
    for await (const bytes of stream) {
      this.#last = lastOf(this.#last, bytes);
      this.#print(bytes);
    }
  }

  #print(bytes: Uint8Array): void {
    if (this.#kept === undefined) printBytes(bytes);
    else this.#kept.push(bytes);
  }
}

/** The end of what is `before` and `bytes` together. */
function lastOf(before: Uint8Array, bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = bytes.subarray(-LAST_BYTES);
  const kept = before.subarray(Math.max(0, before.length + end.length - LAST_BYTES));
  const last = new Uint8Array(kept.length + end.length);
  last.set(kept);
  last.set(end, kept.length);
  return last;
}

function printBytes(bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; rest = rest.subarray(Deno.stdout.writeSync(rest)));
}

/** Waits for work, but no longer than that. */
async function within(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, enough]);
  clearTimeout(timer);
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
  for (const outcome of outcomes) {
    const mark = outcome.failed > 0 ? "✗" : "✓";
    console.log(`${mark} ${outcome.name.padEnd(width)}  ${countsOf(outcome)}`);
  }
  const failed = sum(outcomes, "failed");
  console.log(`${sum(outcomes, "passed")} passed, ${failed} failed`);
  return failed === 0;
}

function countsOf({ passed, failed, skipped, seconds }: Outcome): string {
  const counts = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
  return `${counts} (${seconds.toFixed(1)} s)`;
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
