// buildPage: bundles the page's sources into page/dist, unless what lies there is newer than all of them.

import { mkdir, readdir, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));

/** Where the bundle lies: ignored by git, and part of the published package. */
const DIST = join(PAGE, "dist");

const OUTPUTS = [join(DIST, "main.js"), join(DIST, "style.css")];

/** What else shapes the bundle: the versions of the packages in it, and how it is made. */
const RECIPE = [
  fileURLToPath(new URL("../../package.json", import.meta.url)),
  fileURLToPath(import.meta.url),
];

/**
 * Bundles the page if a source is newer than the bundle.
 *
 * @returns whether it had to.
 */
export async function buildPage(): Promise<boolean> {
  const built = Math.min(...(await Promise.all(OUTPUTS.map(modified))));
  const sources = await Promise.all([...(await sourcesBelow(PAGE)), ...RECIPE].map(modified));
  if (built > Math.max(...sources)) return false;
  // Only now, because it starts a program of its own.
  const esbuild = await import("esbuild");
  try {
    const { outputFiles } = await esbuild.build({
      entryPoints: [join(PAGE, "main.tsx"), join(PAGE, "style.css")],
      outdir: DIST,
      bundle: true,
      minify: true,
      format: "esm",
      target: "es2022",
      jsx: "automatic",
      jsxImportSource: "preact",
      legalComments: "eof",
      write: false,
    });
    await mkdir(DIST, { recursive: true });
    // Under another name first, for a server may read it at any time.
    for (const { path, contents } of outputFiles) {
      const whole = `${path}.${crypto.randomUUID()}`;
      await writeFile(whole, contents);
      await rename(whole, path);
    }
  } finally {
    await esbuild.stop();
  }
  return true;
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
