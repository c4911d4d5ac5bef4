// The token: who may come in, where the server can be reached from elsewhere.
//
// It stands once in the address that is printed at the start. Whoever opens that gets a cookie instead, so that the
// token is in no later address, no log and no Referer. Programs send it as `Authorization: Bearer`.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import { Problem } from "./problem.ts";

const COOKIE = "playground_token";

/** Makes a token of 192 bits. */
export function newToken(): string {
  return randomBytes(24).toString("base64url");
}

/** Refuses whoever does not have the token; the address that has it is answered with a cookie and the address without. */
export function requireToken(token: string): MiddlewareHandler {
  return async function requireToken(c, next) {
    const given = c.req.query("token");
    if (given !== undefined && c.req.method === "GET" && same(given, token)) {
      setCookie(c, COOKIE, token, { httpOnly: true, sameSite: "Strict", path: "/" });
      const url = new URL(c.req.url);
      url.searchParams.delete("token");
      return c.redirect(`${url.pathname}${url.search}`, 303);
    }
    const bearer = /^Bearer (.+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
    const shown = bearer ?? getCookie(c, COOKIE);
    if (shown === undefined || !same(shown, token)) {
      const hint = "open the address that was printed at the start, or send it as a bearer token";
      throw new Problem(401, `Cannot answer: the token is missing or wrong, ${hint}`);
    }
    return await next();
  };
}

/** Compares in constant time, whatever the lengths. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
