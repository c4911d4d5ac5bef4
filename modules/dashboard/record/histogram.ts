// Histogram: percentiles of durations in fixed memory, exact to about three percent.

import type { Percentiles } from "../contract.ts";

/** Buckets for each doubling: a bucket's middle is at most 2^(1/32), about 2 %, from all in it. */
const PER_DOUBLING = 16;

/** The shortest duration told apart from none, in milliseconds. */
const SHORTEST = 0.001;

/** Up to 2^40 times the shortest: twelve days. */
const BUCKETS = 40 * PER_DOUBLING;

export class Histogram {
  readonly #buckets = new Uint32Array(BUCKETS + 1);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    const place = ms <= SHORTEST ? 0 : Math.ceil(Math.log2(ms / SHORTEST) * PER_DOUBLING);
    const bucket = Math.min(place, BUCKETS);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count++;
  }

  clear(): void {
    if (this.#count > 0) this.#buckets.fill(0);
    this.#count = 0;
  }

  /** The percentiles of what was added; null of nothing. */
  percentiles(): Percentiles | null {
    if (this.#count === 0) return null;
    return { p50: this.#at(0.5), p95: this.#at(0.95), p99: this.#at(0.99) };
  }

  #at(share: number): number {
    const rank = Math.ceil(share * this.#count);
    let seen = 0;
    let place = 0;
    while (place < BUCKETS) {
      seen += this.#buckets[place] as number;
      if (seen >= rank) break;
      place++;
    }
    return place === 0 ? 0 : SHORTEST * 2 ** ((place - 0.5) / PER_DOUBLING);
  }
}

/** The exact percentiles of a list, by nearest rank; null of an empty one. */
export function percentilesOf(durations: readonly number[]): Percentiles | null {
  if (durations.length === 0) return null;
  const sorted = Float64Array.from(durations).sort();
  const at = (share: number) => sorted[Math.ceil(share * sorted.length) - 1] as number;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
