// Takes the pictures of the page that stand in the README and the guide: its main views, light and dark, small enough for git.

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { launchChromium } from "../../scripts/chromium.ts";
import { buildPage } from "./build_page.ts";
import { ON_DENO } from "./on_deno.ts";
import { type StartedServer, started } from "./started_server.ts";

const FOLDER = fileURLToPath(new URL("../../docs/screenshots/", import.meta.url));

/** So that the pictures together stay below a megabyte. */
const MOST_BYTES = 120_000;

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
    name: "lanes",
    colours: "light",
    address: "",
    async prepare(page, server) {
      // As many lanes as on a usual machine.
      await server.json("/api/executors/threads/resize", {
        method: "POST",
        body: JSON.stringify({ maxWorkers: 4 }),
        headers: { "content-type": "application/json" },
      });
      await page.getByRole("button", { name: /A mixed load/ }).click();
      await moreThan(page, "failed", 3);
      await page.getByRole("button", { name: /Urgent among many/ }).click();
      await moreThan(page, "finished", 90);
    },
  },
  { name: "lanes", colours: "dark", address: "", prepare: (page) => hover(page) },
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
    name: "submit",
    colours: "dark",
    address: "?view=submit&kind=primes",
    async prepare(page) {
      await page.getByRole("button", { name: "100", exact: true }).click();
    },
  },
  {
    name: "compare",
    colours: "light",
    address: "?view=compare&kind=sleep",
    async prepare(page) {
      await page.getByLabel("For", { exact: true }).fill("60");
      await page.getByRole("button", { name: "Compare", exact: true }).click();
      await page.locator('.compare-head .state[data-state="finished"]').waitFor();
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
  await mkdir(FOLDER, { recursive: true });
  await using server = await started(ON_DENO);
  await using browser = await launchChromium();
  for (const picture of PICTURES) {
    const [width, height] = picture.size ?? [1120, 680];
    const page = await browser.newPage({
      colorScheme: picture.colours,
      viewport: { width, height },
    });
    await page.goto(`${server.address}${picture.address}`);
    await picture.prepare(page, server);
    // What was just said about it is not what the picture is of.
    for (const button of await page.getByRole("button", { name: "Dismiss" }).all()) {
      await button.click();
    }
    const bytes = await page.screenshot({ animations: "disabled" });
    const file = `${picture.name}_${picture.colours}.png`;
    await writeFile(`${FOLDER}${file}`, bytes);
    console.log(`${file.padEnd(20)} ${(bytes.length / 1000).toFixed(0)} kB`);
    if (bytes.length > MOST_BYTES) throw new Error(`Cannot keep ${file}: larger than 120 kB`);
    await page.close();
  }
}

async function moreThan(page: Page, state: string, number: number): Promise<void> {
  const link = page.locator(`.tally [data-state="${state}"]`);
  for (;;) {
    const text = (await link.textContent()) ?? "";
    if (Number(text.replaceAll(/\D/g, "")) > number) return;
    await page.waitForTimeout(50);
  }
}

/** Points at a bar in the lanes. */
async function hover(page: Page): Promise<void> {
  const box = await page.locator(".lanes-canvas").boundingBox();
  if (box === null) return;
  await page.getByText(/^[1-9][\d,]* bars? .*in view$/).waitFor();
  for (let part = 0.9; part > 0.3; part -= 0.01) {
    await page.mouse.move(box.x + box.width * part, box.y + 40);
    if (await page.locator(".lanes-details").isVisible()) return;
  }
}

if (import.meta.main) await main();
