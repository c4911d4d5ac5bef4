// Turns the results of all rounds into what is said about a scenario: medians, ratios, goals met or not.

import type { Contender } from "./contenders.ts";
import type { Row } from "./rounds.ts";
import type { Goal, Kind, Metrics, Runtime, Scenario } from "./scenario.ts";
import { median, medianRatio } from "./statistics.ts";

/** A figure of one contender. */
export interface Figure {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
  /** Divided by the naked transport's, and by the best queueing peer's; none where there is none. */
  readonly perNaked?: number;
  readonly perPeer?: number;
}

/** What is said about one contender. */
export interface Line {
  readonly name: string;
  readonly kind: Kind;
  readonly figures: Readonly<Record<string, Figure>>;
  /** Why there are no figures. */
  readonly error?: string;
}

/** How a goal came out. */
export interface Verdict {
  readonly goal: Goal;
  /** The contender of ours. */
  readonly of: string;
  /** The contender compared with. */
  readonly to?: string;
  /** NaN if it could not be measured. */
  readonly figure: number;
  readonly met: boolean;
}

/** A scenario on one runtime. */
export interface Section {
  readonly scenario: string;
  readonly runtime: Runtime;
  readonly lines: readonly Line[];
  readonly verdicts: readonly Verdict[];
}

const NAKED: readonly Kind[] = ["single", "pipelined", "batched"];

/** Sums up one scenario on one runtime. */
export function summarize(scenario: Scenario, runtime: Runtime, all: readonly Row[]): Section {
  // Python's rows stand in every section: it is what users of the original come from.
  const rows = all.filter(({ contender: { runtime: own } }) => own === runtime || own === "python");
  const naked = scenario.kinds.find((kind) => NAKED.includes(kind));
  const lines = rows
    .filter(({ rounds }) => !rounds.some((result) => "skipped" in result))
    .map((row) => lineOf(scenario, row, rows, naked));
  const verdicts = scenario.goals
    .filter((goal) => goal.runtime === runtime)
    .flatMap((goal) => judge(goal, rows));
  return { scenario: scenario.name, runtime, lines, verdicts };
}

function lineOf(scenario: Scenario, row: Row, rows: readonly Row[], naked: Kind | undefined): Line {
  const { name, kind } = row.contender;
  const failure = row.rounds.find((result) => "error" in result);
  const figures: Record<string, Figure> = {};
  for (const metric of Object.keys(scenario.metrics)) {
    const values = valuesOf(row, metric);
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) continue;
    const nakedRow = naked && best(rivalsOf(row, rows), naked, metric);
    const peerRow = best(rows, "peer", metric);
    figures[metric] = {
      median: median(known),
      lowest: Math.min(...known),
      highest: Math.max(...known),
      ...(nakedRow ? { perNaked: medianRatio(values, valuesOf(nakedRow, metric)) } : {}),
      ...(peerRow ? { perPeer: medianRatio(values, valuesOf(peerRow, metric)) } : {}),
    };
  }
  return { name, kind, figures, ...(failure ? { error: failure.error } : {}) };
}

function judge(goal: Goal, rows: readonly Row[]): Verdict[] {
  return rows
    .filter(({ contender, rounds }) => isOurs(goal, contender) && rounds.length > 0)
    .filter(({ rounds }) => !rounds.some((result) => "skipped" in result))
    .map((row) => {
      const of = row.contender.name;
      const values = valuesOf(row, goal.metric);
      if (goal.against === undefined) {
        const figure = estimate(
          goal,
          values.filter((value) => value !== undefined),
        );
        return { goal, of, figure, met: isMet(goal, figure) };
      }
      const rival = best(rivalsOf(row, rows), goal.against, goal.metric);
      if (rival === undefined) return { goal, of, figure: Number.NaN, met: false };
      const figure = medianRatio(values, valuesOf(rival, goal.metric));
      return { goal, of, to: rival.contender.name, figure, met: isMet(goal, figure) };
    });
}

/** Whether a goal is one of this contender. */
export function isOurs({ runtime, workers }: Goal, contender: Contender): boolean {
  return (
    contender.kind === "us" &&
    contender.runtime === runtime &&
    (workers === undefined || contender.workers === workers)
  );
}

/** Whom a contender may be compared with: threads to threads, and both to who does not say what its workers are. */
export function rivalsOf({ contender: { workers } }: Row, rows: readonly Row[]): Row[] {
  return rows.filter(
    ({ contender }) =>
      workers === undefined || contender.workers === undefined || contender.workers === workers,
  );
}

function estimate({ bestRound, atLeast }: Goal, values: readonly number[]): number {
  if (!bestRound || values.length === 0) return median(values);
  return atLeast === undefined ? Math.min(...values) : Math.max(...values);
}

function isMet({ atMost, atLeast, noise = 0 }: Goal, figure: number): boolean {
  return (
    figure <= (atMost ?? Number.POSITIVE_INFINITY) * (1 + noise) &&
    figure >= (atLeast ?? 0) * (1 - noise)
  );
}

/** The contender of a kind with the lowest median. */
export function best(rows: readonly Row[], kind: Kind, metric: string): Row | undefined {
  let found: Row | undefined;
  let lowest = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    if (row.contender.kind !== kind) continue;
    const middle = median(valuesOf(row, metric).filter((value) => value !== undefined));
    if (middle < lowest) {
      lowest = middle;
      found = row;
    }
  }
  return found;
}

/** A metric by round; undefined where the round gave none. */
export function valuesOf({ rounds }: Row, metric: string): (number | undefined)[] {
  return rounds.map((result) =>
    "metrics" in result ? (result.metrics as Metrics)[metric] : undefined,
  );
}
