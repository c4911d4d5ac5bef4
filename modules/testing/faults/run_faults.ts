// runFault and runFaults: let faults strike executors, and say what came of it.
import process from "node:process";
import type { Subject } from "../subject.ts";
import type { Fault, FaultResult } from "./fault.ts";
import { FaultScene } from "./fault_scene.ts";
import { faults } from "./mod.ts";

// A hang is the worst that can come of a fault: it must not hang the suite.
const FAULT_DEADLINE_MS = 60_000;

const ONLY = "--only=";

/** Lets one fault strike one executor. Never rejects: what was not as promised is in the result. */
export async function runFault(
  fault: Fault,
  subject: Subject,
  isLong: boolean,
): Promise<FaultResult> {
  const { id, title } = fault;
  const started = performance.now();
  const none = { subject: subject.name, id, title, lost: 0, doubled: 0, bystanders: 0, elapsed: 0 };
  const applies = fault.applies(subject);
  if (typeof applies === "string") return { ...none, outcome: "n/a", reason: applies };
  const limit = applies === true ? undefined : applies;
  const scene = new FaultScene(subject, isLong);
  try {
    await withDeadline(limit === undefined ? fault.run(scene) : limit.trial(scene));
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
 * Arguments of the program choose: parts of faults' ids, `--only=` a part of the executor's column, `--long`.
 */
export async function reportFaults(subjects: readonly Subject[]): Promise<void> {
  const args = process.argv.slice(2);
  const ids = args.filter((argument) => !argument.startsWith("--"));
  const only = args.find((argument) => argument.startsWith(ONLY))?.slice(ONLY.length) ?? "";
  const chosen = faults.filter(
    ({ id }) => ids.length === 0 || ids.some((part) => id.includes(part)),
  );
  // The fake channel is no part of any program: there is nobody whom it could fail.
  const struck = subjects.filter(({ script, name }) => script !== undefined && name.includes(only));
  let hasFailed = false;
  for (const subject of struck) {
    for (const fault of chosen) {
      const result = await runFault(fault, subject, args.includes("--long"));
      console.log(JSON.stringify(result));
      hasFailed ||= result.outcome === "failed";
    }
  }
  // A thread that could not be stopped must not hold the report back. And Bun counts garbage on a link as an error of the
  // host's that nobody caught: it goes on, but would end with 1.
  process.exit(hasFailed ? 1 : 0);
}

async function withDeadline<T>(work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    const hung = () =>
      reject(new Error(`Cannot finish fault: it hung for ${FAULT_DEADLINE_MS} ms`));
    timer = setTimeout(hung, FAULT_DEADLINE_MS);
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
