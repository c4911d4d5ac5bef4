// Makes pictures smaller: deno run -A apps/tools/resize.ts 200 thumbnails/ photos/*.png

import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import process from "node:process";
import { importTasks } from "@concurrent/futures";
import { showBar } from "./bar.ts";
import { interrupt } from "./interrupt.ts";
import { threads } from "./threads.ts";

const { resize } = importTasks<typeof import("./resize_jobs.ts")>(
  new URL("./resize_jobs.ts", import.meta.url),
);

/** Resizes each picture into a folder. Returns those that could not be, and why. */
export async function resizeAll(
  pictures: readonly string[],
  { folder, width, signal }: { folder: string; width: number; signal: AbortSignal },
): Promise<Map<string, string>> {
  mkdirSync(folder, { recursive: true });
  await using pool = await threads();
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

if (import.meta.main) {
  const [width, folder = "thumbnails", ...pictures] = process.argv.slice(2);
  const options = { folder, width: Number(width), signal: interrupt() };
  for (const [path, why] of await resizeAll(pictures, options)) console.error(`${path}: ${why}`);
}
