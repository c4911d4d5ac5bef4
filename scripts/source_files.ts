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

/** Tests, what they share, and what binds the suites to a backend. */
const OF_TESTS =
  /(\/conformance\/\w+|_test|\/fixture|\/page\/look|\/started_server|\/event_reader)\.ts$/;

/** What is no part of the package beside that: the proofs, the apps, and the page's sources, which are published as a bundle. */
const OF_DEVELOPERS =
  /^(modules\/proofs\/|modules\/dashboard\/(page\/|build_page\.ts$)|apps\/|scripts\/)/;

/** Whether a file is there for tests only: it may look into every room. */
export function isOfTests(path: string): boolean {
  return OF_TESTS.test(path);
}

/** Whether a file is part of the package. */
export function isPublished(path: string): boolean {
  return !isOfTests(path) && !OF_DEVELOPERS.test(path);
}
