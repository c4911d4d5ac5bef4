// look(): a real browser that looks at a page. What it complains of fails the test.
/// <reference lib="dom" />

import assert from "node:assert/strict";
import { after } from "node:test";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright-core";
import { launchChromium } from "../../../scripts/chromium.ts";
import { until } from "../fixture.ts";

/** The browser that all tests of a file share, once one has asked for it. Each visits it as somebody else. */
let shared: Promise<Browser> | undefined;
after(async () => await (await shared)?.close());

/** Somebody who looks at an address. */
export interface Look extends AsyncDisposable {
  readonly page: Page;
  /** Goes to an address inside the page: "?view=jobs". */
  go(address: string): Promise<void>;
  /** Waits until something is true of the page. */
  until(condition: () => Promise<boolean>): Promise<void>;
  /** Waits until an element's text matches. */
  reads(element: Locator, text: RegExp): Promise<void>;
  /** Complaints of the browser so far. A test that makes one on purpose takes it out. */
  readonly complaints: string[];
}

/** Options of a visitor, and the complaints that a test makes it utter on purpose, sooner or later. */
export type LookOptions = BrowserContextOptions & { expected?: RegExp };

/** Lets a new visitor, with a cache and a store of their own, look at what is served below an address, which ends in a slash. */
export async function look(below: string, options: LookOptions = {}): Promise<Look> {
  const { expected, ...contextOptions } = options;
  shared ??= launchChromium();
  const browser = await shared;
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
    const complaint = `${message.text()} (${message.location().url})`;
    if (expected?.test(complaint) !== true) complaints.push(complaint);
  });
  page.on("request", (request) => {
    // What is made in the page has the server's address behind the word, and in its sandbox none.
    const url = request.url().replace(/^blob:/, "");
    if (!url.startsWith(below) && !url.startsWith("null/")) complaints.push(`asked for ${url}`);
  });
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return {
    page,
    complaints,
    async go(address) {
      await page.goto(`${below}${address}`);
    },
    until: (condition) => until(async () => (await condition()) || undefined).then(() => {}),
    async reads(element, text) {
      await until(async () => text.test((await element.textContent()) ?? "") || undefined);
    },
    async [Symbol.asyncDispose]() {
      await context.close();
      assert.deepEqual(complaints, []);
    },
  };
}
