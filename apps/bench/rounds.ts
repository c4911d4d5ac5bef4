// Runs the contenders of a scenario in turn, round after round, so that all of them see the same machine.

import { type Contender, isForeign } from "./contenders.ts";
import { type Programs, type RunResult, runContender } from "./run_contender.ts";
import { type Scenario, sizeOf } from "./scenario.ts";

/** What came of one contender. `rounds` has a result for each round it was run in. */
export interface Row {
  readonly contender: Contender;
  readonly rounds: RunResult[];
}

/** How to run. */
export interface RoundsOptions {
  readonly rounds: number;
  readonly quick: boolean;
  readonly programs: Programs;
  /** Told before each run. */
  onRun?(contender: Contender, round: number): void;
}

/** The contenders that take part in a scenario. */
export function contendersOf(scenario: Scenario, contenders: readonly Contender[]): Contender[] {
  return contenders.filter(
    ({ kind, only, runtime, workers }) =>
      scenario.kinds.includes(kind) &&
      (scenario.workers === undefined ? workers !== "loop" : workers === scenario.workers) &&
      (only ?? [scenario.name]).includes(scenario.name) &&
      (scenario.runtimes ?? [runtime]).includes(runtime),
  );
}

/** Runs all rounds. One that failed is not run again: a peer that hangs would do so in every round. */
export async function runRounds(
  scenario: Scenario,
  contenders: readonly Contender[],
  { rounds, quick, programs, onRun }: RoundsOptions,
): Promise<Row[]> {
  const rows: Row[] = contenders.map((contender) => ({ contender, rounds: [] }));
  const limit = quick ? Math.min(rounds, scenario.rounds ?? rounds) : (scenario.rounds ?? rounds);
  for (let round = 0; round < limit; round++) {
    // Each round begins with another one: nobody always runs behind the same neighbour.
    for (let turn = 0; turn < rows.length; turn++) {
      const row = rows[(round + turn) % rows.length] as Row;
      if (row.rounds.some((result) => !("metrics" in result))) continue;
      onRun?.(row.contender, round);
      const size = sizeFor(scenario, row.contender, quick);
      row.rounds.push(await runContender(row.contender, scenario, size, programs));
    }
  }
  return rows;
}

function sizeFor(scenario: Scenario, contender: Contender, quick: boolean): number {
  const size = sizeOf(scenario, quick);
  return isForeign(contender) ? Math.min(size, scenario.peerSize ?? size) : size;
}
