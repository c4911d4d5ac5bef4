// The types that the page's editor checks against: the library's declarations, made of its own sources when the page is bundled,
// and the platform's, as TypeScript has them. They are loaded by the worker that checks, and by nothing else.

import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** What stands before the files of each: those of the library are named as they lie below its modules. */
const LIBRARY = "/library/";
const PLATFORM = "/platform/";

/** A task runs in a worker: it has no document. */
const PLATFORM_FILES = ["lib.esnext.d.ts", "lib.webworker.d.ts", "lib.webworker.iterable.d.ts"];

const REPOSITORY = fileURLToPath(new URL("../../", import.meta.url));

/** What is imported in the page under the library's names (page/here/task_runner.ts). */
const ENTRIES = ["core/mod.ts", "sync/mod.ts", "core/for_tasks.ts"].map((file) =>
  join(REPOSITORY, "modules", file),
);

export const LIBRARY_TYPES: Plugin = {
  name: "library-types",
  setup(build) {
    build.onResolve({ filter: /^library-types$/ }, ({ path }) => ({ path, namespace: path }));
    build.onLoad({ filter: /./, namespace: "library-types" }, async () => ({
      contents: JSON.stringify(await readTypes()),
      loader: "json",
    }));
  },
};

/** Reads them: the text of each file, by its name. */
export async function readTypes(): Promise<Record<string, string>> {
  const { default: ts } = await import("typescript");
  const program = ts.createProgram(ENTRIES, {
    lib: PLATFORM_FILES,
    types: [],
    paths: { "@concurrent/futures": [join(REPOSITORY, "mod.ts")] },
    strict: true,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    allowImportingTsExtensions: true,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    target: ts.ScriptTarget.ESNext,
    rootDir: join(REPOSITORY, "modules"),
    outDir: LIBRARY,
  });
  const declared = new Map<string, string>();
  program.emit(undefined, (file, text) => {
    if (file.startsWith(LIBRARY)) declared.set(file, text);
  });
  const libraries = dirname(ts.getDefaultLibFilePath({}));
  const platform = program
    .getSourceFiles()
    .filter(({ fileName }) => dirname(fileName) === libraries)
    .map(({ fileName, text }) => [PLATFORM + basename(fileName), text] as const);
  return Object.fromEntries([...platform, ...declared]);
}
