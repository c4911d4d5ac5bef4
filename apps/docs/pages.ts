// stagePages: lays the pages of this repository where VitePress looks for them, with links that lead to pages of the site, or
// else to the sources; and below each example that a browser can run, a link to where it does.

import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { commandsOf } from "../../scripts/examples.ts";
import { EXAMPLE, toFragment, WHOLE } from "../playground/page/here/typed_code.ts";

/** A page of the site. */
export interface Page {
  /** Where it lies in the repository. */
  readonly source: string;
  /** Where it lies in the site, as Markdown. */
  readonly path: string;
  readonly title: string;
  /** Its first paragraph, as plain text in one line. */
  readonly about: string;
  readonly text: string;
}

const LINK = /(\]\(\s*)([^)\s]+)(\s*\))|((?:src|href)=")([^"]+)(")/g;
const EXAMPLE_BLOCK = /^```ts\n(.*?)^```$/gms;
const FOR_EVERY_RUNTIME = /^@concurrent\/futures(\/(sync|task))?$/;
const FENCE = /^( *)(`{3,}|~{3,}).*?^\1\2 *$/gms;

/** Where a page of the repository lies in the site; undefined, if it has none there. */
export function siteOf(source: string): string | undefined {
  const text = source.startsWith("docs/") ? source.slice("docs/".length) : undefined;
  if (text === undefined)
    return /^[A-Z_]+\.md$/.test(source) && source !== "README.md"
      ? source.toLowerCase()
      : undefined;
  return text.replace(/(^|\/)README\.md$/, "$1index.md");
}

/** Reads pages, and turns their links. */
export function readPages(sources: readonly string[], repository: string): Page[] {
  const known = new Set(sources);
  return sources.flatMap((source) => {
    const path = siteOf(source);
    if (path === undefined) return [];
    const text = turned(readFileSync(source, "utf8"), (link) =>
      turnLink(link, source, path, known, repository),
    );
    return [{ source, path, text, title: titleOf(text, path), about: aboutOf(text) }];
  });
}

/** Writes pages below a folder. */
export async function stagePages(pages: readonly Page[], folder: string): Promise<void> {
  for (const { path, text } of pages) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), await withLinksToRun(text));
  }
}

/** The same page; below each example that runs in any browser is a link to the place where it does, with its code. */
async function withLinksToRun(markdown: string): Promise<string> {
  let result = "";
  let from = 0;
  for (const { index, 0: block, 1: code = "" } of markdown.matchAll(EXAMPLE_BLOCK)) {
    const end = index + block.length;
    result += markdown.slice(from, end);
    from = end;
    if (!runsInBrowser(code)) continue;
    const fragment = await toFragment({ ...EXAMPLE, code, name: WHOLE, mode: "list", list: "" });
    result += `\n\n[Run this here](/try${fragment})`;
  }
  return result + markdown.slice(from);
}

/** Whether it is a whole program in one file that needs the library's entries for every runtime, and no network. */
function runsInBrowser(code: string): boolean {
  if (commandsOf(code).length === 0 || /\b(Deno|Bun|process|fetch|import\.meta\.main)\b/.test(code))
    return false;
  const imported = [...code.matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g)];
  return imported.every(([, name = ""]) => FOR_EVERY_RUNTIME.test(name));
}

/** The same text with every link outside of code turned. */
export function turned(markdown: string, turn: (link: string) => string): string {
  const replace = (text: string) =>
    // Between backticks there is no link.
    text.replaceAll(/`[^`\n]*`|[^`]+/g, (part) =>
      part.startsWith("`")
        ? part
        : part.replaceAll(
            LINK,
            (_all, open = "", link = "", close = "", attribute = "", target = "", end = "") =>
              link === "" ? `${attribute}${turn(target)}${end}` : `${open}${turn(link)}${close}`,
          ),
    );
  let result = "";
  let from = 0;
  for (const { index, 0: block } of markdown.matchAll(FENCE)) {
    result += replace(markdown.slice(from, index)) + block;
    from = index + block.length;
  }
  return result + replace(markdown.slice(from));
}

function turnLink(
  link: string,
  source: string,
  path: string,
  known: ReadonlySet<string>,
  repository: string,
): string {
  if (/^([a-z][a-z0-9+.-]*:|#)/i.test(link)) return link;
  const [target = "", anchor] = link.split("#");
  const found = normalize(join(dirname(source), target))
    .replaceAll("\\", "/")
    .replace(/\/$/, "");
  const place = known.has(found) ? siteOf(found) : siteOf(`${found}/README.md`);
  const hash = anchor === undefined ? "" : `#${anchor}`;
  if (place !== undefined && (known.has(found) || known.has(`${found}/README.md`)))
    return `${near(relative(dirname(path), place))}${hash}`;
  // A picture comes along.
  if (/^docs\/.*\.(png|svg)$/.test(found))
    return near(relative(dirname(path), found.slice("docs/".length)));
  const kind = existsSync(found) && statSync(found).isDirectory() ? "tree" : "blob";
  return `${repository}/${kind}/main/${found}${hash}`;
}

function near(path: string): string {
  return path.startsWith(".") ? path : `./${path}`;
}

function titleOf(text: string, path: string): string {
  return /^# +(.+)$/m.exec(text)?.[1]?.replaceAll("`", "") ?? path;
}

function aboutOf(text: string): string {
  const paragraph = text
    .replaceAll(FENCE, "")
    .split(/\n{2,}/)
    .find((part) => /^[A-Za-z*`[]/.test(part.trim()) && !part.trim().startsWith("|"));
  return (paragraph ?? "")
    .trim()
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\s+/g, " ");
}
