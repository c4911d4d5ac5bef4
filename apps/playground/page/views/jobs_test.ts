// Tests of the table of jobs, in a browser: tabs, filters, sorting, rows that exist only in view, actions.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ON_DENO } from "../../on_deno.ts";
import { FOREVER, type Visit, visit } from "../visit.ts";

const row = (here: Visit, text: string | RegExp) =>
  here.page.getByRole("row").filter({ hasText: text });

const tab = (here: Visit, name: string) =>
  here.page.getByRole("group", { name: "States" }).getByRole("button", { name });

test("tabs count states and reasons, and filters, search and sorting stand in the URL", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  await page.getByText("No job yet").waitFor();
  await server.submit({ kind: "primes", executor: "loop", count: 3, parameters: { n: 100 } });
  await server.submit({ kind: "fail", executor: "loop", parameters: { message: "needle" } });
  await server.submit({
    kind: "sleep",
    executor: "threads",
    parameters: { ms: FOREVER },
    timeout: 5,
  });
  await here.reads(tab(here, "all"), /5$/);
  await here.reads(tab(here, "finished"), /3$/);
  await here.reads(tab(here, "failed"), /2$/);
  await here.reads(tab(here, "timed out"), /1$/);
  await tab(here, "timed out").click();
  await page.getByText("1 job", { exact: true }).waitFor();
  assert.match(page.url(), /state=failed&reason=timed-out/);
  await tab(here, "all").click();
  await page.getByRole("searchbox", { name: "Search" }).fill("needle");
  await row(here, "RangeError: needle").waitFor();
  await page.getByText("1 job match").waitFor();
  assert.match(page.url(), /text=needle/);
  await page.reload();
  await row(here, "RangeError: needle").waitFor();
  assert.equal(await page.getByRole("searchbox", { name: "Search" }).inputValue(), "needle");
  await page.getByRole("searchbox", { name: "Search" }).fill("no such thing");
  await page.getByText("No job is like that").waitFor();
  await page.getByRole("link", { name: "Show all jobs" }).click();
  await page.getByText("5 jobs").waitFor();
  await page.getByLabel("Kind").selectOption("primes");
  await page.getByText("3 jobs match").waitFor();
  await page.getByLabel("Executor").selectOption("threads");
  await page.getByText("0 jobs match").waitFor();
  await page.goBack();
  await page.getByText("3 jobs match").waitFor();
  const numbers = () => page.locator(".rows .number").allTextContents();
  await here.until(async () => (await numbers()).join() === "3,2,1");
  await page.getByRole("button", { name: "No." }).click();
  await here.until(async () => (await numbers()).join() === "1,2,3");
  assert.match(page.url(), /order=asc/);
  await page.getByRole("button", { name: "Ran" }).click();
  await page.getByRole("columnheader", { name: "Ran" }).and(page.locator("[aria-sort]")).waitFor();
});

test("a row shows progress, and is cancelled, interrupted and run again", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "loop", count: 7, parameters: { ms: FOREVER } });
  await row(here, "running").first().getByRole("progressbar").waitFor();
  await page.getByRole("button", { name: "Cancel job 7" }).click();
  await page.getByRole("button", { name: "Run job 7 again", exact: true }).waitFor();
  await page.getByRole("button", { name: "Interrupt job 1" }).click();
  await page.getByRole("button", { name: "Run job 1 again", exact: true }).click();
  await page.getByText("Job 1 runs again, as job 8").waitFor();
  await here.reads(tab(here, "cancelled"), /2$/);
  await server.cancelAll({});
});

test("all that a list shows are cancelled or run again, after their number was confirmed", async () => {
  await using here = await visit(ON_DENO, "?view=jobs&kind=sleep");
  const { page, server } = here;
  await server.submit({ kind: "sleep", executor: "loop", count: 60, parameters: { ms: FOREVER } });
  await server.submit({ kind: "primes", executor: "loop", parameters: { n: 10 }, priority: -1 });
  await page.getByRole("button", { name: "Cancel 60" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel 60 jobs?" });
  await dialog.getByText("60 pending and running jobs that match the filter").waitFor();
  await dialog.getByRole("button", { name: "Keep everything as it is" }).click();
  await dialog.waitFor({ state: "detached" });
  assert.equal((await server.json<{ total: number }>("/api/jobs?state=cancelled")).total, 0);
  await page.getByRole("button", { name: "Cancel 60" }).click();
  await dialog.getByRole("button", { name: "Cancel 60 jobs" }).click();
  await page.getByText("Cancelled 60 of 60 jobs").waitFor();
  await here.reads(tab(here, "cancelled"), /60$/);
  await page.getByRole("button", { name: "Retry 60" }).click();
  await page
    .getByRole("dialog", { name: "Run 60 jobs again?" })
    .getByRole("button", { name: "Run 60 jobs again" })
    .click();
  await page.getByText("Submitted 60 jobs again").waitFor();
  await here.reads(tab(here, "all"), /120$/);
  await server.cancelAll({});
});
