// What VitePress is told of the site. What is different from build to build lies beside it, in contents.json.

import { readFileSync } from "node:fs";

const { sidebar, repository, base, version } = JSON.parse(
  readFileSync(new URL("contents.json", import.meta.url), "utf8"),
);

export default {
  title: "@concurrent/futures",
  description: "Python's concurrent.futures for TypeScript",
  lang: "en",
  base,
  cleanUrls: true,
  lastUpdated: false,
  head: [["link", { rel: "icon", href: `${base}icon.svg` }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    // Anchors as the forges make them, so that a link works in both places (scripts/check_links.ts).
    anchor: { slugify },
    toc: { slugify },
    headers: { slugify },
    // Wide tables and code are reached by keys, too.
    config: (md) => {
      md.renderer.rules.table_open = () => '<table tabindex="0">\n';
    },
  },
  themeConfig: {
    search: {
      provider: "local",
      options: {
        miniSearch: { options: { processTerm }, searchOptions: { boostDocument, prefix } },
      },
    },
    outline: [2, 3],
    sidebar,
    nav: [
      { text: "Guide", link: "/guide/" },
      { text: "API", link: "/api/" },
      { text: "Try it", link: "/try" },
      { text: version, link: "/changelog" },
    ],
    socialLinks: [{ icon: "github", link: repository }],
    footer: { message: "MIT licence" },
  },
};

// The browser gets the text of these three, and nothing that they might name.

/** Leaves out words that stand everywhere: people ask in whole sentences. */
function processTerm(term) {
  const word = term.toLowerCase();
  const isEverywhere =
    /^(a|an|and|are|as|at|be|by|can|do|does|for|from|how|i|if|in|is|it|my|not|of|on|or|that|the|this|to|what|when|why|with|you)$/;
  return isEverywhere.test(word) ? null : word;
}

/** What tells how to do a thing comes first, then what is to be looked up, and why it is so comes last. */
function boostDocument(address) {
  if (/\/(guide|recipes)\//.test(address)) return 2;
  return /\/(changelog|benchmarks|decisions\/)/.test(address) ? 0.2 : 1;
}

/** Fewer letters begin too many words. */
function prefix(term) {
  return term.length > 2;
}

function slugify(title) {
  return title
    .replaceAll(/<[^>]*>/g, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}
