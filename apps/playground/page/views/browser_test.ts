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
});
