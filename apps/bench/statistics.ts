// The bench's arithmetic: medians, ratios within a round, spreads.

/** The middle of `values`; the mean of the two in the middle of an even number; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The value that a share of `values`, from 0 to 1, does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/**
 * The median of the ratios of figures taken in the same round.
 *
 * A machine that slows down slows both sides of a round, so a ratio within one is steadier than one of medians.
 *
 * @param ours by round; undefined where a round failed.
 * @param theirs by round, likewise.
 */
export function medianRatio(
  ours: readonly (number | undefined)[],
  theirs: readonly (number | undefined)[],
): number {
  return median(ratios(ours, theirs));
}

/** The ratios of the rounds that both sides finished. */
export function ratios(
  ours: readonly (number | undefined)[],
  theirs: readonly (number | undefined)[],
): number[] {
  return ours.flatMap((value, round) => {
    const other = theirs[round];
    return value === undefined || other === undefined ? [] : [value / other];
  });
}
