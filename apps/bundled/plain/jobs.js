// The tasks of the app without a bundler. A worker knows no import map, so the library is named by its address.

import { taskContext } from "./node_modules/@concurrent/futures/dist/mod.js";

export function countPrimes(below) {
  let count = 0;
  for (let n = 2; n < below; n++) {
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) count++;
  }
  return count;
}

export function* countTo(last) {
  for (let n = 1; n <= last; n++) yield n;
}

export function whoRuns() {
  return taskContext().worker.name;
}
