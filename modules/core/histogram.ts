// Histogram: percentiles of durations in fixed memory, exact to about three percent.

/** Durations in milliseconds: half of what was measured took at most `p50`, and so on. */
export interface Percentiles {
  /** Half took at most so long. */
  readonly p50: number;
  /** Nineteen of twenty did. */
  readonly p95: number;
  /** All but one of a hundred did. */
  readonly p99: number;
}

/** Buckets for each doubling: a bucket's middle is at most 2^(1/32), about 2 %, from all in it. */
const PER_DOUBLING = 16;

/** The shortest duration told apart from none, in milliseconds. */
const SHORTEST = 0.001;

/** Up to 2^40 times the shortest: twelve days. */
const BUCKETS = 40 * PER_DOUBLING;

/**
 * Durations, of which only percentiles are wanted: a few kilobytes, however many are added.
 *
 * @example Three durations
 * ```ts
 * import assert from "node:assert/strict";
 * import { Histogram } from "@concurrent/futures/record";
 *
 * const durations = new Histogram();
 * for (const ms of [1, 2, 400]) durations.add(ms);
 * const { p50 = 0, p99 = 0 } = durations.percentiles() ?? {};
 * assert.deepEqual([Math.round(p50), Math.round(p99 / 100)], [2, 4]);
 * ```
 */
export class Histogram {
  readonly #buckets = new Uint32Array(BUCKETS + 1);
  #count = 0;

  /** How many were added. */
  get count(): number {
    return this.#count;
  }

  /** Adds one, of so many milliseconds. */
  add(ms: number): void {
    const place = ms <= SHORTEST ? 0 : Math.ceil(Math.log2(ms / SHORTEST) * PER_DOUBLING);
    const bucket = Math.min(place, BUCKETS);
    this.#buckets[bucket] = (this.#buckets[bucket] as number) + 1;
    this.#count++;
  }

  /** Forgets all. */
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
