// Makes of the repository's sources what a page can load: each file by itself, without its types, at the same path —
// but the core in one piece, as a worker that loads thirty files starts in thirty milliseconds instead of ten.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, type Plugin, stop } from "esbuild";
import { isPublished, sourceFiles } from "../source_files.ts";

const NODE_MODULES = "scripts/page_host/node";
const ASSERT = "assert_strict";
const ROOTS = [
  "modules/browser",
  "modules/sync",
  "modules/record",
  "modules/workers",
  "modules/testing",
  "modules/proofs",
  `${NODE_MODULES}/${ASSERT}.ts`,
];
const CORE = /^\/(mod|modules\/core\/[\w/]+)\.ts$/;

/** What else of the modules a page loads: the suite's subjects, who runs it on them, and what plays with hostile values. */
const SUITE =
  /\/conformance\/(subjects|page)\.ts$|\/value_reports\.ts$|\/assert_strict\.ts$|\/proofs\/(tasks|seeded|hostile\/(?:\w+\/)?\w+(?<!_test)|fixtures\/\w+)\.ts$/;

let built: Promise<ReadonlyMap<string, string>> | undefined;

/** The paths of the sources, as the page asks for them, and their JavaScript. Built once for all pages of a program. */
export function pageSources(): Promise<ReadonlyMap<string, string>> {
  built ??= buildSources();
  return built;
}

async function buildSources(): Promise<ReadonlyMap<string, string>> {
  const entryPoints = sourceFiles(ROOTS).filter(
    (path) => isPublished(path) || SUITE.test(`/${path}`),
  );
  const core = sourceFiles(["modules/core"]).filter(isPublished);
  try {
    const { outputFiles } = await build({
      entryPoints: [...entryPoints, { in: "core", out: "core" }],
      outbase: ".",
      outdir: "/",
      outExtension: { ".js": ".ts" },
      write: false,
      bundle: true,
      format: "esm",
      target: "esnext",
      // No browser has them yet.
      supported: { decorators: false },
      // A task is found by its function's name.
      keepNames: true,
      // What the copy of node:assert asks of Node.
      define: {
        global: "globalThis",
        "process.env.NODE_DEBUG": "undefined",
        "process.stderr": "undefined",
      },
      plugins: [onePiece(core), ONE_FILE_EACH],
    });
    return new Map(outputFiles.map(({ path, text }) => [path, text]));
  } finally {
    await stop();
  }
}

/** The core as one file, which exports what any of its files does. */
function onePiece(files: readonly string[]): Plugin {
  return {
    name: "one piece",
    setup(plugin) {
      plugin.onResolve({ filter: /^core$/ }, () => ({ path: "core", namespace: "core" }));
      plugin.onLoad({ filter: /.*/, namespace: "core" }, () => ({
        // What classes are named by comes first, as in every entry.
        contents: ["modules/core/disposal.ts", ...files]
          .map((path) => `export * from "./${path}";`)
          .join("\n"),
        resolveDir: Deno.cwd(),
      }));
    },
  };
}

/**
 * Files of ours are left where they are, or each would have copies of others. Packages of npm become part of the file
 * that imports them: a worker knows no import map.
 */
const ONE_FILE_EACH: Plugin = {
  name: "one file each",
  setup(plugin) {
    plugin.onResolve({ filter: /^\./ }, ({ path, kind, importer, namespace, resolveDir }) => {
      if (kind === "entry-point" || importer.includes("node_modules")) return undefined;
      const there = address(join(resolveDir, path));
      if (!CORE.test(there)) return { path: there, external: true };
      const inside = namespace === "core" || CORE.test(address(importer));
      return inside ? undefined : { path: "/core.ts", external: true };
    });
    plugin.onResolve({ filter: /^node:/ }, ({ path }) => {
      const name = path.slice("node:".length).replace("/", "_");
      // One for all: it is large, and its errors have a class.
      if (name === ASSERT) return { path: `/${NODE_MODULES}/${name}.ts`, external: true };
      return { path: join(Deno.cwd(), NODE_MODULES, `${name}.ts`), namespace: "stand-in" };
    });
    // As CommonJS, where a name that is lacking is undefined: it is missed by the cases that use it, not by the page.
    plugin.onLoad({ filter: /.*/, namespace: "stand-in" }, ({ path }) => {
      const found = existsSync(path) ? `require(${JSON.stringify(path)})` : "{}";
      const contents = `const found = ${found}; module.exports = { ...found, ...found.default };`;
      return { contents, resolveDir: Deno.cwd() };
    });
  },
};

/** A file of the repository as the page asks for it. */
function address(path: string): string {
  return path.slice(Deno.cwd().length);
}
