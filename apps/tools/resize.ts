// Makes pictures smaller.

import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Executor, importTasks } from "@concurrent/futures";
import { showBar } from "./bar.ts";

const { resize } = importTasks(
  new URL("./resize_jobs.ts", import.meta.url),
  () => import("./resize_jobs.ts"),
);

/** Resizes each picture into a folder. Returns those that could not be, and why. */
export async function resizeAll(
  pool: Executor,
  pictures: readonly string[],
  { folder, width, signal }: { folder: string; width: number; signal: AbortSignal },
): Promise<Map<string, string>> {
  mkdirSync(folder, { recursive: true });
  const problems = new Map<string, string>();
  let done = 0;
  const futures = pictures.map((path) =>
    pool.submit(resize.with({ signal }), path, join(folder, basename(path)), width),
  );
  // One that is no picture costs nobody else anything.
  for (const [at, future] of futures.entries()) {
    try {
      await future;
    } catch (error) {
      problems.set(pictures[at] as string, (error as Error).message);
    }
    showBar(++done, pictures.length);
  }
  showBar(undefined, 0);
  return problems;
}
