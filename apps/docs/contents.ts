// contentsOf: the table of contents beside every page. The guide's is the list in its own first page; the rest is what there is.

import type { Page } from "./pages.ts";

/** An entry of the table, as VitePress takes it. */
export interface Entry {
  readonly text: string;
  readonly link?: string;
  readonly items?: readonly Entry[];
  readonly collapsed?: boolean;
}

/** Pages below docs that are looked up, in this order; others follow by their titles. */
const REFERENCE = ["errors", "debugging", "values", "sandbox", "many_machines", "runtimes"];

/** How the library is made and proved. */
const INSIDE = [
  "architecture",
  "glossary",
  "faults",
  "benchmarks",
  "contributing",
  "changelog",
  "security",
  "code_of_conduct",
];

/** Makes the table of the pages that there are. */
export function contentsOf(pages: readonly Page[], api: readonly Entry[]): Entry[] {
  const at = (path: string) => pages.find((page) => page.path === `${path}.md`);
  const below = (folder: string) =>
    pages.filter(({ path }) => path.startsWith(`${folder}/`) && path !== `${folder}/index.md`);
  const top = pages.filter(({ path }) => !path.includes("/"));
  const named = (names: readonly string[]) => names.flatMap((name) => at(name) ?? []);
  const rest = top.filter(
    ({ path }) => ![...REFERENCE, ...INSIDE].includes(path.replace(/\.md$/, "")),
  );
  const groups: [string, readonly Page[], isOpen: boolean, first?: Page | undefined][] = [
    ["Recipes", below("recipes"), true, at("recipes/index")],
    ["From other libraries", below("from"), true],
    ["To look up", [...named(REFERENCE), ...rest], true],
    ["Inside", named(INSIDE), false],
    ["Decisions", below("decisions"), false, at("decisions/index")],
  ];
  return [
    ...guideOf(at("guide/index")),
    ...groups
      .filter(([, found]) => found.length > 0)
      .map(([text, found, isOpen, first]) => ({
        text,
        ...(first && { link: linkOf(first.path) }),
        collapsed: !isOpen,
        items: found.map((page) => ({ text: page.title, link: linkOf(page.path) })),
      })),
    { text: "API", collapsed: true, items: api },
  ];
}

/** The lists of the guide, each under the line before it. */
function guideOf(page: Page | undefined): Entry[] {
  const groups: { text: string; items: Entry[] }[] = [];
  for (const line of (page?.text ?? "").split("\n")) {
    const [, title] = /^([A-Z].*):$/.exec(line) ?? [];
    if (title !== undefined) groups.push({ text: title, items: [] });
    if (!line.startsWith("- ")) continue;
    for (const [, text = "", name] of line.matchAll(/\[([^\]]+)\]\((?:\.\/)?(\w+\.md)\)/g))
      groups.at(-1)?.items.push({
        text: `${text.charAt(0).toUpperCase()}${text.slice(1)}`,
        link: linkOf(`guide/${name}`),
      });
  }
  return groups.filter(({ items }) => items.length > 0);
}

/** The address of a page, from the site's root. */
export function linkOf(path: string): string {
  return `/${path.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`;
}
