// buildPage: bundles the page's sources into page/dist, unless what lies there is newer than all of them.

import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));

/** The library, which the page's sandbox runs. */
const LIBRARY = ["core", "workers", "browser"].map((folder) =>
  fileURLToPath(new URL(`../../modules/${folder}/`, import.meta.url)),
);

/** Where the bundle lies: ignored by git, and part of the published package. */
const DIST = join(PAGE, "dist");

/** What is built of which source. All but the first two are loaded when they are needed, and by workers. */
const ENTRIES = {
  main: join(PAGE, "main.tsx"),
  style: join(PAGE, "style.css"),
  stream: join(PAGE, "stream/stream_worker.ts"),
  editor: join(PAGE, "editor.ts"),
  sandbox: join(PAGE, "here/sandbox.ts"),
  task_worker: join(PAGE, "here/task_worker.ts"),
  task_runner: join(PAGE, "here/task_runner.ts"),
  jobs: fileURLToPath(new URL("./jobs.ts", import.meta.url)),
};

/** What becomes of an entry, where that is no script. */
const ENDINGS: Partial<Record<string, string>> = { style: "css", sandbox: "html" };

const OUTPUTS = Object.keys(ENTRIES).map((name) => join(DIST, `${name}.${ENDINGS[name] ?? "js"}`));

/** What else shapes the bundle: the versions of the packages in it, and how it is made. */
const RECIPE = [
  fileURLToPath(new URL("./jobs.ts", import.meta.url)),
  fileURLToPath(new URL("./printer.ts", import.meta.url)),
  fileURLToPath(new URL("../../package.json", import.meta.url)),
  fileURLToPath(import.meta.url),
];

/** In a page the playground's own tasks use what stands in `page/here` for what they use on a server. */
const STAND_INS: Plugin = {
  name: "stand-ins",
  setup(build) {
    const here = (file: string) => ({ path: join(PAGE, "here", file) });
    build.onResolve({ filter: /^node:(process|util)$/ }, ({ path }) => here(`${path.slice(5)}.ts`));
    build.onResolve({ filter: /^\.\/printing\.ts$/ }, () => here("printing.ts"));
  },
};

/**
 * Bundles the page if a source is newer than the bundle.
 *
 * @returns whether it had to.
 */
export async function buildPage(): Promise<boolean> {
  const built = Math.min(...(await Promise.all(OUTPUTS.map(modified))));
  const below = (await Promise.all([PAGE, ...LIBRARY].map(sourcesBelow))).flat();
  const sources = await Promise.all([...below, ...RECIPE].map(modified));
  if (built > Math.max(...sources)) return false;
  // Only now, because it starts a program of its own.
  const esbuild = await import("esbuild");
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: ENTRIES,
      outdir: DIST,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      // This package's own sources: nothing has to be built for npm first.
      conditions: ["bun"],
      plugins: [STAND_INS],
      jsx: "automatic",
      jsxImportSource: "preact",
      legalComments: "eof",
      write: false,
    });
    await mkdir(DIST, { recursive: true });
    // Under another name first, for a server may read it at any time.
    for (const { path, contents, text } of outputFiles) {
      const isSandbox = path === join(DIST, "sandbox.js");
      const whole = `${path}.${crypto.randomUUID()}`;
      await writeFile(whole, isSandbox ? sandboxPage(text) : contents);
      await rename(whole, isSandbox ? path.replace(/js$/, "html") : path);
    }
    // What an earlier build left, and this one has no more, would be served and published.
    for (const name of await readdir(DIST)) {
      if (/^\w+\.\w+$/.test(name) && !OUTPUTS.includes(join(DIST, name)))
        await rm(join(DIST, name));
    }
  } finally {
    await esbuild.stop();
  }
  return true;
}

/** A page with its script in it, because a page without an origin may load none (sandbox_page.ts has the policy). */
function sandboxPage(script: string): string {
  // esbuild escapes what would end the element.
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>What runs in this browser</title>
<script type="module">${script}</script>
</html>
`;
}

async function sourcesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => /(?<!_test)\.(tsx?|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => dirname(path) !== DIST);
}

/** When a file was written; never, if it is not there. */
async function modified(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

if (import.meta.main) await buildPage();
