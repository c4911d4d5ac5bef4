// The tasks every contender runs: a plain module, loaded by hosts and workers alike.

/** The least work there is. */
export function increment(a: number): number {
  return a + 1;
}

/** Gives its argument back. */
export function echo<T>(value: T): T {
  return value;
}

/** Multiplies 1 to n, as a BigInt. */
export function factorial(n: number): bigint {
  let product = 1n;
  for (let factor = 2n; factor <= n; factor++) product *= factor;
  return product;
}

/** Keeps the worker busy for so many milliseconds by the clock; returns how many it really took. */
export function spin(ms: number): number {
  const start = performance.now();
  let elapsed = 0;
  while (elapsed < ms) elapsed = performance.now() - start;
  return elapsed;
}

/** Does so many rounds of arithmetic; returns what cannot be had without doing them. */
export function compute(rounds: number): number {
  let state = 1;
  for (let round = 0; round < rounds; round++) state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return state;
}

/** All of them, by name. */
export const TASKS = { increment, echo, factorial, spin, compute };
