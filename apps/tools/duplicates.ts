// Finds files of a tree that have the same contents.
//
// Only files of one size are looked into. Each is hashed in a thread; Ctrl-C tells what was found until then.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { CancelledError, type Executor, importTasks } from "@concurrent/futures";
import { showBar } from "./bar.ts";

const { hashFile } = importTasks(
  new URL("./duplicates_jobs.ts", import.meta.url),
  () => import("./duplicates_jobs.ts"),
);

/** Files in which so much waits to be read at once: more would only fill the memory. */
const AHEAD = 256;

/** Finds groups of equal files, the largest files first. */
export async function findDuplicates(
  pool: Executor,
  folder: string,
  signal: AbortSignal,
): Promise<string[][]> {
  const candidates = [...groupBy(filesIn(folder), (path) => statSync(path).size)]
    .filter(([, paths]) => paths.length > 1)
    .sort(([one], [other]) => other - one)
    .flatMap(([, paths]) => paths);
  const hashes: string[] = [];
  try {
    for await (const hash of pool.map(hashFile, candidates, { bufferSize: AHEAD, signal })) {
      hashes.push(hash);
      showBar(hashes.length, candidates.length);
    }
  } catch (error) {
    if (!(error instanceof CancelledError)) throw error;
  } finally {
    showBar(undefined, 0);
  }
  const hashed = candidates.slice(0, hashes.length);
  const groups = groupBy(hashed, (_, at) => hashes[at] as string);
  return [...groups.values()].filter((paths) => paths.length > 1);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function groupBy<Key>(paths: readonly string[], key: (path: string, at: number) => Key) {
  const groups = new Map<Key, string[]>();
  for (const [at, path] of paths.entries()) {
    const own = key(path, at);
    groups.set(own, [...(groups.get(own) ?? []), path]);
  }
  return groups;
}
