// The page's files, served from a fixed table: no name a client sends ever becomes a path.

import { readFile } from "node:fs/promises";
import { Hono } from "hono";

const TYPES = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

const FILES: [path: string, file: string, type: keyof typeof TYPES][] = [
  ["/", "index.html", "html"],
  ["/style.css", "style.css", "css"],
  ["/app.js", "app.js", "js"],
  ["/api.js", "api.js", "js"],
  ["/dom.js", "dom.js", "js"],
  ["/form.js", "form.js", "js"],
  ["/jobs.js", "jobs.js", "js"],
  ["/detail.js", "detail.js", "js"],
  ["/executors.js", "executors.js", "js"],
  ["/icon.svg", "icon.svg", "svg"],
];

/** Routes to the page and what it loads. */
export function pageFiles(): Hono {
  const routes = new Hono();
  for (const [path, file, type] of FILES) {
    const url = new URL(`./page/${file}`, import.meta.url);
    routes.get(path, async (c) =>
      c.body(await readFile(url, "utf8"), 200, {
        "content-type": TYPES[type],
        // Asked for anew each time: the files may change under a running server, and they are near.
        "cache-control": "no-cache",
      }),
    );
  }
  return routes;
}
