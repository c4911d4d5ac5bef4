// The page's files: what is written, and what is bundled of it. No name a client sends ever becomes a path.

import { readdir, readFile } from "node:fs/promises";
import { Hono, type MiddlewareHandler } from "hono";
import { Problem, quote } from "./problem.ts";

/** The dashboard's own page. */
const PAGE = new URL("./page/", import.meta.url);

const TYPES = new Map([
  ["html", "text/html; charset=utf-8"],
  ["css", "text/css; charset=utf-8"],
  ["js", "text/javascript; charset=utf-8"],
  ["svg", "image/svg+xml"],
]);

/** Routes to a page and what it loads: the one of that folder, whose icon is the dashboard's. */
export function pageFiles(page: URL = PAGE): Hono {
  const bundle = new URL("./dist/", page);
  const routes = new Hono();
  routes.get("/", () => answer("index.html", page));
  routes.get("/icon.svg", withoutQuery, () => answer("icon.svg", PAGE));
  // Compared to what lies there, so that a name is only ever one of those.
  routes.get("/:name{[a-z0-9_-]+\\.(?:js|css)}", withoutQuery, async (c, next) => {
    const bundled = await readdir(bundle).catch(notBuilt);
    const name = bundled.find((file) => file === c.req.param("name"));
    return name === undefined ? await next() : await answer(name, bundle);
  });
  return routes;
}

/** A file has one address. By another query it would be another module, fetched and run once more. */
export const withoutQuery: MiddlewareHandler = async (c, next) => {
  const { search } = new URL(c.req.url);
  if (search !== "") {
    throw new Problem(400, `Cannot serve file: query ${quote(search)} means nothing to it`, {
      field: "query",
    });
  }
  return await next();
};

async function answer(name: string, folder: URL): Promise<Response> {
  const type = TYPES.get(name.slice(name.lastIndexOf(".") + 1)) as string;
  // Asked for anew each time: the files may change under a running server, and they are near.
  const headers = { "content-type": type, "cache-control": "no-cache" };
  return new Response(await readFile(new URL(name, folder), "utf8"), { headers });
}

export function notBuilt(): never {
  throw new Problem(503, "Cannot serve page: it is not bundled yet, run `deno task page`");
}
