// Tests of what is reached from anywhere, in a browser: the palette, the sheet of keys, and the tour, all by keyboard.

import assert from "node:assert/strict";
import type { JobsPage } from "../../../modules/dashboard/contract.ts";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../on_deno.ts";
import { visit } from "./visit.ts";

test("the palette finds what can be done by a few letters, and does it", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const field = page.getByRole("combobox", { name: "Find a command" });
  const first = page.getByRole("option", { selected: true });
  await page.getByRole("button", { name: "Start the race" }).waitFor();
  await page.keyboard.press("Control+k");
  await field.fill("group run");
  await here.reads(first, /^Group jobs by run$/);
  await page.keyboard.press("Enter");
  await page.getByText("No runs yet").waitFor();
  assert.equal(await field.count(), 0);
  await page.keyboard.press("Control+k");
  await field.fill("urgent loop");
  await here.reads(first, /^Run Urgent among many on loop$/);
  await page.keyboard.press("Enter");
  await here.until(async () => (await server.json<JobsPage>("/api/jobs?limit=1")).total === 66);
  await server.cancelAll({});
  await page.keyboard.press("Control+k");
  await field.fill("nothing is called so");
  await page.getByText("No commands match").waitFor();
  await field.fill("sub prim");
  await here.reads(first, /^Submit: Primes$/);
  await field.fill("");
  // Down and up go round.
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowDown");
  await here.reads(first, /^Go to Live$/);
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Commands" }).click();
  await field.waitFor();
  // What only the open view can do is found, too, and of several pools each.
  await field.fill("go pools");
  await page.keyboard.press("Enter");
  const pool = page.getByRole("article", { name: "loop", exact: true });
  const [pause, resume] = ["Pause", "Resume"].map((name) => pool.getByRole("button", { name }));
  await pause?.waitFor();
  await page.keyboard.press("Control+k");
  await field.fill("pause loop");
  await here.reads(first, /^Pause: loop$/);
  await page.keyboard.press("Enter");
  await resume?.waitFor();
  await page.keyboard.press("Control+k");
  await field.fill("resume");
  await here.reads(first, /^Resume$/);
  await page.keyboard.press("Enter");
  await pause?.waitFor();
});

test("the sheet of keys opens by a question mark, except where one is typed", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page } = here;
  const search = page.getByRole("searchbox", { name: "Search" });
  await search.press("?");
  assert.equal(await search.inputValue(), "?");
  const keys = page.getByRole("dialog", { name: "Keys" });
  assert.equal(await keys.count(), 0);
  await page.getByRole("link", { name: "Jobs", exact: true }).focus();
  await page.keyboard.press("?");
  for (const key of ["Ctrl K", "Backspace", "F"])
    await keys.getByText(key, { exact: true }).waitFor();
  await page.keyboard.press("Escape");
  await keys.waitFor({ state: "detached" });
});

test("the tour goes through its six stops by keyboard, and can be left at any", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await page.getByRole("button", { name: "Start the race" }).waitFor();
  const begin = page.getByRole("button", { name: /Take the tour/ });
  await begin.focus();
  await page.keyboard.press("Enter");
  const card = page.getByRole("region", { name: /^Tour, stop/ });
  for (const [n, view] of ["submit", "live", "break", "jobs", "compare", "code"].entries()) {
    await page.getByRole("region", { name: `Tour, stop ${n + 1} of 6` }).waitFor();
    await here.until(async () => (new URL(page.url()).searchParams.get("view") ?? "live") === view);
    // What it speaks of is there, and ringed.
    await page.locator('[data-toured="true"]').waitFor();
    if (view === "live") {
      await card.getByRole("button", { name: "Submit 30 jobs" }).click();
      await here.until(async () => (await server.json<JobsPage>("/api/jobs?limit=1")).total === 30);
      await card.focus();
    }
    await page.keyboard.press("ArrowRight");
  }
  await card.waitFor({ state: "detached" });
  assert.equal(await page.locator("[data-toured]").count(), 0);
  await here.go("");
  await begin.click();
  // Keys go to the card once it has the focus.
  const stop = (n: number) => page.locator(`.tour:focus[aria-label="Tour, stop ${n} of 6"]`);
  await stop(1).waitFor();
  await page.keyboard.press("ArrowRight");
  await stop(2).waitFor();
  await page.keyboard.press("ArrowLeft");
  await stop(1).waitFor();
  await page.keyboard.press("Escape");
  await card.waitFor({ state: "detached" });
});
