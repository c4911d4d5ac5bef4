// The opponent that is piscina, on Node: each line of JSON asks for a batch, and is answered by how long it took.

import { createInterface } from "node:readline";
import { isMainThread } from "node:worker_threads";
import Piscina from "piscina";

/** As the playground's own sieve has. */
const SIEVE_BLOCK = 1 << 18;

export function sleep([ms]) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export function echo([value]) {
  return value;
}

/** Counts the primes below a number as the playground's task does, block by block. */
export function primes([n]) {
  const small = primesUpTo(Math.ceil(Math.sqrt(n)));
  const flags = new Uint8Array(SIEVE_BLOCK);
  let count = 0;
  for (let start = 2; start < n; start += SIEVE_BLOCK) {
    const end = Math.min(start + SIEVE_BLOCK, n);
    flags.fill(0);
    for (const prime of small) {
      const first = Math.max(prime * prime, Math.ceil(start / prime) * prime);
      for (let multiple = first; multiple < end; multiple += prime) flags[multiple - start] = 1;
    }
    for (let i = 0; i < end - start; i++) count += 1 - flags[i];
  }
  return count;
}

function primesUpTo(limit) {
  const composite = new Uint8Array(limit + 1);
  const found = [];
  for (let i = 2; i <= limit; i++) {
    if (composite[i]) continue;
    found.push(i);
    for (let multiple = i * i; multiple <= limit; multiple += i) composite[multiple] = 1;
  }
  return found;
}

async function run({ kind, arguments: values, count, workers, wake_ms }) {
  const pool = new Piscina({
    filename: import.meta.filename,
    minThreads: workers,
    maxThreads: workers,
  });
  try {
    const all = (many, name, given) =>
      Promise.all(Array.from({ length: many }, () => pool.run(given, { name })));
    // Starting workers is not what is compared.
    await all(workers, "sleep", [wake_ms]);
    const begin = performance.now();
    await all(count, kind, values);
    return performance.now() - begin;
  } finally {
    await pool.destroy();
  }
}

if (isMainThread) {
  const lines = createInterface({ input: process.stdin });
  // Also in the middle of a batch.
  lines.once("close", () => process.exit());
  for await (const line of lines) {
    console.log(JSON.stringify({ ms: await run(JSON.parse(line)) }));
  }
}
