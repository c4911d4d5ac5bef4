// Tests of the table of jobs, in a browser: tabs, filters, sorting, rows that exist only in view, actions.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../../../modules/dashboard/fixture.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { started } from "../../started_server.ts";
import { FOREVER, type Visit, visit } from "../visit.ts";

const row = (here: Visit, text: string | RegExp) =>
  here.page.getByRole("row").filter({ hasText: text });

const tab = (here: Visit, name: string) =>
  here.page.getByRole("group", { name: "States" }).getByRole("button", { name });

test("no button beside the filters is higher than these, and charts leave no gap in a row, however wide the page is", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  // There are charts once something has run.
  await server.submit({ kind: "primes", executor: "threads", parameters: { n: 100 } });
  for (const width of [390, 768, 1024, 1280, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    const heightOf = async (of: string) => (await page.locator(of).boundingBox())?.height ?? 0;
    const field = await heightOf(".search input");
    for (const button of [".bulk > button >> nth=0", ".bulk > button >> nth=1"])
      assert.ok((await heightOf(button)) <= field + 12, `${button} at ${width}`);
  }
  await page.getByRole("link", { name: "Charts", exact: true }).click();
  const charts = page.locator(".charts > *");
  await here.until(async () => (await charts.count()) === 6);
  for (const width of [768, 1280, 1680, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    const tops = await charts.evaluateAll((all) =>
      all.map((each) => each.getBoundingClientRect().top),
    );
    assert.equal(tops.length % new Set(tops).size, 0, `${tops.join()} at ${width}`);
    const inRow = (top: number) => tops.filter((each) => each === top).length;
    assert.equal(new Set(tops.map(inRow)).size, 1, `rows of as many at ${width}`);
  }
});

test("tabs count states and reasons, and filters, search and sorting stand in the URL", async () => {
  await using here = await visit(ON_DENO, "?view=jobs");
  const { page, server } = here;
  await page.getByText("No jobs yet").waitFor();
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
  await page.getByText("1 job matches").waitFor();
  assert.match(page.url(), /text=needle/);
  await page.reload();
  await row(here, "RangeError: needle").waitFor();
  assert.equal(await page.getByRole("searchbox", { name: "Search" }).inputValue(), "needle");
  await page.getByRole("searchbox", { name: "Search" }).fill("no such thing");
  await page.getByText("No jobs match").waitFor();
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
  await page.getByRole("button", { name: "Run again, job 7", exact: true }).waitFor();
  await page.getByRole("button", { name: "Interrupt job 1" }).click();
  await page.getByRole("button", { name: "Run again, job 1", exact: true }).click();
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

/** What a URL may ask a list for, and the server refuses. */
const NO_LISTS = [
  "state=bogus",
  "state=Finished",
  "reason=bogus",
  "worker=first",
  "worker=-1",
  "worker=1.5",
  `batch=${"x".repeat(101)}`,
  `executor=${"x".repeat(101)}`,
  `kind=${"x".repeat(101)}`,
  `text=${"x".repeat(201)}`,
];

test("a URL that asks for no list is told what is wrong with it, once, and the way back", async () => {
  await using here = await visit(ON_DENO, "?view=jobs", { expected: /status of 400/ });
  const { page, server } = here;
  await server.submit({ kind: "echo", executor: "loop" });
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/api/jobs?")) asked++;
  });
  for (const query of NO_LISTS) {
    await here.go(`?view=jobs&${query}`);
    await page.getByText("There is no such list").waitFor();
    const [name = ""] = query.split("=");
    await here.reads(page.getByRole("table"), new RegExp(`Cannot read request: ${name} `));
    assert.equal(await page.getByText("Loading").count(), 0, query);
  }
  // Not again and again, whatever changes.
  const before = asked;
  await server.submit({ kind: "echo", executor: "loop", count: 50 });
  await here.reads(page.locator('.tally [data-state="finished"]'), /: 51$/);
  assert.equal(asked, before);
  await page.getByRole("link", { name: "Show all jobs" }).click();
  await page.getByText("51 jobs", { exact: true }).waitFor();
});

test("a URL that asks for what is not there shows what is", async () => {
  await using here = await visit(ON_DENO, "", { expected: /status of 404/ });
  const { page, server } = here;
  await server.submit({ kind: "echo", executor: "loop" });
  const long = "x".repeat(3000);
  for (const [query, shown] of [
    ["view=bogus", "There is no view “bogus” here"],
    ["view=", "Worker lanes"],
    ["view=Jobs", "There is no view “Jobs” here"],
    ["view=__proto__", "There is no view “__proto__” here"],
    ["view=live&executor=bogus", "A mixed load"],
    ["view=jobs&sort=bogus&order=bogus", "1 job"],
    ["view=jobs&state=&reason=&text=", "1 job"],
    ["view=jobs&kind=bogus", "No jobs match"],
    ["view=jobs&worker=99", "No jobs match"],
    ["view=jobs&job=bogus", "This job is not known any more"],
    ["view=charts&executor=bogus", "Throughput"],
    ["view=compare&kind=bogus", "Compare two executors"],
    ["view=submit&kind=bogus", "Word frequencies"],
    [`view=submit&kind=${long}`, "Word frequencies"],
    ["view=jobs&state=finished&state=bogus", "1 job"],
  ] as const) {
    await here.go(`?${query}`);
    await page.getByText(shown).first().waitFor();
    assert.equal(await page.getByText("Loading", { exact: true }).count(), 0, query);
  }
});

test("a job that was lost with its server has no time that it ran, for nobody knows it", async () => {
  const home = fileURLToPath(new URL("../../../../temp/playground/", import.meta.url));
  mkdirSync(home, { recursive: true });
  const folder = mkdtempSync(join(home, "test-"));
  try {
    const options = ["--port", "0", "--history", join(folder, "history.sqlite")];
    {
      await using server = await started(ON_DENO, options);
      await server.submit({ kind: "echo", executor: "loop" });
      const [running] = await server.submit({
        kind: "sleep",
        executor: "loop",
        parameters: { ms: FOREVER },
      });
      await until(
        async () => (await server.job(String(running?.id))).state === "running" || undefined,
      );
      // Once it is written.
      await server.json("/api/jobs?text=sleep");
      await server.kill();
    }
    await using here = await visit(ON_DENO, "?view=jobs", { serverOptions: options });
    const lost = row(here, "lost with the server");
    await lost.waitFor();
    const times = () => lost.locator(".time").allTextContents();
    assert.equal((await times())[1], "–");
    // It stands last, wherever those that ran stand.
    for (const order of ["asc", "desc"]) {
      await here.go(`?view=jobs&sort=run&order=${order}`);
      await here.until(async () => (await here.page.locator(".rows .row").count()) === 2);
      await here.reads(here.page.locator('.row[aria-rowindex="3"]'), /lost with the server/);
    }
    await lost.click();
    const panel = here.page.getByRole("complementary", { name: "A job" });
    await here.reads(panel.locator(".facts"), /Ran–/);
    await here.reads(panel.locator(".waterfall"), /until it was lost/);
    await here.reads(panel, /It printed nothing\./);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
