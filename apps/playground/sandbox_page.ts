// The sandbox's page: the frame that the page runs what was typed in (page/here/sandbox.ts), and what it may do.

import { readFile } from "node:fs/promises";
import { Hono, type MiddlewareHandler } from "hono";
import { NONCE, type SecureHeadersVariables, secureHeaders } from "hono/secure-headers";
import { COMMON } from "../../modules/dashboard/guard.ts";
import { notBuilt, withoutQuery } from "../../modules/dashboard/page_files.ts";

/** Where it lies. */
export const SANDBOX = "/sandbox.html";

const FILE = new URL("./page/dist/sandbox.html", import.meta.url);

/**
 * Sets the headers of the sandbox.
 *
 * It has less than the page, and what nothing else has. It has no origin, so it can ask no server, this one
 * included, and what it holds is no part of the page. But it may run blobs, which what was typed has become; and it may
 * be framed, by our page only.
 */
export function sandboxHeaders(): MiddlewareHandler {
  return secureHeaders({
    ...COMMON,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: [NONCE, "blob:"],
      workerSrc: ["blob:"],
      connectSrc: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      sandbox: ["allow-scripts"],
      frameAncestors: ["'self'"],
    },
    xFrameOptions: "SAMEORIGIN",
    // Of an agent cluster by its origin, which it does not have.
    originAgentCluster: false,
  });
}

/** The route to it. */
export function sandboxPage(): Hono<{ Variables: SecureHeadersVariables }> {
  const routes = new Hono<{ Variables: SecureHeadersVariables }>();
  return routes.get(SANDBOX, withoutQuery, async (c) => {
    const page = await readFile(FILE, "utf8").catch(notBuilt);
    // Its one script is in it, and this is how its policy knows that one.
    return c.html(page.replace("<script", `<script nonce="${c.get("secureHeadersNonce")}"`));
  });
}
