// The tasks of the app that each way to build it must carry.

import { taskContext } from "@concurrent/futures/task";

/** Counts the primes below a number. */
export function countPrimes(below: number): number {
  let count = 0;
  for (let n = 2; n < below; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

/** Counts: a generator, whose worker loads what hands out items. */
export function* countTo(last: number): Generator<number> {
  for (let n = 1; n <= last; n++) yield n;
}

/** Names the worker it runs in: the library must be one in the worker and in this module. */
export function whoRuns(): string {
  return taskContext().worker.name;
}
