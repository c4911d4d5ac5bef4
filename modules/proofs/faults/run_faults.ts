// runFault and runFaults: let faults strike executors, and say what came of it.
import process from "node:process";
import type { Subject } from "../../testing/subject.ts";
import type { Fault, FaultResult } from "./fault.ts";
import { FaultScene, type LongRun } from "./fault_scene.ts";
import { faults } from "./mod.ts";

// A hang is the worst that can come of a fault: it must not hang the suite. Longer than any takes on a machine with much
// else to do, for nothing is learnt by less.
const FAULT_DEADLINE_MS = 300_000;
/** What goes on for minutes may take so long on a busy machine. */
const LONG_DEADLINE_MS = 3_600_000;

/** Lets one fault strike one executor. Never rejects: what was not as promised is in the result. */
export async function runFault(
  fault: Fault,
  subject: Subject,
  long?: LongRun,
): Promise<FaultResult> {
  const { id, title } = fault;
  const started = performance.now();
  const none = { subject: subject.name, id, title, lost: 0, doubled: 0, bystanders: 0, elapsed: 0 };
  const applies = fault.applies(subject);
  if (typeof applies === "string") return { ...none, outcome: "n/a", reason: applies };
  const limit = applies === true ? undefined : applies;
  const scene = new FaultScene(subject, long);
  try {
    const deadline = long === undefined ? FAULT_DEADLINE_MS : LONG_DEADLINE_MS;
    await withDeadline(limit === undefined ? fault.run(scene) : limit.trial(scene), deadline);
    const toll = await withDeadline(scene.toll());
    await withDeadline(scene.close());
    const { recovery } = scene;
    return {
      ...none,
      ...toll,
      elapsed: performance.now() - started,
      outcome: toll.lost + toll.doubled > 0 ? "failed" : limit === undefined ? "survived" : "limit",
      ...(recovery === undefined ? {} : { recovery }),
      ...(limit === undefined ? {} : { reason: limit.cannot }),
      ...(scene.notes.length === 0 ? {} : { notes: scene.notes }),
    };
  } catch (error) {
    // What broke the promise matters more than what its wreck leaves behind.
    await withDeadline(scene.close()).catch(() => {});
    const elapsed = performance.now() - started;
    return { ...none, elapsed, outcome: "failed", error: textOf(error) };
  }
}

/**
 * Lets faults strike the executors of one runtime, prints each {@link FaultResult} as a line of JSON, and ends the program.
 *
 * Arguments of the program choose: parts of faults' ids, `--only=` a part of the executor's column,
 * `--long`, `--seconds=` for how long that is, `--amount=` how often, `--seed=` what chance begins with.
 */
export async function reportFaults(subjects: readonly Subject[]): Promise<void> {
  const args = process.argv.slice(2);
  const ids = args.filter((argument) => !argument.startsWith("--"));
  const option = (name: string) =>
    args.find((argument) => argument.startsWith(`--${name}=`))?.slice(name.length + 3);
  const only = option("only") ?? "";
  const number = (name: string) => {
    const text = option(name);
    return text === undefined ? undefined : Number(text);
  };
  const long = args.includes("--long")
    ? { seconds: number("seconds"), amount: number("amount"), seed: number("seed") }
    : undefined;
  const chosen = faults.filter(
    ({ id }) => ids.length === 0 || ids.some((part) => id.includes(part)),
  );
  // The fake channel is no part of any program: there is nobody whom it could fail.
  const struck = subjects.filter(({ script, name }) => script !== undefined && name.includes(only));
  let hasFailed = false;
  for (const subject of struck) {
    for (const fault of chosen) {
      const result = await runFault(fault, subject, long);
      console.log(JSON.stringify(result));
      hasFailed ||= result.outcome === "failed";
    }
  }
  // A thread that could not be stopped must not hold the report back. And Bun counts garbage on a link as an error of the
  // host's that nobody caught: it goes on, but would end with 1.
  process.exit(hasFailed ? 1 : 0);
}

async function withDeadline<T>(work: Promise<T>, ms = FAULT_DEADLINE_MS): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    const hung = () => reject(new Error(`Cannot finish fault: it hung for ${ms} ms`));
    timer = setTimeout(hung, ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}${error.cause === undefined ? "" : `\ncaused by ${textOf(error.cause)}`}`;
}
