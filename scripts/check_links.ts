// Checks that no page of ours has a link to a file or a heading that is not there. Addresses of others are not asked.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { withoutCode } from "./examples.ts";

/** Where pages are: what else lies in the repository is built, or of others. */
const PLACES = [".", ".github", "docs", "modules", "apps", "examples"];

const NOT_OURS =
  /(^|\/)(node_modules|dist|built_by_npm_run_build|temp|peers|apps\/docs\/site)(\/|$)/;

/** A link, or a picture, of Markdown or of HTML in it. */
const LINK = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|\b(?:src|href)="([^"]+)"/g;

/** A link that leads nowhere. */
export interface DeadLink {
  readonly page: string;
  readonly line: number;
  readonly link: string;
}

/**
 * Finds the links that lead nowhere.
 *
 * @param pages texts by their paths, seen from the root.
 * @param exists whether there is a file or folder of that path.
 */
export function deadLinks(
  pages: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): DeadLink[] {
  return [...pages].flatMap(([page, text]) =>
    linksOf(text)
      .filter(({ link }) => isDead(page, link, pages, exists))
      .map((found) => ({ page, ...found })),
  );
}

/** The names by which headings of a page can be linked to, as the forges make them. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, title = ""] of withoutCode(markdown).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const slug = title
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

function linksOf(markdown: string): { line: number; link: string }[] {
  return withoutCode(markdown)
    .split("\n")
    .flatMap((text, index) =>
      // What stands between backticks is no link.
      [...text.replaceAll(/`[^`]*`/g, (code) => " ".repeat(code.length)).matchAll(LINK)].map(
        ([, markdownLink, htmlLink]) => ({
          line: index + 1,
          link: markdownLink ?? htmlLink ?? "",
        }),
      ),
    );
}

function isDead(
  page: string,
  link: string,
  pages: ReadonlyMap<string, string>,
  exists: (path: string) => boolean,
): boolean {
  if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false;
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : normalize(join(dirname(page), path)).replaceAll("\\", "/");
  if (target.startsWith("..") || !exists(target)) return true;
  const text = pages.get(target);
  return anchor !== undefined && text !== undefined && !anchorsOf(text).has(anchor);
}

/** The pages of this repository, by their paths. */
export function ownPages(): Map<string, string> {
  const paths = PLACES.filter((place) => existsSync(place)).flatMap((place) =>
    readdirSync(place, { recursive: place !== ".", encoding: "utf8" }).map((name) =>
      join(place, name).replaceAll("\\", "/"),
    ),
  );
  const pages = paths.filter((path) => path.endsWith(".md") && !NOT_OURS.test(path));
  return new Map(pages.sort().map((path) => [path, readFileSync(path, "utf8")]));
}

if (import.meta.main) {
  const pages = ownPages();
  const dead = deadLinks(pages, existsSync);
  for (const { page, line, link } of dead) console.error(`${page}:${line}: nothing is at ${link}`);
  console.log(`Links of ${pages.size} pages: ${dead.length} dead`);
  if (dead.length > 0) Deno.exit(1);
}
