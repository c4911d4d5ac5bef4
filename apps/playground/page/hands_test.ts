// Tests of the page in all hands, in a browser: fingers, keys alone, letters twice as large; and of pictures that are taken along.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Locator, Page } from "playwright-core";
import type { JobsPage } from "../../../modules/dashboard/contract.ts";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../on_deno.ts";
import { FOREVER, viewsOf, visit } from "./visit.ts";

/** A window of 1360 by 900 at 200 %. */
const TWICE = { viewport: { width: 680, height: 450 }, deviceScaleFactor: 2 };

test("at 200 % nothing is cut off, fingers pinch and point, charts mark the same moment, and both are saved as pictures", async () => {
  await using here = await visit(ON_DENO, "", { ...TWICE, hasTouch: true });
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "threads", parameters: { ms: FOREVER } });
  await page.getByText("1 bar in view").waitFor();
  const canvas = page.locator(".lanes-canvas");
  await canvas.scrollIntoViewIfNeeded();
  const box = await canvas.boundingBox();
  assert.ok(box);

  // A finger points first, and then opens.
  const [x, y] = [box.x + box.width * 0.96, box.y + 26 + 26 + 12];
  const details = page.locator(".lanes-details");
  await here.until(async () => {
    if ((await details.count()) === 0) await page.touchscreen.tap(x, y);
    return (await details.count()) === 1;
  });
  await here.reads(details, /Sleep.*running/);
  const panel = page.getByRole("complementary", { name: "A job" });
  await page.touchscreen.tap(x, y);
  await panel.waitFor();
  await page.keyboard.press("Escape");
  await panel.waitFor({ state: "detached" });

  // Two fingers that go apart to four times their distance show a quarter of the time.
  await canvas.scrollIntoViewIfNeeded();
  const now = await canvas.boundingBox();
  assert.ok(now);
  const touches = await page.context().newCDPSession(page);
  const fingers = (apart: number) =>
    [-1, 1].map((side, id) => ({
      x: now.x + now.width / 2 + (side * apart) / 2,
      y: now.y + 40,
      id,
    }));
  const touch = (type: "touchStart" | "touchMove" | "touchEnd", apart?: number) =>
    touches.send("Input.dispatchTouchEvent", {
      type,
      touchPoints: apart === undefined ? [] : fingers(apart),
    });
  // Two quick taps have zoomed, perhaps.
  const timeline = page.getByRole("application", { name: /^Timeline/ });
  const seconds = async () =>
    Number(/over ([\d.]+) s/.exec((await timeline.getAttribute("aria-label")) ?? "")?.[1]);
  const before = await seconds();
  assert.ok(before > 0);
  await touch("touchStart", 60);
  for (const apart of [120, 180, 240]) await touch("touchMove", apart);
  await touch("touchEnd");
  await here.until(async () => Math.abs((await seconds()) - before / 4) < before / 20);
  await page.getByRole("button", { name: "Follow live" }).tap();
  await page.getByRole("button", { name: "Pause" }).waitFor();

  // What is pointed at in a chart is marked in the lanes.
  const chart = page.getByRole("img", { name: /^Throughput/ });
  await chart.locator(".u-over").hover();
  const isInked = (overlay: HTMLCanvasElement) => {
    const { data } =
      overlay.getContext("2d")?.getImageData(0, 0, overlay.width, overlay.height) ?? {};
    return data?.some((part) => part !== 0) ?? false;
  };
  await page.getByRole("button", { name: "Show everything" }).tap();
  await chart.locator(".u-over").hover();
  await here.until(() => page.locator(".lanes-overlay").evaluate(isInked));

  const lanes = await pictureOf(page, "Save the lanes as a picture");
  assert.equal(lanes.name, "lanes.png");
  assert.equal(lanes.width, (188 + Math.round(now.width) + 12) * 2);
  const { name, width, height } = await pictureOf(page, /Save the chart of throughput/);
  assert.equal(name, "throughput.png");
  assert.ok(width > 400 && height > 400, `${width} by ${height}`);

  for (const view of await viewsOf(page)) {
    await page.locator(`.tabs a[href="${view}"]`).click();
    await page.locator(`.tabs a[aria-current="page"][href="${view}"]`).waitFor();
    await page.locator("main > *").first().waitFor();
    const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    assert.ok(Number(wide) <= 0, `${view} is ${wide} pixels too wide`);
  }
  await server.cancelAll({});
});

test("each main path is walked by keys alone: submit, look, cancel, run again, compare, break", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=sleep");
  const { page } = here;
  await walkTo(page, page.getByLabel("For", { exact: true }));
  await page.keyboard.press("Control+a");
  await page.keyboard.type(String(FOREVER));
  await walkTo(page, page.getByRole("button", { name: "Run 1 job" }));
  await page.keyboard.press("Enter");
  await command(page, "Go to Jobs");
  await page.getByRole("row").filter({ hasText: "running" }).waitFor();
  await walkTo(page, page.getByRole("button", { name: /^Open job 1\b/ }));
  await page.keyboard.press("Enter");
  const panel = page.getByRole("complementary", { name: "A job" });
  await panel.waitFor();
  await walkTo(page, panel.getByRole("button", { name: /^Interrupt/ }));
  await page.keyboard.press("Enter");
  await panel.getByText("cancelled").first().waitFor();
  await walkTo(page, panel.getByRole("button", { name: /^Run again/ }));
  await page.keyboard.press("Enter");
  await page.getByRole("row").filter({ hasText: "running" }).waitFor();
  await page.keyboard.press("Escape");
  await command(page, "Go to Break it");
  await walkTo(page, page.getByRole("button", { name: "loop", exact: true }));
  await page.keyboard.press("Enter");
  await page.getByText(/over after [\d.]+ \w+/).waitFor();
  await command(page, "Go to Compare");
  await walkTo(page, page.getByLabel("Second executor"));
  await walkTo(page, page.getByRole("main").getByRole("button", { name: "Compare", exact: true }));
  await page.keyboard.press("Enter");
  await page.locator(".compare-head").waitFor();
});

test("so are the race and a look closer, code of one's own, and two runs beside each other", async () => {
  await using here = await visit(ON_DENO, "");
  const { page, server } = here;
  const tiles = async () =>
    (await server.json<JobsPage>("/api/jobs?kind=mandelbrot&limit=1")).total;
  await page.locator(".racer").nth(3).getByText("Web Worker").waitFor();
  await walkTo(page, page.getByRole("application", { name: /^The Mandelbrot set/ }));
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await here.until(async () => (await tiles()) === 64);
  await page.locator('.mosaic canvas[data-done="64"]').waitFor({ timeout: 60_000 });
  await walkTo(page, page.getByRole("button", { name: "Race again" }));
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.getByRole("button", { name: "Race again" }).waitFor({ timeout: 120_000 });
  // Those of the page are no jobs of the server's.
  assert.equal(await tiles(), 4 * 64);

  await server.submit({ kind: "echo", executor: "loop", count: 3 });
  await server.submit({ kind: "echo", executor: "threads", count: 5 });
  await page.goto(`${server.address}?view=jobs&by=run`);
  const lines = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  for (const name of ["5 × Echo on threads", "3 × Echo on loop"]) {
    await walkTo(page, lines.filter({ hasText: name }).getByRole("checkbox"));
    await page.keyboard.press("Space");
  }
  await page
    .getByRole("table", { name: "Two runs" })
    .getByRole("rowheader", { name: "Throughput" })
    .waitFor();

  await command(page, "Go to Code");
  await page.locator(".cm-content").waitFor();
  await walkTo(page, page.getByRole("button", { name: /^Run \w+$/ }));
  await page.keyboard.press("Enter");
  await page.getByText(/^\d+ jobs in .* times as fast as one after another$/).waitFor();
});

/** Presses Tab until what is wanted has the focus, as often as a page may ask of anybody. Nobody sets out before it is there to be reached. */
async function walkTo(page: Page, wanted: Locator): Promise<void> {
  await wanted.first().waitFor();
  const met: string[] = [];
  for (let n = 0; n < 120; n++) {
    await page.keyboard.press("Tab");
    if ((await wanted.and(page.locator(":focus")).count()) > 0) return;
    const focused = await page.evaluate(
      `{ const { activeElement: at } = document;
         at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent; }`,
    );
    met.push(String(focused).trim().slice(0, 40));
  }
  assert.fail(`${wanted} is not reached: ${met.join(", ")}`);
}

/** Does something by the palette. */
async function command(page: Page, title: string): Promise<void> {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find a command" }).waitFor();
  await page.keyboard.type(title);
  await page.getByRole("option", { selected: true, name: title }).waitFor();
  await page.keyboard.press("Enter");
}

/** The picture that a button saves: its name, and its size in pixels, from its header. */
async function pictureOf(page: Page, button: string | RegExp) {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const download = await saved;
  const bytes = readFileSync(await download.path());
  assert.equal(bytes.subarray(1, 4).toString("latin1"), "PNG");
  return {
    name: download.suggestedFilename(),
    width: bytes.readUInt32BE(16),
    height: bytes.readUInt32BE(20),
  };
}
