// The app without a bundler: the page's import map says where the library is.

import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";

const jobs = importTasks(new URL("./jobs.js", import.meta.url));

async function run() {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1, name: "bundled" });
  const counts = await Array.fromAsync(pool.map(jobs.countPrimes, [10, 100, 1_000]));
  const streamed = await Array.fromAsync(pool.stream(jobs.countTo, 3));
  return { counts, streamed, worker: await pool.submit(jobs.whoRuns) };
}

Object.assign(globalThis, { outcome: await run().catch(String) });
