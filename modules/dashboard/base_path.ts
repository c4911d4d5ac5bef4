// The base path: where an app is mounted. The page's addresses are relative, so its own must end in a slash.

import type { Context, Env, Hono, MiddlewareHandler } from "hono";

/** Answers the base path with a slash by the page, and the one without by a redirection to it. */
export function servePageAtBase<E extends Env>(page: Hono<E>): MiddlewareHandler {
  return async function servePageAtBase(c, next) {
    const base = baseOf(c);
    if (c.req.method === "GET" && base !== "" && c.req.path === base) {
      // To a relative address, which holds behind a proxy that changes the path.
      return c.redirect(`${base.slice(base.lastIndexOf("/") + 1)}/`, 308);
    }
    if (c.req.method === "GET" && c.req.path === `${base}/`) {
      return await page.request("/", { headers: c.req.raw.headers });
    }
    return await next();
  };
}

/** Tells what a request asks for, seen from where the app is mounted: "/api/jobs". For what is used on every path. */
export function pathBelowBase(c: Context): string {
  // Counted, for a prefix may have parts that stand for any text.
  const above = baseOf(c).split("/").length;
  return `/${c.req.path.split("/").slice(above).join("/")}`;
}

/** The prefix that a middleware of every path was mounted behind; empty where there is none. */
export function baseOf(c: Context): string {
  return c.req.routePath.replace(/\/?\*$/, "");
}
