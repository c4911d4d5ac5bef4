// The script of the page that runs the conformance suite: it waits to be told which case.

import { KINDS } from "../../proofs/hostile/kinds.ts";
import { runHostile } from "../../proofs/hostile/program.ts";
import { drawSteps, everyStep } from "../../proofs/hostile/steps.ts";
import { type ValueReport, valuesOf } from "../../proofs/value_reports.ts";
import { conformanceCases, runCase, type Subject } from "../../testing/mod.ts";
import { subjectsOfPage } from "./subjects.ts";

/** One case of one subject, as the page lists it. */
export interface PageCase {
  readonly subject: string;
  readonly id: string;
  readonly title: string;
  readonly applies: true | string;
}

/** What the page offers to whoever drives it, as its global `conformance`. */
export interface ConformancePage {
  readonly cases: readonly PageCase[];
  /** Runs the case of that place in `cases`; gives what broke the promise, as text. */
  run(place: number): Promise<string | undefined>;
  /** What becomes of each kind of value in the page's own workers. */
  values(): Promise<ValueReport[]>;
  /** Does every kind of hostile value in each place, and some programs by chance, to both executors; gives what did not hold. */
  hostile(): Promise<string | undefined>;
}

const HOSTILE_SEEDS = [1, 2, 3];
const HOSTILE_STEPS = 400;

const runs = subjectsOfPage().flatMap((subject) =>
  conformanceCases.map((conformanceCase) => ({ subject, conformanceCase })),
);

const page: ConformancePage = {
  cases: runs.map(({ subject, conformanceCase: { id, title, applies } }) => ({
    subject: subject.name,
    id,
    title,
    applies: applies(subject),
  })),
  async run(place) {
    const { subject, conformanceCase } = runs[place] as (typeof runs)[number];
    try {
      await runCase(conformanceCase, subject);
      return undefined;
    } catch (error) {
      return textOf(error);
    }
  },
  values: () =>
    valuesOf(
      subjectsOfPage().find(({ executorName }) => executorName === "ThreadPoolExecutor") as Subject,
    ),
  hostile: () => beHostile().then(() => undefined, textOf),
};

async function beHostile(): Promise<void> {
  const programs = [everyStep(Object.keys(KINDS))].concat(
    HOSTILE_SEEDS.map((seed) => drawSteps(seed, HOSTILE_STEPS)),
  );
  for (const { create, traits } of subjectsOfPage()) {
    for (const [at, steps] of programs.entries())
      await runHostile(steps, { create, traits, maxWorkers: 1 + (at % 2), isObserved: at === 0 });
  }
}

Object.assign(globalThis, { conformance: page });

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${textOf(error.cause)}`;
  return `${error.stack ?? error}${cause}`;
}
