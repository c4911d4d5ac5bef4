// Tests of the first view, in a browser: what it says, its race, and the picture that one looks closer into.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { test as plain } from "node:test";
import { fileURLToPath } from "node:url";
import type { JobDetail, JobsPage } from "../../../../modules/dashboard/contract.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { tenLines } from "../ten_lines.ts";
import { visit } from "../visit.ts";
import { closer, farther, tilesOf, WHOLE_SET } from "./plane.ts";

/** From a phone to a large screen. */
const SIZES = [
  [390, 844],
  [768, 1024],
  [1280, 800],
  [1680, 1050],
  [2560, 1440],
] as const;

/** Tells the tiles of the picture apart, by what is in them. */
const TILES_SEEN = `(() => {
  const canvas = document.querySelector(".mosaic canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const side = canvas.width / 8;
  const tiles = Array.from({ length: 64 }, () => []);
  for (let y = 0; y < canvas.height; y++)
    for (let x = 0; x < canvas.width; x++)
      tiles[Math.floor(y / side) * 8 + Math.floor(x / side)].push(data[(y * canvas.width + x) * 4]);
  return new Set(tiles.map(String)).size;
})()`;

test("the first view says what this is and what to click, and one click shows what happens", async () => {
  await using here = await visit(ON_DENO, "", { viewport: { width: 1280, height: 800 } });
  const { page, server } = here;
  const start = page.getByRole("button", { name: "Start the race" });
  // All of it without scrolling.
  for (const shown of [
    page.getByRole("heading", { name: /concurrent\.futures, for TypeScript/ }),
    page.getByText("deno add jsr:@concurrent/futures"),
    page.getByText("new ThreadPoolExecutor"),
    start,
  ]) {
    const box = await shown.first().boundingBox();
    assert.ok(box && box.y > 0 && box.y + box.height <= 800, await shown.first().innerText());
  }
  await start.click();
  await page.getByRole("button", { name: "Stop" }).waitFor();
  await page.getByRole("button", { name: "Race again" }).waitFor({ timeout: 120_000 });
  const racers = page.locator(".racer");
  assert.equal(await racers.count(), 4);
  for (const racer of await racers.all()) {
    assert.equal(await racer.getAttribute("data-state"), "done", await racer.innerText());
    await here.reads(racer.locator(".racer-time"), /^\d+(\.\d+)? m?s$/);
  }
  const said = page.getByText(/\d+\.\d times as fast as/);
  await said.waitFor();
  // What it is, what to click and what came of it is there at once, on a phone and on the largest screen.
  for (const [width, height] of SIZES) {
    await page.setViewportSize({ width, height });
    await page.evaluate("scrollTo(0, 0)");
    for (const shown of [
      page.getByRole("heading", { name: /concurrent\.futures, for TypeScript/ }),
      page.getByRole("button", { name: "Race again" }),
      ...(await racers.locator(".racer-time").all()),
      said,
    ]) {
      const box = await shown.boundingBox();
      const isIn = box && box.y > 0 && box.y + box.height <= height && box.x + box.width <= width;
      assert.ok(isIn, `${width}: ${await shown.innerText()}`);
    }
  }
  await page.locator('.mosaic canvas[data-done="64"]').waitFor();
  // Some lie in the middle of the set, where all is black.
  const seen = (await page.evaluate(TILES_SEEN)) as number;
  assert.ok(seen > 50, `${seen} different tiles`);
  const { jobs, total } = await server.json<JobsPage>("/api/jobs?kind=mandelbrot&limit=200");
  assert.equal(total, 3 * 64);
  const wanted = await Promise.all(
    jobs.slice(0, 64).map(async ({ id }) => (await server.job(id)) as unknown as JobDetail),
  );
  assert.equal(new Set(wanted.map(({ parameters: { x, y } }) => `${x} ${y}`)).size, 64);
});

test("a click looks closer, by 64 new jobs, and so does a key", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const total = async () =>
    (await server.json<JobsPage>("/api/jobs?kind=mandelbrot&limit=1")).total;
  await page.locator(".racer").nth(3).getByText("Web Worker").waitFor();
  const canvas = page.locator(".mosaic canvas");
  const box = await canvas.boundingBox();
  assert.ok(box);
  await page.mouse.click(box.x + box.width * 0.43, box.y + box.height * 0.4);
  await page.locator('.mosaic canvas[data-done="64"]').waitFor({ timeout: 60_000 });
  assert.equal(await total(), 64);
  await here.reads(page.locator(".race-said"), /^Threads drew it in /);
  await page.getByRole("application", { name: /Mandelbrot/ }).focus();
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await here.until(async () => (await total()) === 128);
  await page.getByRole("button", { name: "The whole set" }).click();
  await here.until(async () => (await total()) === 192);
  await server.cancelAll({});
});

test("a race that is stopped leaves no job behind, and can be run again", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await page.getByRole("button", { name: "Start the race" }).click();
  await here.reads(page.locator(".racer").first().locator(".racer-about"), /of 64 tiles/);
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByText(/^stopped, \d+ of 64 tiles$/).waitFor();
  await page.getByRole("button", { name: "Race again" }).waitFor();
  await here.until(async () => {
    const { counts } = await server.json<JobsPage>("/api/jobs?limit=1");
    return counts.states.pending + counts.states.running === 0;
  });
});

plain("closer() and farther() go in and out around a place, within what numbers can tell", () => {
  let part = WHOLE_SET;
  for (let next = closer(part, 0.25, 0.75); next !== undefined; next = closer(part, 0.5, 0.5)) {
    assert.ok(next.span < part.span);
    part = next;
  }
  assert.equal(new Set(tilesOf(part).map(({ x, y }) => `${x} ${y}`)).size, 64);
  while (part !== WHOLE_SET) part = farther(part);
});

plain("the ten lines run from a file of their own, as they are shown", () => {
  const home = fileURLToPath(new URL("../../../../temp/", import.meta.url));
  const folder = mkdtempSync(join(home, "ten-lines-"));
  try {
    const file = join(folder, "ten_lines.ts");
    writeFileSync(file, tenLines("deno"));
    const args = ["run", "--no-check", "--allow-read", file];
    const printed = execFileSync(process.execPath, args, {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    assert.equal(printed, "500000500000\n2000001000000\n");
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
