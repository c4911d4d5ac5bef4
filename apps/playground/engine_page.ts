// The engine's page: bull-board, behind the playground's guards, for whoever wants to see jobs as the queue has them. It only shows.

import { readFile } from "node:fs/promises";
import { extname, join, relative } from "node:path";
import process from "node:process";
import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { COMMON } from "../../modules/dashboard/guard.ts";
import { QUEUE } from "./over_a_queue.ts";

/** Where it lies. */
export const ENGINE = "/engine";

/** Of these its files are. */
const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/**
 * Sets the headers of its page: as ours, but for a base and styles of its own. What it would fetch from elsewhere, letters, it
 * does without.
 */
export function engineHeaders(): MiddlewareHandler {
  return secureHeaders({
    ...COMMON,
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      baseUri: ["'self'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
  });
}

/**
 * Makes it, for the queue of the playground; nothing where no server is named, or its packages are not installed.
 *
 * Nobody changes anything by it: its server refuses what is not a look.
 */
export async function enginePage(
  url: string | undefined = process.env.REDIS_URL,
): Promise<Hono | undefined> {
  if (!url) return undefined;
  try {
    const [{ createBullBoard }, { BullMQAdapter }, { HonoAdapter }, { Queue }, { Redis }] =
      await Promise.all([
        import("@bull-board/api"),
        import("@bull-board/api/bullMQAdapter"),
        import("@bull-board/hono"),
        import("bullmq"),
        import("ioredis"),
      ]);
    // It connects when somebody looks for the first time.
    const connection = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: null });
    connection.on("error", () => {}); // It is tried again, and whoever looks is told.
    const queue = new Queue(QUEUE, { connection, prefix: "futures", skipMetasUpdate: true });
    queue.on("error", () => {});
    const server = new HonoAdapter(filesOf as never);
    server.setBasePath(ENGINE);
    createBullBoard({
      queues: [new BullMQAdapter(queue as never, { readOnlyMode: true })],
      serverAdapter: server,
    });
    return new Hono().route(ENGINE, server.registerPlugin());
  } catch (error) {
    console.warn(`Without a page of the queue's engine: ${(error as Error).message}`);
    return undefined;
  }
}

/** Serves the files of one folder, on whatever runtime. */
function filesOf({
  root,
  rewriteRequestPath,
}: {
  root: string;
  rewriteRequestPath(path: string): string;
}): MiddlewareHandler {
  return async (c, next) => {
    const path = join(root, rewriteRequestPath(c.req.path));
    const type = TYPES[extname(path)];
    if (type === undefined || relative(root, path).startsWith("..")) return await next();
    const bytes = await readFile(path).catch(() => undefined);
    return bytes === undefined
      ? await next()
      : c.body(bytes as never, 200, { "content-type": type });
  };
}
