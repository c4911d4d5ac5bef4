// Tests of the site as it is built: its pages, its search, and the place where a page is tried; light, dark, and on a phone.

import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { codeBlocks, promisedOutput } from "../../scripts/examples.ts";
import { buildPage } from "../playground/build_page.ts";
import { buildSite, SITE } from "./build.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  png: "image/png",
};

/** Below a path, as on the hosts that forges give. */
const BASE = "/futures/";

/** Answers as a host of files does, with no headers of ours. */
function serveSite(request: Request): Response {
  const { pathname } = new URL(request.url);
  if (!pathname.startsWith(BASE)) return new Response("not here", { status: 404 });
  const path = join(SITE, pathname.slice(BASE.length));
  const file = [path, `${path}.html`, join(path, "index.html")].find(
    (name) => existsSync(name) && statSync(name).isFile(),
  );
  if (file === undefined) return new Response("not here", { status: 404 });
  const type = TYPES[file.slice(file.lastIndexOf(".") + 1)] ?? "text/plain";
  return new Response(readFileSync(file), { headers: { "content-type": type } });
}

Deno.test("the site has every page, finds words, and runs what is typed", async (test) => {
  await buildPage();
  // Fails on a link that leads nowhere.
  await buildSite(BASE);
  const problems: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const answer = serveSite(request);
      if (answer.status !== 200) problems.push(`${answer.status} ${request.url}`);
      return answer;
    },
  );
  const address = `http://127.0.0.1:${server.addr.port}${BASE}`;
  await using browser = await launchChromium();
  const open = async (path: string, colorScheme: "light" | "dark", width: number) => {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
    page.on("pageerror", (error) => problems.push(`${path}: ${error}`));
    page.on("console", (line) => {
      if (line.type() === "error") problems.push(`${path}: ${line.text()}`);
    });
    await page.goto(`${address}${path}`);
    return page;
  };

  await test.step("texts for machines name the pages", () => {
    const list = readFileSync(join(SITE, "llms.txt"), "utf8");
    assert.match(list, /^# @concurrent\/futures\n\n> /);
    assert.match(list, /^- \[Getting started\]\(https:\S+guide\/start\): \S/m);
    assert.match(readFileSync(join(SITE, "llms-full.txt"), "utf8"), /^# Channels and locks$/m);
  });

  await test.step("a word is found, in this browser", async () => {
    const page = await open("", "light", 1280);
    await page.locator("#local-search button").click();
    await page.locator("#localsearch-input").fill("channels and locks");
    await page
      .locator(".VPLocalSearchBox .result", { hasText: "Channels and locks" })
      .first()
      .click();
    await page.locator("h1", { hasText: "Channels and locks" }).waitFor();
  });

  await test.step("a question finds what answers it before the history and the reasons", async () => {
    const page = await open("", "light", 1280);
    await page.locator("#local-search button").click();
    await page.locator("#localsearch-input").fill("how do I cancel a running task");
    const first = page.locator(".VPLocalSearchBox .result").first();
    assert.match((await first.getAttribute("href")) ?? "", /\/(guide|recipes|api)\//);
  });

  await test.step("dark, what is typed runs in workers of this browser", async () => {
    const page = await open("try", "dark", 1280);
    const frame = page.frameLocator("iframe.try-it");
    await frame.locator(":root.dark").waitFor();
    await frame.locator("#code").fill("export const twice = (n: number) => 2 * n;");
    await frame.locator("#list").fill("21\n0.5");
    await frame.locator("#run").click();
    await frame.locator("#state", { hasText: "2 calls, done" }).waitFor();
    assert.deepEqual(await frame.locator("td:last-child").allInnerTexts(), ["42", "1"]);
    // Switching the theme changes its colours, and neither what was typed nor what came of it.
    await page.locator(".VPNavBarAppearance button").click();
    await frame.locator(":root:not(.dark)").waitFor();
    assert.equal(await frame.locator("#list").inputValue(), "21\n0.5");
    assert.deepEqual(await frame.locator("td:last-child").allInnerTexts(), ["42", "1"]);
  });

  await test.step("an example of the guide is put into the editor, and runs when told to, as it says", async () => {
    const page = await open("guide/limits", "light", 1280);
    await page.getByText("Run this here").click();
    const frame = page.frameLocator("iframe.try-it");
    await frame.locator("#state", { hasText: "Nothing runs before you press Run" }).waitFor();
    assert.match(await frame.locator("#code").inputValue(), /^\/\/ limits\.ts: /);
    // No frame, so nothing that runs.
    assert.equal(await frame.locator("iframe").count(), 0);
    await frame.locator("#run").click();
    await frame.locator("#state", { hasText: "1 run, done" }).waitFor();
    const { text } = codeBlocks(readFileSync("docs/guide/limits.md", "utf8"))[0] ?? { text: "" };
    assert.deepEqual(
      (await frame.locator("#printed").innerText()).trim().split("\n"),
      promisedOutput(text),
    );
  });

  await test.step("an address puts nothing but code into the frame", async () => {
    const page = await open('try#code=x"><script>', "light", 1280);
    assert.doesNotMatch((await page.locator("iframe.try-it").getAttribute("src")) ?? "", /#/);
  });

  await test.step("on a phone nothing is wider than it is", async () => {
    for (const path of ["", "guide/start", "guide/tasks", "api/futures", "decisions/"]) {
      const page = await open(path, "dark", 390);
      await page.locator(".VPContent").waitFor();
      assert.equal(await widthBeyond(page), 0, path);
    }
  });

  assert.deepEqual(problems, []);
});

function widthBeyond(page: Page): Promise<number> {
  return page.evaluate("document.documentElement.scrollWidth - innerWidth");
}
