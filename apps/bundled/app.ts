// An app that runs two tasks on the page's threads, and leaves what came of it in a global, for the tests.

import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";

// Beside this file, and named like it: by Vite's development server as in the source, else as it is built.
const module = import.meta.url.includes(".ts") ? "./jobs.ts" : "./jobs.js";
const jobs = importTasks<typeof import("./jobs.ts")>(new URL(module, import.meta.url));

/** What came of it. */
export interface Outcome {
  readonly counts: readonly number[];
  readonly worker: string;
}

async function run(): Promise<Outcome> {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, name: "bundled" });
  const counts = await Array.fromAsync(pool.map(jobs.countPrimes, [10, 100, 1_000]));
  return { counts, worker: await pool.submit(jobs.whoRuns) };
}

Object.assign(globalThis, { outcome: await run().catch(String) });
