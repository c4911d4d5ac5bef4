// What an app that was built comes to: it runs three tasks on the page's threads, and leaves what came of it for the tests.

import type { TasksOf } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";

/** What came of it. */
export interface Outcome {
  readonly counts: readonly number[];
  readonly streamed: readonly number[];
  readonly worker: string;
}

/** Runs the tasks, and leaves it in a global. */
export async function leaveOutcome(jobs: TasksOf<typeof import("./jobs.ts")>): Promise<void> {
  Object.assign(globalThis, { outcome: await run(jobs).catch(String) });
}

async function run(jobs: TasksOf<typeof import("./jobs.ts")>): Promise<Outcome> {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, name: "bundled" });
  const counts = await Array.fromAsync(pool.map(jobs.countPrimes, [10, 100, 1_000]));
  const streamed = await Array.fromAsync(pool.stream(jobs.countTo, 3));
  return { counts, streamed, worker: await pool.submit(jobs.whoRuns) };
}
