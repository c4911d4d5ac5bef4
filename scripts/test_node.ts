// Runs the tests of Node on the package as it is built for npm: deno task test:node [NODE'S OPTIONS …] [PART OF A FILE'S PATH …]

import { compile, isOfSuite } from "./build_package.ts";
import { nodePath } from "./node.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

/** What of the queue's tests runs on Node, too. */
const QUEUE_TESTS = ["conformance", "queue", "faults"].map(
  (name) => `modules/queue/${name}_test.ts`,
);

/** Where the package is built for the tests; ignored by git. */
export const NODE_BUILD = "temp/node";

/**
 * Builds the package together with what binds the conformance suite to Node, and with the tests of the queue, which are the
 * same on every runtime.
 *
 * @returns where the latter lies, file by file.
 */
export function buildForNode(): string[] {
  const published = sourceFiles(["mod.ts", "modules"]).filter(isPublished);
  const own = [
    ...sourceFiles(["modules/node", "modules/otel", "modules/queue/conformance", ...QUEUE_TESTS]),
    "scripts/redis_server.ts",
  ].filter((path) => !isPublished(path));
  const built = own.map((path) => path.replace(/\.ts$/, ".js"));
  const isOwn = new Set(built);
  compile([...published, ...own], NODE_BUILD, (path) => isOfSuite(path) || isOwn.has(path));
  return built.map((path) => `${NODE_BUILD}/${path}`);
}

function main(args: readonly string[]): void {
  const options = args.filter((arg) => arg.startsWith("-"));
  const parts = args.filter((arg) => !arg.startsWith("-"));
  const files = buildForNode().filter(
    (path) =>
      path.endsWith("_test.js") &&
      (parts.length === 0 || parts.some((part) => path.includes(part))),
  );
  const { code } = new Deno.Command(nodePath(), {
    args: ["--test", ...options, ...files],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  Deno.exit(code);
}

if (import.meta.main) main(Deno.args);
