// What a comparison says: the spread of each side, and which is faster, if they can be told apart at all.

import type { Comparison } from "../../../../modules/dashboard/contract.ts";

export type Side = Comparison["sides"][number];

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

export function spreadOf(times: readonly number[]): Spread | undefined {
  const sorted = times.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return undefined;
  const middle = sorted.length / 2;
  const [low = min, high = max] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return { min, median: (low + high) / 2, max };
}

/** The spread with all workers. */
export function allOf({ points }: Side): Spread | undefined {
  return spreadOf(points.at(-1)?.times ?? []);
}

/** Says which is faster; or that this is not known. */
export function verdictOf({ sides, repeats, state }: Comparison): string | undefined {
  if (state !== "done") return undefined;
  const told = sides.flatMap((side) => {
    const spread = allOf(side);
    return spread ? [{ name: side.executor, spread }] : [];
  });
  const [first, second] = told.sort((a, b) => a.spread.median - b.spread.median);
  if (first === undefined || second === undefined) return undefined;
  const times = (second.spread.median / first.spread.median).toFixed(2);
  if (repeats < 2) {
    return `${first.name} was ${times} times as fast as ${second.name}. One run each tells no spread.`;
  }
  if (first.spread.max >= second.spread.min) {
    return `${first.name} and ${second.name} are not told apart: their runs overlap.`;
  }
  return `${first.name} is ${times} times as fast as ${second.name}: none of their runs overlap.`;
}

/** How many times as fast as with one worker, by number of workers; undefined where that is not known. */
export function speedUpsOf({ points }: Side): { workers: number; times: number }[] {
  const one = points.find(({ workers }) => workers === 1);
  const base = spreadOf(one?.times ?? [])?.median;
  if (base === undefined) return [];
  return points.flatMap(({ workers, times }) => {
    const median = spreadOf(times)?.median;
    return median === undefined ? [] : [{ workers, times: base / median }];
  });
}
