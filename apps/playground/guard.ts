// The guard: keeps web pages of other origins, and names that resolve to this machine, away from the app.
//
// Any page in the user's browser can send requests to a server on loopback. Three rules stop it:
// the `Host` is one of ours (else the name was rebound to 127.0.0.1), the `Origin`, where one is sent, is
// ours, and the browser does not say that another site made the request. curl sends neither of the last two.

import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { Problem, quote } from "./problem.ts";

const READING = new Set(["GET", "HEAD"]);

/** Says which `Host` values reach a server that listens on this address, in lower case. */
export function localHosts(port: number, hostname = "127.0.0.1"): Set<string> {
  const own = hostname.includes(":") ? `[${hostname}]` : hostname;
  const names = ["127.0.0.1", "localhost", "[::1]", own];
  const hosts = names.map((name) => `${name}:${port}`);
  // Clients leave the default port out.
  return new Set(port === 80 ? [...names, ...hosts] : hosts);
}

/** Refuses requests for another host or from another origin. */
export function guard(hosts: ReadonlySet<string>): MiddlewareHandler {
  return async function guard(c, next) {
    const host = c.req.header("host")?.toLowerCase() ?? "";
    if (!hosts.has(host)) {
      throw new Problem(403, `Cannot answer: host ${quote(host)} is not this server`, {
        field: "Host",
      });
    }
    const origin = c.req.header("origin");
    if (origin !== undefined && origin !== `http://${host}`) {
      throw new Problem(403, `Cannot answer: origin ${quote(origin)} is not this server`, {
        field: "Origin",
      });
    }
    // A link from another site may open the page, which does nothing by itself; nothing else may be reached so.
    const site = c.req.header("sec-fetch-site") ?? "none";
    const opensPage = READING.has(c.req.method) && !c.req.path.startsWith("/api");
    if (site !== "none" && site !== "same-origin" && !opensPage) {
      throw new Problem(
        403,
        `Cannot answer: the request comes from another site (${quote(site)})`,
        {
          field: "Sec-Fetch-Site",
        },
      );
    }
    await next();
  };
}

/** Sets the headers that leave a page nothing but this server's own files. */
export function safeHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    // Plain HTTP on loopback: a promise of HTTPS would break every other server on this machine's localhost.
    strictTransportSecurity: false,
  });
}
