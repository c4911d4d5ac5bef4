// The base path: where an app is mounted. The page's addresses are relative, so its own must end in a slash.

import type { Hono, MiddlewareHandler } from "hono";

/** Answers the base path with a slash by the page, and the one without by a redirection to it. */
export function servePageAtBase(page: Hono): MiddlewareHandler {
  return async function servePageAtBase(c, next) {
    // As the route was registered, behind whatever prefix it was mounted.
    const base = c.req.routePath.replace(/\/\*$/, "");
    if (c.req.method === "GET" && base !== "" && c.req.path === base) {
      // To a relative address, which holds behind a proxy that changes the path.
      return c.redirect(`${base.slice(base.lastIndexOf("/") + 1)}/`, 308);
    }
    if (c.req.method === "GET" && c.req.path === `${base}/`) return await page.request("/");
    return await next();
  };
}
