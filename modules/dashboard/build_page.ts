// buildPage: bundles the sources of a page into its dist, unless what lies there is newer than all of them.

import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BuildOptions, Plugin } from "esbuild";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));

/** What else shapes every bundle: the versions of the packages in it, and how it is made. */
const RECIPE = [
  fileURLToPath(new URL("../../package.json", import.meta.url)),
  fileURLToPath(import.meta.url),
];

/** A page, and what it is bundled of. */
export interface PageSources {
  /** What is built of which source, by name. All but `main` and `style` are loaded when they are needed, and by workers. */
  readonly entries: Readonly<Record<string, string>>;
  /** Where the bundle goes: ignored by git. Other files there are removed. */
  readonly dist: string;
  /** Folders and files whatever of which is newer than the bundle makes it old. */
  readonly sources: readonly string[];
  /** How the sources find each other, where that is not as usual. */
  readonly plugins?: readonly Plugin[];
  /** Makes pages of scripts: what becomes of those entries, by name. */
  readonly pages?: Readonly<Record<string, (script: string) => string>>;
}

/** The dashboard's page. The bundle is part of the published package. */
const DASHBOARD: PageSources = {
  entries: {
    main: join(PAGE, "main.tsx"),
    style: join(PAGE, "style.css"),
    stream: join(PAGE, "stream/stream_worker.ts"),
  },
  dist: join(PAGE, "dist"),
  sources: [PAGE],
};

/**
 * Bundles a page if a source is newer than the bundle.
 *
 * @returns whether it had to.
 */
export async function buildPage(page: PageSources = DASHBOARD): Promise<boolean> {
  const { entries, dist, pages = {}, plugins = [] } = page;
  const nameOf = (entry: string) =>
    entry in pages ? `${entry}.html` : `${entry}${endingOf(page, entry)}`;
  const outputs = Object.keys(entries).map((entry) => join(dist, nameOf(entry)));
  const oldest = Math.min(...(await Promise.all(outputs.map(modified))));
  const below = (await Promise.all(page.sources.map(sourcesBelow))).flat();
  const times = await Promise.all([...below, ...RECIPE].map(modified));
  if (oldest > Math.max(...times)) return false;
  // Only now, because it starts a program of its own.
  const esbuild = await import("esbuild");
  const { main = "", ...others } = entries;
  const recipe: BuildOptions & { write: false } = {
    outdir: dist,
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    plugins: [...plugins],
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "eof",
    chunkNames: "piece_[hash]",
    write: false,
  };
  try {
    // Only the page itself comes in pieces: what runs in workers or elsewhere is one file that can be copied.
    const built = await Promise.all([
      esbuild.build({ ...recipe, entryPoints: { main }, splitting: true }),
      esbuild.build({ ...recipe, entryPoints: others }),
    ]);
    await mkdir(dist, { recursive: true });
    const written = new Set<string>();
    // Under another name first, for a server may read it at any time; and the page last, after the pieces that it asks for.
    for (const { path, contents, text } of built
      .flatMap(({ outputFiles }) => outputFiles)
      .reverse()) {
      const entry = basename(path, extname(path));
      const name = entry in others || entry === "main" ? nameOf(entry) : basename(path);
      const whole = `${path}.${crypto.randomUUID()}`;
      await writeFile(whole, pages[entry]?.(text) ?? contents);
      await rename(whole, join(dist, name));
      written.add(name);
    }
    // What an earlier build left, and this one has no more, would be served and published.
    for (const name of await readdir(dist)) {
      if (/^[\w.]+$/.test(name) && !written.has(name)) await rm(join(dist, name));
    }
  } finally {
    await esbuild.stop();
  }
  return true;
}

function endingOf({ entries }: PageSources, entry: string): string {
  return entries[entry]?.endsWith(".css") ? ".css" : ".js";
}

/** The sources in a folder, but not what was bundled of them; or the one that is given. */
async function sourcesBelow(place: string): Promise<string[]> {
  if (/\.\w+$/.test(place)) return [place];
  const entries = await readdir(place, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => /(?<!_test)\.(tsx?|css)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => basename(dirname(path)) !== "dist");
}

/** When a file was written; never, if it is not there. */
async function modified(path: string): Promise<number> {
  return await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}

if (import.meta.main) await buildPage();
