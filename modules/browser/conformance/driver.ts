// Drives the page of the conformance suite in Chromium: lists its cases and runs them.

import assert from "node:assert/strict";
import { launchChromium } from "../../../scripts/chromium.ts";
import { hostPage } from "../../../scripts/page_host/host.ts";
import type { ValueReport } from "../../proofs/value_reports.ts";
import type { ConformancePage, PageCase } from "./page.ts";

/** A page that runs cases. */
export interface ConformanceDriver extends AsyncDisposable {
  readonly cases: readonly PageCase[];
  /** Runs the case of that place in `cases`; gives what broke the promise, as text. */
  run(place: number): Promise<string | undefined>;
  /** What becomes of each kind of value in the page's own workers. */
  values(): Promise<ValueReport[]>;
  /** Does every kind of hostile value in each place to both executors; gives what did not hold. */
  hostile(): Promise<string | undefined>;
}

/** Opens the page, cross-origin isolated or not. */
export async function openConformancePage(isolated: boolean): Promise<ConformanceDriver> {
  await using stack = new AsyncDisposableStack();
  const host = stack.use(await hostPage("modules/browser/conformance/page.ts", isolated));
  const browser = stack.use(
    await launchChromium(["--js-flags=--expose-gc", "--enable-features=NetworkServiceInProcess2"]),
  );
  const page = await browser.newPage();
  const broken = Promise.withResolvers<never>();
  const giveUp = (why: string) =>
    broken.reject(new Error(`Cannot run conformance suite: the page does not load: ${why}`));
  page.on("pageerror", (error) => giveUp(String(error)));
  page.on("response", (response) => {
    if (!response.ok()) giveUp(`${response.status()} ${response.url()}`);
  });
  // Cases fail on purpose; the page must only load.
  broken.promise.catch(() => {});
  await page.goto(host.address);
  await Promise.race([broken.promise, page.waitForFunction("globalThis.conformance")]);
  assert.equal(await page.evaluate("crossOriginIsolated"), isolated);
  const inPage = <T>(expression: string): Promise<T> => page.evaluate(`conformance.${expression}`);
  const cases = await inPage<ConformancePage["cases"]>("cases");
  const opened = stack.move();
  return {
    cases,
    run: (place) => inPage(`run(${place})`),
    values: () => inPage("values()"),
    hostile: () => inPage("hostile()"),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
