// What agents do for words.ts.

import { readFile } from "node:fs/promises";

/** Counts the words of a file. */
export async function countWords(path: string): Promise<number> {
  const text = await readFile(path, "utf8");
  return text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
}
