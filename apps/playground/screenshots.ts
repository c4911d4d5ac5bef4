// Takes pictures of the page: those of the README, small enough for git; or, into a folder that is named, every view in
// five sizes and two themes, and a sheet of them all to look at.
//
//   deno task page:pictures               docs/screenshots
//   deno task page:pictures temp/views    every view

import { Buffer } from "node:buffer";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { animationOf, type Frame } from "../../scripts/animation.ts";
import { launchChromium } from "../../scripts/chromium.ts";
import { buildPage } from "./build_page.ts";
import { ON_DENO } from "./on_deno.ts";
import { type StartedServer, started } from "./started_server.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** So that all together, the animation included, stay below a megabyte and a half. */
const MOST_BYTES = 270_000;
const MOST_BYTES_MOVING = 690_000;

/**
 * How long the animation lasts, how often the race is looked at, and the closer look, each frame of which is larger; and how long
 * each end is shown. In milliseconds.
 */
const MOVING_MS = 10_000;
const FRAME_MS = 250;
const CLOSER_FRAME_MS = 500;
const HELD_MS = 1_500;

/** From a phone to a large screen. */
const SIZES = [
  [390, 844],
  [768, 1024],
  [1280, 800],
  [1680, 1050],
  [2560, 1440],
] as const;

interface Picture {
  readonly name: string;
  readonly colours: "light" | "dark";
  readonly address: string;
  /** In pixels. Default: a laptop's window. */
  readonly size?: readonly [width: number, height: number];
  /** What is done before it is taken; it ends when there is something to see. */
  prepare(page: Page, server: StartedServer): Promise<void>;
}

const PICTURES: readonly Picture[] = [
  {
    name: "race",
    colours: "light",
    address: "",
    size: [1280, 640],
    async prepare(page) {
      await page.getByRole("button", { name: "Start the race" }).click();
      await page.getByRole("button", { name: "Race again" }).waitFor({ timeout: 120_000 });
    },
  },
  {
    name: "lanes",
    colours: "light",
    address: "",
    size: [1120, 760],
    async prepare(page, server) {
      // As many lanes as on a usual machine.
      await server.post("/api/executors/threads/resize", { maxWorkers: 4 });
      await page.getByRole("button", { name: /A mixed load/ }).click();
      const body = { kind: "sleep", executor: "loop", count: 30, parameters: { ms: 900 } };
      await server.post("/api/jobs", body);
      await moreThan(page, "failed", 3);
      await scrollToLanes(page);
      await moreThan(page, "finished", 250);
    },
  },
  {
    name: "lanes",
    colours: "dark",
    address: "",
    size: [1120, 760],
    async prepare(page) {
      await page.getByText(/^[1-9][\d,]* bars? .*in view$/).waitFor();
      await scrollToLanes(page);
      await page.getByRole("application", { name: /Timeline/ }).focus();
      await page.keyboard.press("p");
      await page.evaluate("document.activeElement.blur()");
    },
  },
  {
    name: "break_it",
    colours: "light",
    address: "?view=break",
    async prepare(page) {
      for (const name of ["Exit the worker", "Spin for ever"]) {
        const card = page.locator(".experiment").filter({ hasText: name });
        await card.getByRole("button", { name: "threads" }).click();
        await card.getByText(/next job after/).waitFor();
      }
    },
  },
  {
    name: "jobs",
    colours: "dark",
    address: "?view=jobs",
    async prepare(page) {
      await page.getByRole("row").filter({ hasText: "worker lost" }).first().click();
      await page.locator(".error-message").first().waitFor();
    },
  },
  {
    name: "job",
    colours: "light",
    address: "?view=jobs&kind=mandelbrot&state=finished&order=asc",
    // A picture within the picture, so it must be smaller.
    size: [900, 540],
    async prepare(page) {
      await page.getByRole("row").filter({ hasText: "finished" }).first().click();
      await page.locator("canvas[data-drawn]").waitFor();
    },
  },
  {
    name: "compare",
    colours: "light",
    address: "?view=compare&kind=sleep",
    async prepare(page) {
      await page.getByLabel("For", { exact: true }).fill("60");
      await page.getByRole("button", { name: "Compare", exact: true }).click();
      const done = page.locator('.compare-head .state[data-state="finished"]');
      await done.waitFor({ timeout: 120_000 });
    },
  },
  {
    name: "phone",
    colours: "dark",
    address: "?view=jobs",
    size: [390, 680],
    async prepare(page) {
      await page.getByRole("row").filter({ hasText: "finished" }).first().waitFor();
    },
  },
];

async function main(): Promise<void> {
  await buildPage();
  await using server = await started(ON_DENO);
  await using browser = await launchChromium();
  const [folder] = process.argv.slice(2);
  if (folder === undefined) await forReadme(browser, server);
  else await everyView(browser, server, resolve(folder));
}

async function forReadme(browser: Browser, server: StartedServer): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  // Before the others leave the processors something to do.
  await keep("race_moving.png", await movingRace(browser, server), MOST_BYTES_MOVING);
  for (const picture of PICTURES) {
    const [width, height] = picture.size ?? [1120, 680];
    const page = await opened(browser, width, height, picture.colours);
    await page.goto(`${server.address}${picture.address}`);
    await picture.prepare(page, server);
    // What was just said about it is not what the picture is of.
    for (const button of await page.getByRole("button", { name: "Dismiss" }).all()) {
      await button.click();
    }
    const bytes = await page.screenshot({ animations: "disabled" });
    await keep(`${picture.name}_${picture.colours}.png`, bytes, MOST_BYTES);
    await page.close();
  }
}

async function keep(file: string, bytes: Uint8Array, most: number): Promise<void> {
  console.log(`${file.padEnd(20)} ${(bytes.length / 1000).toFixed(0)} kB`);
  if (bytes.length > most) throw new Error(`Cannot keep ${file}: larger than ${most} bytes`);
  await writeFile(`${FOLDER}${file}`, bytes);
}

/** The race, and a look closer, as they are seen. */
async function movingRace(browser: Browser, server: StartedServer): Promise<Uint8Array> {
  const page = await opened(browser, 1280, 620, "light");
  await page.goto(server.address);
  const start = page.getByRole("button", { name: "Start the race" });
  await start.waitFor();
  const box = await page.locator(".race").boundingBox();
  if (box === null) throw new Error("Cannot take pictures: there is no race");
  const clip = { x: box.x - 8, y: box.y - 8, width: box.width + 16, height: box.height + 16 };
  const shot = () => page.screenshot({ clip, scale: "css", animations: "disabled" });
  const frames: Frame[] = [{ png: await shot(), ms: 800 }];
  const lasted = () => frames.reduce((sum, { ms }) => sum + ms, 0);
  const watch = async (ms: number, isOver: () => Promise<boolean>) => {
    while (!(await isOver())) {
      if (lasted() < MOVING_MS - 2 * HELD_MS) frames.push({ png: await shot(), ms });
      await page.waitForTimeout(ms);
    }
  };
  await start.click();
  const again = page.getByRole("button", { name: "Race again" });
  await watch(FRAME_MS, async () => (await again.count()) > 0);
  frames.push({ png: await shot(), ms: HELD_MS });
  // A click looks closer: 64 new jobs.
  const mosaic = page.locator(".mosaic canvas");
  const { width, height } = (await mosaic.boundingBox()) as { width: number; height: number };
  await mosaic.click({ position: { x: 0.33 * width, y: 0.36 * height } });
  await page.locator('.mosaic canvas:not([data-done="64"])').waitFor();
  const isDrawn = async () => (await page.locator('.mosaic canvas[data-done="64"]').count()) > 0;
  await watch(CLOSER_FRAME_MS, isDrawn);
  frames.push({ png: await shot(), ms: Math.max(HELD_MS, MOVING_MS - lasted()) });
  await page.close();
  return animationOf(frames);
}

/** Every view with something in it, in each size and theme. */
async function everyView(browser: Browser, server: StartedServer, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const first = await opened(browser, 1280, 800, "light");
  await first.goto(server.address);
  await first.getByRole("button", { name: "Start the race" }).waitFor();
  await first.getByRole("button", { name: /A mixed load/ }).click();
  await server.post("/api/jobs", { kind: "exit", executor: "processes" });
  await moreThan(first, "finished", 60);
  await first.goto(`${server.address}?view=compare&kind=sleep`);
  await first.getByLabel("For", { exact: true }).fill("20");
  await first.getByRole("button", { name: "Compare", exact: true }).click();
  await first.locator('.compare-head .state[data-state="finished"]').waitFor({ timeout: 60_000 });
  const tabs = first.getByRole("navigation", { name: "Views" }).getByRole("link");
  const views = await tabs.evaluateAll((links) => links.map((link) => link.getAttribute("href")));
  await first.close();
  const all: { name: string; png: Uint8Array }[] = [];
  for (const address of [...views, "?view=jobs&by=run", "?view=jobs&by=error"]) {
    for (const colours of ["light", "dark"] as const) {
      for (const [width, height] of SIZES) {
        const page = await opened(browser, width, height, colours);
        await page.goto(`${server.address}${address}`);
        await page.locator("main > *").first().waitFor();
        // Charts draw with the next second.
        await page.waitForTimeout(1200);
        const png = await page.screenshot({ animations: "disabled" });
        const view = new URLSearchParams(address ?? "");
        const name = [view.get("view") ?? "live", view.get("by"), colours, width]
          .filter((part) => part !== null)
          .join("_");
        await writeFile(join(folder, `${name}.png`), png);
        all.push({ name, png });
        await page.close();
      }
    }
  }
  await writeFile(join(folder, "sheet.png"), await sheetOf(browser, all));
  console.log(`${all.length} pictures, and a sheet of them, in ${folder}`);
}

/** All of them, small, on one page. */
async function sheetOf(
  browser: Browser,
  all: readonly { name: string; png: Uint8Array }[],
): Promise<Uint8Array> {
  const page = await opened(browser, 2000, 1000, "light");
  const figures = all.map(
    ({ name, png }) =>
      `<figure style="margin:0"><img style="width:100%" src="data:image/png;base64,${Buffer.from(png).toString("base64")}"><figcaption>${name}</figcaption></figure>`,
  );
  await page.setContent(
    `<body style="font:12px sans-serif;display:grid;grid-template-columns:repeat(10,1fr);gap:8px;align-items:start">${figures.join("")}`,
  );
  const png = await page.screenshot({ fullPage: true });
  await page.close();
  return png;
}

async function opened(
  browser: Browser,
  width: number,
  height: number,
  colorScheme: "light" | "dark",
): Promise<Page> {
  return await browser.newPage({ colorScheme, viewport: { width, height } });
}

async function scrollToLanes(page: Page): Promise<void> {
  await page.evaluate(
    "scrollTo(0, document.querySelector('.figures').getBoundingClientRect().top + scrollY - 100)",
  );
}

async function moreThan(page: Page, state: string, number: number): Promise<void> {
  const link = page.locator(`.tally [data-state="${state}"]`);
  for (;;) {
    const text = (await link.textContent()) ?? "";
    if (Number(text.replaceAll(/\D/g, "")) > number) return;
    await page.waitForTimeout(50);
  }
}

if (import.meta.main) await main();
