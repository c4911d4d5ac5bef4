// runCase and runConformance: run the suite's cases on a subject and say how each of them ended.
import process from "node:process";
import { CaseContext } from "./case_context.ts";
import { conformanceCases } from "./cases/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import type { Subject } from "./subject.ts";

// No case needs a second on an idle machine; this only keeps a hang from hiding which case hung.
const CASE_DEADLINE_MS = 60_000;

/** One cell of the matrix. */
export interface CaseResult {
  /** The subject's name. */
  readonly subject: string;
  /** The case's number. */
  readonly id: string;
  /** The case's sentence. */
  readonly title: string;
  /** `n/a` only with a reason. */
  readonly outcome: "pass" | "fail" | "n/a";
  /** Why the case does not apply. */
  readonly reason?: string;
  /** What broke the promise. */
  readonly error?: string;
}

/**
 * Runs one case on one subject, in a context of its own.
 *
 * @example A case as a test of the host's test runner
 * ```ts
 * import { conformanceCases, runCase, type Subject } from "@concurrent/futures/testing";
 * import { EventLoopExecutor } from "@concurrent/futures";
 *
 * const subject: Subject = {
 *   name: "EventLoopExecutor",
 *   executorName: "EventLoopExecutor",
 *   traits: { workers: false, clones: false, isolated: false, processes: false, stopsBusyWorkers: false },
 *   create: (options) => new EventLoopExecutor(options),
 * };
 * const [first] = conformanceCases;
 * if (first?.applies(subject) === true) await runCase(first, subject);
 * ```
 *
 * @param conformanceCase What to prove.
 * @param subject On which executor.
 * @returns Settles when the case and its cleaning up are done.
 * @throws {Error} What broke the promise, or that the case hung.
 */
export async function runCase(conformanceCase: ConformanceCase, subject: Subject): Promise<void> {
  const context = new CaseContext(subject);
  try {
    await withDeadline(conformanceCase.run(context), conformanceCase);
  } catch (error) {
    // What broke the case matters more than what its wreck leaves behind.
    await withDeadline(context.close(), conformanceCase).catch(() => {});
    throw error;
  }
  await withDeadline(context.close(), conformanceCase);
}

/**
 * Runs every case on a subject, one after another.
 *
 * @example Printing one line per case
 * ```ts ignore
 * import { runConformance } from "@concurrent/futures/testing";
 *
 * for await (const result of runConformance(subject)) console.log(JSON.stringify(result));
 * ```
 *
 * @param subject On which executor.
 * @param cases What to prove; all cases of the suite unless given.
 * @returns The results as they come.
 */
export async function* runConformance(
  subject: Subject,
  cases: readonly ConformanceCase[] = conformanceCases,
): AsyncGenerator<CaseResult, void, void> {
  for (const conformanceCase of cases) {
    const { id, title } = conformanceCase;
    const cell = { subject: subject.name, id, title };
    const applies = conformanceCase.applies(subject);
    if (applies !== true) {
      yield { ...cell, outcome: "n/a", reason: applies };
      continue;
    }
    try {
      await runCase(conformanceCase, subject);
      yield { ...cell, outcome: "pass" };
    } catch (error) {
      yield { ...cell, outcome: "fail", error: textOf(error) };
    }
  }
}

/**
 * Runs subjects one after another, prints each {@link CaseResult} as a line of JSON, and ends the program.
 *
 * @example The whole entry script of a backend
 * ```ts ignore
 * import { reportConformance } from "@concurrent/futures/testing";
 *
 * await reportConformance([subject]);
 * ```
 *
 * @param subjects The columns of this runtime.
 * @returns Settles when all is printed; the exit code is 1 if a case failed.
 */
export async function reportConformance(subjects: readonly Subject[]): Promise<void> {
  for (const subject of subjects) {
    for await (const result of runConformance(subject)) {
      console.log(JSON.stringify(result));
      if (result.outcome === "fail") process.exitCode = 1;
    }
  }
}

async function withDeadline(work: Promise<void>, { id, title }: ConformanceCase): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new Error(`Cannot finish case "[${id}] ${title}": it hung for ${CASE_DEADLINE_MS} ms`),
        ),
      CASE_DEADLINE_MS,
    );
  });
  try {
    await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.stack ?? error.message}${error.cause === undefined ? "" : `\ncaused by ${textOf(error.cause)}`}`;
}
