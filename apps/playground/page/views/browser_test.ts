// Tests of the page's own executor, in a browser: the playground's kinds run in it, and the server has no part in that.

import assert from "node:assert/strict";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { visit } from "../visit.ts";

test("the playground's kinds run in the page itself", async () => {
  await using here = await visit(ON_DENO, "?view=submit&kind=primes");
  const { page, server } = here;
  assert.equal(await page.evaluate("crossOriginIsolated"), true, "it may share memory");
  await page.getByLabel("Below").fill("10000");
  await page.getByLabel("How many").fill("3");
  await page.getByRole("radio", { name: /browser/ }).check();
  await here.reads(page.locator(".code pre"), /from "@concurrent\/futures\/browser"/);
  await page.getByRole("button", { name: "Run 3 jobs" }).click();
  const primes = page.getByRole("region", { name: "Primes" });
  await primes.getByText(/^3 jobs in /).waitFor();
  await here.reads(primes, /count: 1229/);
  await here.reads(primes.getByRole("list", { name: "Console" }).first(), /Sieving below 10000/);

  async function choose(kind: string): Promise<void> {
    await page.getByRole("link", { name: "Submit", exact: true }).first().click();
    await page.locator(`.gallery a[href$="kind=${kind}"]`).click();
  }
  await choose("mandelbrot");
  await page.getByRole("radio", { name: /browser/ }).check();
  await page.getByRole("button", { name: "Run 1 job" }).click();
  await page
    .getByRole("region", { name: "Mandelbrot tile" })
    .locator("canvas[data-drawn]")
    .waitFor();

  await choose("exit");
  await page.getByRole("radio", { name: /browser/ }).check();
  await page.getByRole("button", { name: "Run 1 job" }).click();
  await page.getByRole("region", { name: "Exit" }).getByText("worker lost").waitFor();

  await choose("spin");
  await page.getByRole("radio", { name: /browser/ }).check();
  await page.getByRole("button", { name: "Run 1 job" }).click();
  const spin = page.getByRole("region", { name: "Spin" });
  await spin.getByText("running", { exact: true }).waitFor();
  await spin.getByRole("button", { name: "Cancel 1 job" }).click();
  await spin.getByText("cancelled", { exact: true }).waitFor();

  await choose("exhaust");
  assert.ok(await page.getByRole("radio", { name: /browser/ }).isDisabled());
  await page.getByText("it would take the memory of this page").waitFor();
  const { total } = await server.json<{ total: number }>("/api/jobs");
  assert.equal(total, 0, "the server knows nothing of them");

  // One world: what ran here stands where the server's jobs do.
  await server.submit({ kind: "echo", executor: "loop", count: 2 });
  await page.getByRole("link", { name: "Jobs", exact: true }).first().click();
  await page.getByText(/^8 jobs$/).waitFor();
  const rows = page.getByRole("table", { name: "Jobs" }).getByRole("row");
  const here3 = rows.filter({ hasText: "this page" });
  await here.until(async () => (await here3.count()) === 6);
  await page.getByLabel("Executor").selectOption("browser");
  await page.getByText("6 jobs match").waitFor();
  await page.getByRole("searchbox", { name: "Search" }).fill("primes");
  await page.getByText("3 jobs match").waitFor();
  await here3.first().click();
  const panel = page.getByRole("complementary", { name: "A job" });
  await here.reads(panel, /Primes #3/);
  await here.reads(panel.locator(".output"), /Sieving below 10000/);
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "By run" }).click();
  await page.getByText("3 × Primes on browser").waitFor();
  await page.getByRole("link", { name: "Your browser" }).first().click();
  await page.getByRole("button", { name: "Draw four pictures" }).click();
  const lanes = page.getByRole("region", { name: "Worker lanes" });
  await here.reads(lanes.locator(".lanes-run"), /^4 × Mandelbrot tile on browser/);
  await here.reads(lanes.locator(".lanes-foot"), /^[1-9]\d* bars? in view/);
  // The server's snapshot takes nothing of it away.
  await page.getByRole("link", { name: "Charts" }).first().click();
  await page.getByRole("button", { name: "browser", exact: true }).click();
  await page.getByRole("img", { name: /^Throughput/ }).waitFor();
});
