// The script of the page that runs the conformance suite: it waits to be told which case.

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
}

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
};

Object.assign(globalThis, { conformance: page });

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${textOf(error.cause)}`;
  return `${error.stack ?? error}${cause}`;
}
