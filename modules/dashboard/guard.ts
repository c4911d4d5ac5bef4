// The guard: keeps web pages of other origins, and names that resolve to this machine, away from the app.
//
// Any page in the user's browser can send requests to a server on loopback. Four rules stop it:
// the `Host` is one of ours (else the name was rebound to 127.0.0.1), the `Origin`, where one is sent, is
// ours, the browser does not say that another site made the request, and what is asked for data is `fetch` or the
// address bar, and no element, worker or import. curl sends none of the last three.

import { isIPv4, isIPv6 } from "node:net";
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { pathBelowBase } from "./base_path.ts";
import { Problem, quote } from "./problem.ts";

const READING = new Set(["GET", "HEAD"]);

/** The methods that any route has. */
const METHODS = [...READING, "POST"];

/** Everything that is no file of the page. */
const DATA = /^\/(?:api|metrics|healthz)(?:\/|$)/;

/**
 * What browsers fetch data for: `fetch` and event streams, and the address bar. A script, a picture or a frame would be
 * served what it cannot read; by many of them, a page could still take all connections there are to this server.
 */
const DATA_DESTINATIONS = new Set(["empty", "document"]);

/** The names of loopback: what they resolve to cannot be changed from elsewhere. */
const LOOPBACK = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Tells which `Host` values reach a server that listens on this port: those of loopback, its own address, and other
 * names it is known by. Where it listens on every address, a client may call it by any, for an address cannot be rebound.
 */
export function hostsOf(
  port: number,
  { hostname = "127.0.0.1", names = [] }: { hostname?: string; names?: readonly string[] } = {},
): (host: string) => boolean {
  const own = hostname.includes(":") ? `[${hostname}]` : hostname;
  const known = [...LOOPBACK, own, ...names].map((name) => name.toLowerCase());
  const hosts = new Set(known.map((name) => `${name}:${port}`));
  // Clients leave the default port out.
  if (port === 80) for (const name of known) hosts.add(name);
  const everywhere = hostname === "0.0.0.0" || hostname === "::";
  return (host) => hosts.has(host) || (everywhere && isAddress(host, port));
}

/** Tells which `Host` values are loopback's, on any port, or one of these names. */
export function hostsNamed(names: readonly string[]): (host: string) => boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (host) => known.has(host) || isLoopback(host);
}

function isAddress(host: string, port: number): boolean {
  const name = port === 80 ? host.replace(/:80$/, "") : host.replace(new RegExp(`:${port}$`), "");
  if (name === host && port !== 80) return false;
  return isIPv4(name) || (/^\[.*\]$/.test(name) && isIPv6(name.slice(1, -1)));
}

/** Refuses requests for another host, from another origin, or of a kind that nothing here is asked by. */
export function guard(hosts: (host: string) => boolean): MiddlewareHandler {
  return async function guard(c, next) {
    const host = c.req.header("host")?.toLowerCase() ?? "";
    if (!hosts(host)) {
      throw new Problem(403, `Cannot answer: host ${quote(host)} is not this server`, {
        field: "Host",
      });
    }
    const origin = c.req.header("origin");
    if (origin !== undefined && !isOwn(origin, host)) {
      throw new Problem(403, `Cannot answer: origin ${quote(origin)} is not this server`, {
        field: "Origin",
      });
    }
    // A link from another site may open the page, which does nothing by itself; nothing else may be reached so.
    const site = c.req.header("sec-fetch-site") ?? "none";
    const isData = DATA.test(pathBelowBase(c));
    const opensPage = READING.has(c.req.method) && !isData;
    if (site !== "none" && site !== "same-origin" && !opensPage) {
      throw new Problem(
        403,
        `Cannot answer: the request comes from another site (${quote(site)})`,
        {
          field: "Sec-Fetch-Site",
        },
      );
    }
    const destination = c.req.header("sec-fetch-dest") ?? "empty";
    if (isData && !DATA_DESTINATIONS.has(destination)) {
      const detail = `data is not served as ${quote(destination)}`;
      throw new Problem(403, `Cannot answer: ${detail}`, { field: "Sec-Fetch-Dest" });
    }
    if (!METHODS.includes(c.req.method)) throw unknownMethod(c.req.method);
    await next();
  };
}

/** Before anything else looks at it: some methods no `Request` may have, so it could not be made anew. */
export function unknownMethod(method: string): Problem {
  const headers = { allow: METHODS.join(", ") };
  return new Problem(405, `Cannot answer: no route has method ${quote(method)}`, { headers });
}

/** A proxy in front of a name may speak HTTPS; in front of loopback, there is none. */
function isOwn(origin: string, host: string): boolean {
  return origin === `http://${host}` || (!isLoopback(host) && origin === `https://${host}`);
}

function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host.replace(/:\d+$/, ""));
}

/** Which paths, below the base, have headers of their own: what sets them. */
export interface OwnHeaders {
  get(path: string): MiddlewareHandler | undefined;
}

/**
 * Sets the headers that leave a page nothing but this server's own files.
 *
 * @param others sets the headers of paths that need others, by path below the base.
 */
export function safeHeaders(others: OwnHeaders = new Map()): MiddlewareHandler {
  const ofPage = secureHeaders({
    ...COMMON,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      workerSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      frameSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
  });
  return (c, next) => (others.get(pathBelowBase(c)) ?? ofPage)(c, next);
}

/** The headers of whatever is shown. */
export const COMMON = {
  // With the opener's policy, which is on by itself, the page may share memory with its workers.
  crossOriginEmbedderPolicy: true,
  // Plain HTTP on loopback: a promise of HTTPS would break every other server on this machine's localhost.
  strictTransportSecurity: false,
};
