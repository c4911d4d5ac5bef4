// Drives the page of the conformance suite in Chromium: lists its cases and runs them.

import assert from "node:assert/strict";
import { launchChromium } from "../../scripts/chromium.ts";
import { hostPage } from "../../scripts/page_host/host.ts";
import type { ConformancePage, PageCase } from "./_conformance_page.ts";

/** A page that runs cases. */
export interface ConformanceDriver extends AsyncDisposable {
  readonly cases: readonly PageCase[];
  /** Runs the case of that place in `cases`; gives what broke the promise, as text. */
  run(place: number): Promise<string | undefined>;
}

/** Opens the page, cross-origin isolated or not. */
export async function openConformancePage(isolated: boolean): Promise<ConformanceDriver> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await hostPage("modules/browser/_conformance_page.ts", isolated));
  const browser = stack.use(
    await launchChromium(["--js-flags=--expose-gc", "--enable-features=NetworkServiceInProcess2"]),
  );
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.stack ?? error.message));
  page.on("response", (response) => {
    if (!response.ok()) errors.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(host.address);
  await page.waitForFunction("globalThis.conformance").catch((cause) => {
    throw new Error(`Cannot run conformance suite: the page did not load\n${errors.join("\n")}`, {
      cause,
    });
  });
  assert.equal(await page.evaluate("crossOriginIsolated"), isolated);
  const inPage = <T>(expression: string): Promise<T> => page.evaluate(`conformance.${expression}`);
  const cases = await inPage<ConformancePage["cases"]>("cases");
  const opened = stack.move();
  return {
    cases,
    run: (place) => inPage(`run(${place})`),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
