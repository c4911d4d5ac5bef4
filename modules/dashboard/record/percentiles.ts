// percentilesOf: the percentiles of a list that is small enough to be sorted.

import type { Percentiles } from "../contract.ts";

/** The exact percentiles of a list, by nearest rank; null of an empty one. */
export function percentilesOf(durations: readonly number[]): Percentiles | null {
  if (durations.length === 0) return null;
  const sorted = Float64Array.from(durations).sort();
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
