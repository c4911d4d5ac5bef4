// visit(): a playground as a user starts it, and a real browser that visits it. What the browser complains of fails the test.
/// <reference lib="dom" />

import type { Page } from "playwright-core";
import { type Look, type LookOptions, look } from "../../../modules/dashboard/page/look.ts";
import { buildPage } from "../build_page.ts";
import { type Start, type StartedServer, started } from "../started_server.ts";

/** Longer than any test: a sleeping job of this length stands still until it is interrupted. */
export const FOREVER = 60_000;

export interface Visit extends Look {
  readonly server: StartedServer;
}

/** Starts a server and a browser, and opens the page. */
export async function visit(
  start: Start,
  address = "",
  options: LookOptions & { serverOptions?: string[] } = {},
): Promise<Visit> {
  const { serverOptions, ...lookOptions } = options;
  await buildPage();
  const server = await started(start, serverOptions);
  const here = await look(server.address, lookOptions);
  await here.go(address);
  return {
    ...here,
    server,
    async [Symbol.asyncDispose]() {
      await using _server = server;
      await here[Symbol.asyncDispose]();
    },
  };
}

/** The addresses of all views that the page has tabs for. */
export async function viewsOf(page: Page): Promise<string[]> {
  const tabs = page.getByRole("navigation", { name: "Views" }).getByRole("link");
  await tabs.getByText("Submit").waitFor();
  return await tabs.evaluateAll((links) => links.map((link) => link.getAttribute("href") ?? ""));
}
