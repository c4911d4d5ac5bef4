// Tests of a table of very many jobs, in a browser: rows exist in view only, and keep their places.

import assert from "node:assert/strict";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { visit } from "../visit.ts";

test("of ten thousand rows only those in view exist, and scrolling finds each of them", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  const tab = (name: string) =>
    page.getByRole("group", { name: "States" }).getByRole("button", { name });
  await server.submit({ kind: "echo", executor: "threads", count: 10_000 });
  await here.reads(tab("finished"), /10,000$/);
  await page.getByRole("button", { name: "Open job 10000," }).waitFor();
  const rows = page.locator(".rows .row");
  assert.ok((await rows.count()) < 60, `${await rows.count()} rows exist`);
  const scroller = page.locator(".scroller");
  assert.equal(await page.getByRole("table").getAttribute("aria-rowcount"), "10001");
  for (const [part, number] of [
    [0.5, 5000],
    [1, 1],
    [0, 10_000],
  ]) {
    await scroller.evaluate((element, at) => {
      element.scrollTop = element.scrollHeight * at;
    }, part as number);
    await page.getByRole("button", { name: `Open job ${number},` }).waitFor();
  }
  // Whoever reads further down keeps their place while new jobs come in above.
  await scroller.evaluate((element) => {
    element.scrollTop = 38 * 100;
  });
  const seen = page.getByRole("button", { name: "Open job 9900," });
  await seen.waitFor();
  const before = await seen.boundingBox();
  await server.submit({ kind: "echo", executor: "threads", count: 50 });
  await here.reads(tab("all"), /10,050$/);
  assert.deepEqual(await seen.boundingBox(), before);
  // And by keyboard, from row to row.
  await seen.focus();
  await page.keyboard.press("ArrowDown");
  assert.equal(
    await page.evaluate("document.activeElement.getAttribute('aria-label')"),
    "Open job 9899, Echo",
  );
});
