// Serves a page that runs the repository's own modules, for tests in a browser.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Hono } from "hono";
import { callFile, type FileCall } from "./files.ts";
import { pageSources } from "./sources.ts";

/** With these, and only with these, a page may share memory with its workers. */
const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** A running host. */
export interface PageHost extends AsyncDisposable {
  /** The address of the page. */
  readonly address: string;
}

/**
 * Serves a page whose only script is a module of this repository.
 *
 * @param module the module's path from the root of the repository.
 * @param isolated whether the page is cross-origin isolated.
 */
export async function hostPage(module: string, isolated: boolean): Promise<PageHost> {
  const [sources, folder] = [await pageSources(), mkdtempSync(join(tmpdir(), "futures-page-"))];
  const app = new Hono()
    .use(async (context, next) => {
      await next();
      if (!isolated) return;
      for (const [name, value] of Object.entries(ISOLATION)) context.header(name, value);
    })
    .get("/", (context) =>
      context.html(`<!doctype html><script type="module" src="/${module}"></script>`),
    )
    .post("/files", async (context) => {
      try {
        return context.json({ value: callFile(folder, await context.req.json<FileCall>()) });
      } catch (error) {
        return context.json({ error: String(error) });
      }
    })
    .get("*", (context) => {
      const source = sources.get(context.req.path);
      if (source === undefined) return context.notFound();
      return context.body(source, 200, {
        "content-type": "text/javascript",
        // Each worker loads them all again.
        "cache-control": "max-age=3600",
      });
    });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      rmSync(folder, { recursive: true });
    },
  };
}
