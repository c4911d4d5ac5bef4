// Counts what a web server's log says.
//
// The file is cut into parts by bytes, a thread counts each, and the counts are added up as they come.

import { statSync } from "node:fs";
import { type Executor, importTasks } from "@concurrent/futures";
import { showBar } from "./bar.ts";
import type { Counts } from "./log_jobs.ts";

const { countPart } = importTasks(
  new URL("./log_jobs.ts", import.meta.url),
  () => import("./log_jobs.ts"),
);

/** Large enough to be worth its way, small enough that all threads end together. */
const PART = 8 << 20;

/** Counts the whole file. */
export async function countLog(pool: Executor, path: string, part: number = PART): Promise<Counts> {
  const { size } = statSync(path);
  const parts = Array.from(
    { length: Math.ceil(size / part) },
    (_, at): [string, number, number] => [path, at * part, Math.min(size, (at + 1) * part)],
  );
  const total: Counts = { lines: 0, bytes: 0, status: {} };
  let done = 0;
  for await (const counts of pool.starmap(countPart, parts, { ordered: false })) {
    total.lines += counts.lines;
    total.bytes += counts.bytes;
    for (const [status, times] of Object.entries(counts.status))
      total.status[status] = (total.status[status] ?? 0) + times;
    showBar(++done, parts.length);
  }
  showBar(undefined, 0);
  return total;
}
