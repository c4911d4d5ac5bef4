// seeded: chance that can be repeated.

/** Makes numbers from 0 to below 1, the same ones for the same seed: mulberry32. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What a random program is made of: so many different numbers decide one deed (model/deeds.ts). */
export const CHOICES = 2 ** 31;
