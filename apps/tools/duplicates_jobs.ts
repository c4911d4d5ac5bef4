// What the threads do for duplicates.ts.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";

/** The hash of a file's contents, which need not fit into memory. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}
