// buildSite: makes the site of this repository's pages, of the doc comments, and of the place where a page is tried.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { build, stop } from "esbuild";
import { ownPages } from "../../scripts/check_links.ts";
import { nodePath } from "../../scripts/node.ts";
import { run } from "../../scripts/run_program.ts";
import { contentsOf, type Entry } from "./contents.ts";
import { fullText, shortText } from "./for_machines.ts";
import { readPages, siteOf, stagePages, turned } from "./pages.ts";

/** Where the site is put together, and what it becomes; both are ignored by git. */
const STAGE = "temp/site";
export const SITE = "apps/docs/dist";

/** What the place to try things is made of, beside its own: frame and workers of the playground. */
const OF_PLAYGROUND = ["sandbox.html", "task_runner.js", "task_worker.js"];

/** On a server the header says so; on a host of files, the page itself must. */
const NO_NETWORK =
  "default-src 'none'; script-src 'unsafe-inline' blob:; worker-src blob:; connect-src 'none'; base-uri 'none'; form-action 'none'";

/**
 * Builds the site. The pages of the playground are bundled before: `deno task page`.
 *
 * @param base the path below which the site will lie on its host.
 */
export async function buildSite(base = "/"): Promise<void> {
  const { version, repository, homepage } = JSON.parse(readFileSync("package.json", "utf8"));
  const forge: string = repository.url.replace(/^git\+|\.git$/g, "");
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(join(STAGE, ".vitepress"), { recursive: true });
  const sources = [...ownPages().keys()].filter((path) => siteOf(path) !== undefined);
  const pages = readPages(sources, forge);
  await stagePages(pages, STAGE);
  cpSync("docs/screenshots", join(STAGE, "screenshots"), { recursive: true });
  for (const name of ["index.md", "try.md"]) cpSync(`apps/docs/site/${name}`, join(STAGE, name));
  for (const name of ["config.js", "theme"])
    cpSync(`apps/docs/site/${name}`, join(STAGE, ".vitepress", name), { recursive: true });
  const api = writeApi();
  const contents = { sidebar: contentsOf(pages, api), repository: forge, base, version };
  writeFileSync(join(STAGE, ".vitepress/contents.json"), JSON.stringify(contents));
  mkdirSync(join(STAGE, "public"), { recursive: true });
  cpSync("modules/dashboard/page/icon.svg", join(STAGE, "public/icon.svg"));
  for (const name of ["lanes_light.png", "lanes_dark.png"])
    cpSync(`docs/screenshots/${name}`, join(STAGE, "public", name));
  writeFileSync(join(STAGE, "public/llms.txt"), shortText(pages, homepage));
  writeFileSync(join(STAGE, "public/llms-full.txt"), fullText(pages, homepage));
  await makeTry(join(STAGE, "public/try"));
  // VitePress looks for itself, and for Vue, beside what it builds.
  const vitepress = resolve("node_modules/vitepress/bin/vitepress.js");
  // By Node: what it has built imports Vue from where only Node looks for it.
  run(nodePath(), [vitepress, "build", STAGE, "--outDir", resolve(SITE)]);
}

/** Writes the API as pages, one for each entry, of the doc comments; gives the table of them. */
function writeApi(): Entry[] {
  const { name, exports } = JSON.parse(readFileSync("deno.json", "utf8"));
  // The command is a program, and nothing to import.
  const entries = Object.entries<string>(exports).filter(([entry]) => entry !== "./cli");
  const written = join(STAGE, ".vitepress/api");
  run(process.execPath, [
    "run",
    "--allow-all",
    resolve("node_modules/typedoc/bin/typedoc"),
    ...["--plugin", "typedoc-plugin-markdown", "--router", "module", "--out", written],
    ...["--readme", "none", "--hideBreadcrumbs", "--hidePageHeader", "--logLevel", "Error"],
    ...["--validation", "false", "--parametersFormat", "table", "--enumMembersFormat", "table"],
    ...entries.flatMap(([, source]) => ["--entryPoints", source]),
  ]);
  const pageOf = new Map(
    entries.map(([entry, source]) => [
      source.replace(/^\.\/|\.ts$/g, ""),
      entry === "." ? "futures" : entry.slice(2).replaceAll("/", "_"),
    ]),
  );
  mkdirSync(join(STAGE, "api"), { recursive: true });
  for (const [entry, source] of entries) {
    const path = source.replace(/^\.\/|\.ts$/g, "");
    const text = turned(readFileSync(join(written, `${path}.md`), "utf8"), (link) => {
      const [target = "", anchor] = link.split("#");
      const page = pageOf.get(join(dirname(path), target).replace(/\.md$/, ""));
      return page === undefined ? link : `./${page}.md${anchor === undefined ? "" : `#${anchor}`}`;
    });
    const title = `${name}${entry.slice(1)}`;
    writeFileSync(
      join(STAGE, "api", `${pageOf.get(path)}.md`),
      text.replace(/^# .*$/m, () => `# ${title}`),
    );
  }
  rmSync(written, { recursive: true });
  const table = entries.map(([entry, source]) => ({
    text: `${name}${entry.slice(1)}`,
    link: `/api/${pageOf.get(source.replace(/^\.\/|\.ts$/g, ""))}`,
  }));
  const list = table.map(({ text, link }) => `- [${text}](${link}.md)`).join("\n");
  writeFileSync(
    join(STAGE, "api/index.md"),
    `# API\n\nOne page for each entry of the package, made of the doc comments.\n\n${list}\n`,
  );
  return table;
}

async function makeTry(folder: string): Promise<void> {
  try {
    await build({
      entryPoints: ["apps/docs/try/main.ts"],
      outdir: folder,
      bundle: true,
      minify: true,
      format: "esm",
      target: "esnext",
      logLevel: "error",
    });
  } finally {
    await stop();
  }
  for (const name of ["index.html", "style.css"])
    cpSync(`apps/docs/try/${name}`, join(folder, name));
  for (const name of OF_PLAYGROUND) cpSync(`apps/playground/page/dist/${name}`, join(folder, name));
  const frame = join(folder, "sandbox.html");
  const policy = `<meta http-equiv="Content-Security-Policy" content="${NO_NETWORK}">`;
  writeFileSync(
    frame,
    readFileSync(frame, "utf8").replace('<meta charset="utf-8">', (meta) => `${meta}\n${policy}`),
  );
}

if (import.meta.main) {
  const [base = "/"] = Deno.args;
  await buildSite(base);
  console.log(`Built the site into ${SITE}`);
}
