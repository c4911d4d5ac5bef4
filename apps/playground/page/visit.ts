// visit(): a playground as a user starts it, and a real browser that visits it. What the browser complains of fails the test.
/// <reference lib="dom" />

import assert from "node:assert/strict";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { launchChromium } from "../../../scripts/chromium.ts";
import { buildPage } from "../build_page.ts";
import { until } from "../fixture.ts";
import { type Start, type StartedServer, started } from "../started_server.ts";

/** Longer than any test: a sleeping job of this length stands still until it is interrupted. */
export const FOREVER = 60_000;

export interface Visit extends AsyncDisposable {
  readonly page: Page;
  readonly server: StartedServer;
  /** Goes to an address inside the page: "?view=jobs". */
  go(address: string): Promise<void>;
  /** Waits until something is true of the page. */
  until(condition: () => Promise<boolean>): Promise<void>;
  /** Waits until an element's text matches. */
  reads(element: Locator, text: RegExp): Promise<void>;
  /** Complaints of the browser so far. A test that makes one on purpose takes it out. */
  readonly complaints: string[];
}

/** Starts a server and a browser, and opens the page. */
export async function visit(
  start: Start,
  address = "",
  options: BrowserContextOptions & { serverOptions?: string[] } = {},
): Promise<Visit> {
  const { serverOptions, ...contextOptions } = options;
  await buildPage();
  const [server, browser] = await Promise.all([started(start, serverOptions), launchChromium()]);
  const context = await browser.newContext({
    viewport: { width: 1360, height: 900 },
    permissions: ["clipboard-read", "clipboard-write"],
    ...contextOptions,
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error.stack)));
  // Violations of the policy are told here, too.
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    complaints.push(`${message.text()} (${message.location().url})`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(server.address)) complaints.push(`asked for ${request.url()}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await page.goto(`${server.address}${address}`);
  return {
    page,
    server,
    complaints,
    async go(next) {
      await page.goto(`${server.address}${next}`);
    },
    until: (condition) => until(async () => (await condition()) || undefined).then(() => {}),
    async reads(element, text) {
      await until(async () => text.test((await element.textContent()) ?? "") || undefined);
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server[Symbol.asyncDispose]();
      assert.deepEqual(complaints, []);
    },
  };
}
