// Tests of runs, failures by their errors, and exports, in a browser.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { JobRow, JobsPage } from "../../../../modules/dashboard/contract.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { FOREVER, visit } from "../visit.ts";

test("of a burst is told what came of it, and the lanes show it whole; it runs again at a click", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await page.getByText("What is submitted together is a run").waitFor();
  await server.submit({ kind: "echo", executor: "threads", count: 2000 });
  const line = page.locator(".lanes-run");
  await here.reads(
    line.locator(".run-result"),
    /^2,000 in [\d.]+ m?s, [\d,.]+ a second, slowest [\d.]+ m?s$/,
  );
  await here.reads(line.locator(".run-name"), /^2,000 × Echo on threads$/);
  // Nobody pressed anything.
  await page.getByRole("button", { name: "Follow live" }).waitFor();
  await here.reads(page.locator(".lanes-foot"), /^[\d,]+ bars .*in view/);
  await line.getByRole("button", { name: "Run again" }).click();
  await page.getByText("Submitted 2,000 jobs again").waitFor();
  await here.until(
    async () => (await server.json<JobsPage>("/api/jobs?limit=1")).counts.states.finished === 4000,
  );
  await line.getByRole("link", { name: "Its jobs" }).click();
  await page.getByText("2,000 jobs match").waitFor();
});

test("jobs are grouped by run, of which two are compared, and by error", async () => {
  await using here = await visit(ON_DENO, "?view=jobs&by=run");
  const { page, server } = here;
  await page.getByText("No runs yet").waitFor();
  await server.submit({ kind: "echo", executor: "loop", count: 3 });
  await server.submit({ kind: "echo", executor: "threads", count: 5 });
  const lines = page.getByRole("list", { name: "Runs" }).getByRole("listitem");
  await lines.filter({ hasText: "5 × Echo on threads" }).waitFor();
  for (const line of await lines.all()) await line.getByRole("checkbox").check();
  const table = page.getByRole("table", { name: "Two runs" });
  await table.getByRole("rowheader", { name: "Throughput" }).waitFor();
  await page
    .getByText(/ times as fast/)
    .first()
    .waitFor();
  assert.match(page.url(), /with=/);
  await table.getByRole("row", { name: /A job ran, median \d.* \d/ }).waitFor();
  await page.getByRole("img", { name: /Lanes of 5 × Echo on threads: 5 jobs on/ }).waitFor();
  await page.getByRole("img", { name: /Lanes of 3 × Echo on loop: 3 jobs on/ }).waitFor();

  // Lanes and list mark the same moment.
  await page.getByRole("link", { name: "Each" }).click();
  await page.getByRole("button", { name: "Lanes", exact: true }).click();
  await server.submit({ kind: "sleep", executor: "loop", parameters: { ms: FOREVER } });
  const rows = page.getByRole("table", { name: "Jobs" }).locator(".rows .row");
  const marked = page.locator('.rows .row[data-then="true"]');
  await rows.filter({ hasText: "running" }).waitFor();
  const canvas = page.locator(".lanes-canvas");
  const { width = 0 } = (await canvas.boundingBox()) ?? {};
  await canvas.hover({ position: { x: width - 3, y: 60 } });
  await here.until(async () => (await marked.count()) === 1);
  await here.reads(marked, /Sleep/);
  await page.getByRole("searchbox").hover();
  await here.until(async () => (await marked.count()) === 0);
  await rows.last().hover();
  await here.until(async () => (await marked.count()) >= 1);
  await server.cancelAll({});

  for (const message of ["row 1 is bad", "row 22 is bad", "another one"]) {
    await server.submit({ kind: "fail", executor: "loop", parameters: { message } });
  }
  await page.getByRole("link", { name: "By error" }).click();
  const failures = page.getByRole("list", { name: "Failures by error" }).getByRole("listitem");
  await here.until(async () => (await failures.count()) === 2);
  await here.reads(failures.first(), /^2RangeErrorrow \d+ is badFail/);
  await failures.first().getByRole("button", { name: "Open the latest" }).click();
  await page
    .getByRole("complementary", { name: "A job" })
    .getByText("row 22 is bad")
    .first()
    .waitFor();
  await page.keyboard.press("Escape");
  await failures.first().getByRole("link", { name: "Show 2 jobs" }).click();
  await page.getByText("2 jobs match").waitFor();
});

test("what is listed is exported as CSV and JSON, and what was printed is found", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  await server.submit({ kind: "print", executor: "loop", parameters: { lines: 3 } });
  await server.submit({ kind: "echo", executor: "loop", count: 4 });
  await here.until(
    async () => (await server.json<JobsPage>("/api/jobs?limit=1")).counts.states.finished === 5,
  );
  await page.getByRole("searchbox", { name: "Search" }).fill("Line 2 of 3");
  await page.getByText("1 job matches").waitFor();
  const save = async (name: string) => {
    const saving = page.waitForEvent("download");
    await page.getByRole("link", { name, exact: true }).click();
    return readFileSync(await (await saving).path(), "utf8");
  };
  const csv = (await save("CSV")).trim().split("\r\n");
  assert.equal(csv.length, 2);
  assert.match(String(csv[1]), /,print,loop,/);
  await page.getByRole("searchbox", { name: "Search" }).fill("");
  await page.getByText(/^5 jobs$/).waitFor();
  const all = JSON.parse(await save("JSON")) as JobRow[];
  assert.deepEqual(all.map(({ kind }) => kind).sort(), ["echo", "echo", "echo", "echo", "print"]);
});

test("in a long list those that run are pinned above", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "loop", parameters: { ms: FOREVER } });
  await server.submit({ kind: "echo", executor: "threads", count: 300 });
  const pinned = page.getByRole("region", { name: "Running now" });
  await pinned.getByRole("row").filter({ hasText: "Sleep" }).waitFor();
  await server.cancelAll({});
  await pinned.waitFor({ state: "detached" });
});
