// Lists the TypeScript files of given folders, and says which are published.

import { existsSync, readdirSync, statSync } from "node:fs";

/**
 * Lists the `.ts` files under the given files and folders, sorted, with forward slashes.
 *
 * @param roots files or folders; one that does not exist counts as empty.
 */
export function sourceFiles(roots: readonly string[]): string[] {
  return roots.filter(existsSync).flatMap(filesOf).sort();
}

function filesOf(root: string): string[] {
  if (!statSync(root).isDirectory()) return [root];
  return readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => `${root}/${name.replaceAll("\\", "/")}`)
    .filter((path) => path.endsWith(".ts") && !path.includes("/node_modules/"));
}

/** What is no part of the package: tests, what they share, the proofs, and what binds the suites to a backend. */
const UNPUBLISHED =
  /(^modules\/proofs\/.*|\/conformance\/\w+|_test|\/fixture|\/started_server|\/event_reader|\/build_page)\.ts$/;

/** Whether a file is part of the package. The page's sources are not: it is published as a bundle. */
export function isPublished(path: string): boolean {
  return !UNPUBLISHED.test(path) && !path.startsWith("apps/playground/page/");
}
