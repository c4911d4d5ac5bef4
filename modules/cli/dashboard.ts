// --dashboard: a page that shows the run while it lasts, on this machine only.

import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Executor } from "../core/executor.ts";
import { dashboardModule } from "./backend.ts";
import { UsageError } from "./usage_error.ts";

/** What the dashboard is, as far as this serves it. */
interface App {
  fetch(request: Request): Response | Promise<Response>;
}

/**
 * Serves the dashboard of an executor at a free port, until the command ends.
 *
 * @returns Its address.
 * @throws {UsageError} When the packages are not there that only it needs.
 */
export async function showDashboard(executor: Executor): Promise<string> {
  const app = await mount(executor);
  await buildPage();
  const server = createServer((incoming, outgoing) => {
    answer(app, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // The run alone decides how long the command lasts.
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** In a clone of the repository, as `futures playground` does: the package has the page, and nothing that bundles it. */
async function buildPage(): Promise<void> {
  const build = new URL("../dashboard/build_page.ts", import.meta.url);
  if (build.protocol !== "file:" || !existsSync(build)) return;
  try {
    await ((await import(build.href)) as { buildPage(): Promise<boolean> }).buildPage();
  } catch {
    // Without what bundles it: then the dashboard itself says what to run.
  }
}

async function mount(executor: Executor): Promise<App> {
  try {
    const { dashboard } = (await import(dashboardModule().href)) as {
      dashboard(of: Executor): App;
    };
    return dashboard(executor);
  } catch (error) {
    throw new UsageError(
      `Cannot use --dashboard: it needs hono, @hono/zod-openapi and zod beside this package: ${(error as Error).message}`,
    );
  }
}

async function answer(
  app: App,
  { headers, method = "GET", url = "/" }: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const given = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const request = new Request(`http://${headers.host}${url}`, { method, headers: given });
  const response = await app.fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(response.body as never), outgoing);
}
