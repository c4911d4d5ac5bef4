// The main path through the page, the same for every runtime: from a cold start to a job's result.

import assert from "node:assert/strict";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import type { Start } from "../started_server.ts";
import { visit } from "./visit.ts";

/** Registers the test of the main path. */
export function testMainPath(start: Start): void {
  test("from a cold start over a sample and the lanes to a picture, a failure and a lost worker", async () => {
    await using here = await visit(start);
    const { page } = here;
    await page.getByText("No worker is running").waitFor();
    await page.getByRole("button", { name: /A mixed load/ }).click();
    await page.getByText(`Submitted 84 jobs to ${start.pool}`).waitFor();
    await page.locator(".lane-names li").first().waitFor();
    await page.getByText(/^[1-9][\d,]* bars? .*in view$/).waitFor();

    await page.getByRole("link", { name: "Jobs", exact: true }).click();
    await page.getByLabel("Kind").selectOption("mandelbrot");
    await page.getByRole("row").filter({ hasText: "finished" }).first().click();
    const panel = page.getByRole("complementary", { name: "A job" });
    await panel.locator("canvas[data-drawn]").waitFor();
    await page.keyboard.press("Escape");
    await page.getByLabel("Kind").selectOption("");
    await page.getByRole("button", { name: /^Cancel \d/ }).click();
    await page
      .getByRole("dialog")
      .getByRole("button", { name: /^Cancel [\d,]+ jobs?$/ })
      .click();
    await page.getByText(/^Cancelled \d+ of \d+ jobs?$/).waitFor();

    await page.getByRole("link", { name: "Submit", exact: true }).click();
    await page.getByRole("link", { name: /^Exit/ }).click();
    await page.getByLabel("Exit code").fill("9");
    await here.reads(page.locator(".code pre"), /jobs\.exit/);
    await page.getByRole("button", { name: "Run 1 job" }).click();
    await page.getByRole("link", { name: "See them" }).click();
    const lost = page.getByRole("row").filter({ hasText: "worker lost" });
    await lost.click();
    await page.locator(".error").getByText("WorkerLostError").first().waitFor();
    await here.reads(page.locator(".error-message").first(), /exited with code 9/);

    await page.getByRole("link", { name: "Pools", exact: true }).click();
    await here.reads(
      page.getByRole("article", { name: start.pool }).getByText("workers lost").locator(".."),
      /[1-9]\d*$/,
    );
    assert.match(page.url(), /view=pools$/);
  });
}
