// The guard against a collapse of speed: a benchmark that reports, not a timed test that flakes.

import { CONTENDERS } from "./contenders.ts";
import { best, isOurs, rivalsOf, valuesOf } from "./report.ts";
import { contendersOf, type Row, runRounds } from "./rounds.ts";
import type { Programs } from "./run_contender.ts";
import type { Goal, Kind, Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios.ts";
import { ratios } from "./statistics.ts";
import { number } from "./table.ts";

const GUARDED = ["burst", "map", "round-trip"];
const NAKED: readonly Kind[] = ["single", "pipelined", "batched"];
const ROUNDS = 3;

/** Beyond so many times its goal a figure is marked. Machines with other work to do are off by a factor of two. */
const MARGIN = 4;

/**
 * Compares us to the naked transport where it matters most, and prints how that went.
 *
 * A figure is never a failure: machines differ, and a test that depends on time fails on its own. A run that breaks down,
 * hangs or computes something wrong is one, for it gives no figure.
 *
 * @returns whether every comparison gave a figure.
 */
export async function guard(programs: Programs): Promise<boolean> {
  let passed = true;
  for (const scenario of SCENARIOS.filter(({ name }) => GUARDED.includes(name))) {
    const goals = scenario.goals.filter(({ against }) => against && NAKED.includes(against));
    const kinds: (Kind | undefined)[] = ["us", ...goals.map(({ against }) => against)];
    const contenders = contendersOf(scenario, CONTENDERS).filter(
      ({ kind, runtime }) => kinds.includes(kind) && programs[runtime] !== undefined,
    );
    const rows = await runRounds(scenario, contenders, { rounds: ROUNDS, quick: true, programs });
    for (const goal of goals) {
      const own = rows.filter(({ contender }) => contender.runtime === goal.runtime);
      const ours = own.filter(({ contender }) => isOurs(goal, contender));
      for (const row of ours) passed = compare(scenario, goal, row, own) && passed;
    }
  }
  return passed;
}

/** Prints how one of ours compares to the naked transport; returns whether there was a figure. */
function compare(scenario: Scenario, goal: Goal, ours: Row, own: readonly Row[]): boolean {
  const naked = rival(rivalsOf(ours, own), goal);
  if (naked === undefined) return true;
  // Without figures there is no lowest: a run that failed is no success.
  const lowest = Math.min(...ratios(valuesOf(ours, goal.metric), valuesOf(naked, goal.metric)));
  const limit = (goal.atMost ?? 1) * MARGIN;
  const measured = Number.isFinite(lowest);
  const mark = !measured ? "✗ no figure:" : lowest > limit ? "! far beyond its goal:" : "✓";
  console.log(
    `${mark} ${scenario.name} on ${goal.runtime}, ${ours.contender.name}: ${number(lowest)} × ` +
      `${naked.contender.name} (goal ${goal.atMost}, marked beyond ${number(limit)})`,
  );
  return measured;
}

function rival(rows: Parameters<typeof best>[0], { against, metric }: Goal) {
  return against === undefined ? undefined : best(rows, against, metric);
}
