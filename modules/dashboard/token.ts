// The token: who may come in, where the server can be reached from elsewhere.
//
// It stands once in the address that is printed at the start. Whoever opens that gets a cookie instead, so that the
// token is in no later address, no log and no Referer. Programs send it as `Authorization: Bearer`.
//
// Browsers send a cookie to every port of a host. So its name says the port, or two servers on one machine would take
// turns in forgetting who came in; and it holds what is made of the token, which tells no other server the token itself.

import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { baseOf } from "./base_path.ts";
import { Problem } from "./problem.ts";

/** Makes a token of 192 bits. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** Refuses whoever does not have the token; the address that has it is answered with a cookie and the address without. */
export function requireToken(token: string): MiddlewareHandler {
  return async function requireToken(c, next) {
    const given = c.req.query("token");
    const cookie = cookieName(c);
    const pass = passOf(token, cookie);
    if (given !== undefined && c.req.method === "GET" && same(given, token)) {
      setCookie(c, cookie, pass, { httpOnly: true, sameSite: "Strict", path: "/" });
      return c.redirect(withoutToken(c), 303);
    }
    const bearer = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const shown = getCookie(c, cookie);
    // Programs show the token, browsers the pass: neither will do for the other.
    const may = bearer === undefined ? same(shown ?? "", pass) : same(bearer, token);
    if (!may) {
      const hint = "open the address that was printed at the start, or send it as a bearer token";
      throw new Problem(401, `Cannot answer: the token is missing or wrong, ${hint}`);
    }
    return await next();
  };
}

/** One for each port, and for each place at it where a dashboard may be mounted. */
function cookieName(c: Context): string {
  const port = /:(\d+)$/.exec(c.req.header("host") ?? "")?.[1] ?? "";
  const base = baseOf(c).replace(/[^\w-]+/g, "_");
  return `playground_pass_${port}${base}`;
}

/** What a browser shows in the place of a token; nobody can tell the token by it. */
function passOf(token: string, cookie: string): string {
  return createHmac("sha256", token).update(cookie).digest("base64url");
}

/** The address that was asked for, without the token, on this server whatever its path looks like. */
function withoutToken(c: Context): string {
  const { pathname, searchParams } = new URL(c.req.url);
  searchParams.delete("token");
  const query = searchParams.size === 0 ? "" : `?${searchParams}`;
  // By two slashes at its front, a browser would be sent to the host of that name.
  return `${pathname.replace(/^\/+/, "/")}${query}`;
}

/** Compares in constant time, whatever the lengths. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
