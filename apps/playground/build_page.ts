// buildPage: bundles the playground's page, which is the dashboard's and more, and the dashboard's own.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";
import { buildPage as bundle, type PageSources } from "../../modules/dashboard/build_page.ts";
import { LIBRARY_TYPES } from "./library_types.ts";

const PAGE = fileURLToPath(new URL("./page/", import.meta.url));

/** What is in the page beside its own sources: the dashboard's page, and the library, which the page's sandbox runs. */
const MODULES = ["dashboard/page", "core", "sync", "workers", "browser"].map((folder) =>
  fileURLToPath(new URL(`../../modules/${folder}/`, import.meta.url)),
);

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** In a page the playground's own tasks use what stands in `page/here` for what they use on a server. */
const STAND_INS: Plugin = {
  name: "stand-ins",
  setup(build) {
    const standIn = (file: string) => ({ path: join(PAGE, "here", file) });
    build.onResolve({ filter: /^node:(process|util)$/ }, ({ path }) =>
      standIn(`${path.slice(5)}.ts`),
    );
    build.onResolve({ filter: /^\.\/printing\.ts$/ }, () => standIn("printing.ts"));
  },
};

const PLAYGROUND: PageSources = {
  entries: {
    main: join(PAGE, "main.tsx"),
    style: join(PAGE, "style.css"),
    stream: join(MODULES[0] as string, "stream/stream_worker.ts"),
    editor: join(PAGE, "editor.ts"),
    types: join(PAGE, "types/types_worker.ts"),
    sandbox: join(PAGE, "here/sandbox.ts"),
    task_worker: join(PAGE, "here/task_worker.ts"),
    task_runner: join(PAGE, "here/task_runner.ts"),
    jobs: here("./jobs.ts"),
  },
  dist: join(PAGE, "dist"),
  sources: [
    PAGE,
    ...MODULES,
    here("./jobs.ts"),
    here("./library_types.ts"),
    here("./printer.ts"),
    fileURLToPath(import.meta.url),
  ],
  plugins: [STAND_INS, LIBRARY_TYPES],
  pages: { sandbox: sandboxPage },
};

/**
 * Bundles both pages, if a source is newer than its bundle.
 *
 * @returns whether the playground's had to be.
 */
export async function buildPage(): Promise<boolean> {
  await bundle();
  return await bundle(PLAYGROUND);
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

if (import.meta.main) await buildPage();
