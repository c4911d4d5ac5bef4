// The rate limit: how often a client may change something. A bucket of requests that fills up again steadily.

import type { MiddlewareHandler } from "hono";
import { Problem } from "./problem.ts";

export interface Rate {
  /** Requests at once, after a pause. */
  readonly burst: number;
  readonly perSecond: number;
}

/** More than any hand can click, and less than what would hurt. */
export const DEFAULT_RATE: Rate = { burst: 200, perSecond: 50 };

/**
 * Refuses changes that come too fast.
 *
 * There is one bucket: without a token all clients are on this machine, and one token is one client.
 */
export function limitRate({ burst, perSecond }: Rate = DEFAULT_RATE): MiddlewareHandler {
  let left = burst;
  let filledAt = performance.now();
  return async function limitRate(c, next) {
    if (c.req.method === "GET" || c.req.method === "HEAD") return await next();
    const now = performance.now();
    left = Math.min(burst, left + ((now - filledAt) / 1000) * perSecond);
    filledAt = now;
    if (left < 1) {
      const retryAfter = Math.ceil((1 - left) / perSecond);
      throw new Problem(429, `Cannot answer: more than ${perSecond} requests a second`, {
        retryAfter,
      });
    }
    left--;
    await next();
  };
}
