// Runs the tests of Node on the package as it is built for npm: deno task test:node [NODE'S OPTIONS …]

import { compile } from "./build_package.ts";
import { nodePath } from "./node.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

/** Ignored by git. */
const BUILD = "temp/node";

function main(args: readonly string[]): void {
  const published = sourceFiles(["mod.ts", "modules"]).filter(isPublished);
  const own = sourceFiles(["modules/node"]).filter((path) => !isPublished(path));
  compile([...published, ...own], BUILD);
  const tests = own.filter((path) => path.endsWith("_test.ts"));
  const files = tests.map((path) => `${BUILD}/${path.replace(/\.ts$/, ".js")}`);
  const { code } = new Deno.Command(nodePath(), {
    args: ["--test", ...args, ...files],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).outputSync();
  Deno.exit(code);
}

if (import.meta.main) main(Deno.args);
