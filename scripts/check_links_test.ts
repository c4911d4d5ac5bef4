// Tests of how links that lead nowhere are found.

import assert from "node:assert/strict";
import { anchorsOf, deadLinks } from "./check_links.ts";

const PAGES = new Map([
  ["README.md", "[a](docs/a.md) [b](docs/b.md#the-end) [c](docs/b.md#nowhere) [d](#top)\n# Top\n"],
  [
    "docs/a.md",
    '```md\n[code](gone.md)\n```\n`[code](gone.md)` <img src="gone.png">\n[up](../README.md#top)',
  ],
  ["docs/b.md", "# The *end*\n[web](https://example.com/gone) [out](../../outside.md)"],
]);

Deno.test("deadLinks() finds what is not there, and nothing in code", () => {
  const dead = deadLinks(PAGES, (path) => PAGES.has(path));
  assert.deepEqual(
    dead.map(({ page, line, link }) => `${page}:${line}: ${link}`),
    ["README.md:1: docs/b.md#nowhere", "docs/a.md:4: gone.png", "docs/b.md:2: ../../outside.md"],
  );
});

Deno.test("anchorsOf() names headings as forges do, those of one name apart", () => {
  assert.deepEqual(
    [...anchorsOf("# `a()` and [b](c.md)\n```\n# code\n```\n## Two, more\n## Two, more\n")],
    ["a-and-b", "two-more", "two-more-1"],
  );
});
