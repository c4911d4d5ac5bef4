// Tests of charts, comparison, experiments and pools, in a browser.

import assert from "node:assert/strict";
import type { ExecutorView, JobRow } from "../../../../modules/dashboard/contract.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import type { ExperimentView } from "../../contract.ts";
import { ON_DENO } from "../../on_deno.ts";
import { FOREVER, type Visit, visit } from "../visit.ts";

async function threads(server: Visit["server"]): Promise<ExecutorView> {
  const { executors } = await server.json<{ executors: ExecutorView[] }>("/api/executors");
  return executors.find(({ name }) => name === "threads") as ExecutorView;
}

test("the charts draw what an executor did", async () => {
  await using here = await visit(ON_DENO, "?view=charts");
  const { page, server } = here;
  await page.getByText("Nothing to draw yet").waitFor();
  await server.submit({ kind: "echo", executor: "threads", count: 500 });
  for (const title of [
    "Throughput",
    "Queue depth",
    "Waiting time",
    "Running time",
    "Workers",
    "Submitted",
  ]) {
    const chart = page.getByRole("img", { name: new RegExp(`^${title}`) });
    await chart.locator("canvas").waitFor();
    const inked = (canvas: HTMLCanvasElement) => {
      const { data } =
        canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height) ?? {};
      return data?.some((part) => part !== 0) ?? false;
    };
    await here.until(() => chart.locator("canvas").evaluate(inked));
  }
  await page.getByRole("img", { name: /Submitted\. Last: submitted/ }).waitFor();
  // By minutes, of which the first one goes on.
  await page.getByRole("button", { name: "1 day" }).click();
  await page.getByText("the highest second of its minute").waitFor();
  // Not all 500: a slow machine takes them in more than one second.
  await page.getByRole("img", { name: /Submitted\. Last: submitted [1-9]/ }).waitFor();
  assert.match(page.url(), /span=1d/);
  await page.getByRole("button", { name: "5 minutes" }).click();
  await page.getByRole("button", { name: "loop" }).click();
  await page.getByText("Nothing to draw yet").waitFor();
  assert.match(page.url(), /executor=loop/);
});

test("a comparison runs the same batch on two executors, side by side", async () => {
  await using here = await visit(ON_DENO, "?view=compare&kind=sleep");
  const { page } = here;
  await page.getByText("No comparison yet").waitFor();
  await page.getByRole("button", { name: /^12 × Primes: threads against loop$/ }).waitFor();
  await page.getByLabel("For", { exact: true }).fill("10");
  await page.getByLabel("How many").fill("8");
  await page.getByRole("button", { name: "Compare", exact: true }).click();
  await page.locator('.compare-head .state[data-state="finished"]').waitFor();
  const sides = page.locator(".side");
  assert.equal(await sides.count(), 2);
  for (const side of await sides.all()) {
    const text = (await side.textContent()) ?? "";
    assert.match(text, /All workers\d/);
    assert.match(text, /One worker\d/);
    assert.match(text, /[\d.]+ m?s to [\d.]+ m?s/);
    assert.match(text, /Speed-up over one worker[\d.]+ ×/);
    assert.match(text, /Waitedp50 [\d.]+ m?s/);
    assert.match(text, /Ranp50 [\d.]+ m?s/);
  }
  await here.reads(page.locator(".verdict"), /not told apart|times as fast as/);
  await page.getByRole("img", { name: /^threads: 1\.00 times on 1, [\d.]+ times on/ }).waitFor();
  // After a reload all of it is there, whatever is asked for: the form is of the same kind, and the lanes are those of the runs.
  await here.go("?view=compare");
  for (const [executor, label] of [
    ["threads", "First executor"],
    ["processes", "Second executor"],
  ] as const) {
    await page.getByRole("img", { name: new RegExp(`^Lanes of ${executor}: 8 jobs on`) }).waitFor();
    assert.equal(await page.getByLabel(label).inputValue(), executor);
  }
  assert.equal(await page.getByLabel("Kind").inputValue(), "sleep");
  await page.getByLabel("Kind").selectOption("primes");
  await page.getByText("Primes is not compared yet").waitFor();
  await sides.first().getByRole("link", { name: "Its jobs" }).click();
  await page.getByText("8 jobs match").waitFor();
});

test("each experiment says what to expect, and then what happened and how long recovery took", async () => {
  await using here = await visit(ON_DENO, "?view=break");
  const { page, server } = here;
  await page.getByText("Nothing is broken yet").waitFor();
  const { experiments } = await server.json<{ experiments: ExperimentView[] }>("/api/experiments");
  for (const { title, expect, executors } of experiments) {
    const card = page.locator(".experiment").filter({ hasText: title });
    await card.getByText(expect).waitFor();
    const [executor] = executors;
    if (executor === undefined) {
      await card.getByText("No executor here can be asked to").waitFor();
      continue;
    }
    await card.getByRole("button", { name: executor }).click();
    // To fill its memory takes a worker long where others are at work.
    const over = card.getByText(/over after [\d.]+ \w+, next job after [\d.]+ \w+/);
    await over.waitFor({ timeout: 180_000 });
    const told = page.getByRole("status", { name: "What happened" });
    await told.getByRole("heading", { name: title }).waitFor();
    await told.getByText("Happened", { exact: true }).waitFor();
  }
  await page.getByRole("button", { name: "The job that broke" }).click();
  await page.getByRole("complementary", { name: "A job" }).waitFor();
});

test("pools tell what limits them, are warmed up, and share a table; no more of a key ran at once than is told", async () => {
  await using here = await visit(ON_DENO, "?view=pools");
  const { page, server } = here;
  const polite = page.getByRole("article", { name: "polite" });
  await polite.getByText("2 of one key at once").waitFor();
  await polite.getByText("begins 10 a second").waitFor();
  assert.equal(await polite.getByRole("button", { name: "Warm up" }).count(), 0);
  const settled = async (jobs: JobRow[]) => {
    const ids = jobs.map(({ id }) => id);
    await here.until(async () => {
      const now = await Promise.all(ids.map((id) => server.job(id)));
      return now.every(({ state }) => state === "finished");
    });
    return await Promise.all(ids.map((id) => server.job(id)));
  };
  const visits = { kind: "visit", executor: "polite", count: 5 };
  const [one, other] = [
    await server.submit({ ...visits, parameters: { host: "example.org", ms: 500 } }),
    await server.submit({ ...visits, parameters: { host: "example.net", ms: 500 } }),
  ];
  const pool = page.getByRole("article", { name: "threads" });
  await pool.getByText("No worker is running").waitFor();
  await pool.getByRole("button", { name: "Warm up" }).click();
  await page.getByText(/^threads is warm: /).waitFor();
  const end = pool.getByRole("button", { name: /^End / });
  const workers = Number((await threads(server)).maxWorkers);
  await here.until(async () => (await end.count()) === workers);
  // One more than there are workers: in one of them it is not the first.
  const lookups = await server.submit({ kind: "lookup", executor: "threads", count: workers + 1 });
  const told = (await settled(lookups)).map(({ summary }) => summary ?? "");
  assert.match(told.join(), /^22,193,521, read \d+ of this worker's copy of 50,000 entries/);
  assert.match(told.join(), /read 2 of/);
  for (const jobs of [one, other]) {
    const spans = await settled(jobs);
    for (const { startedAt } of spans) {
      const open = spans.filter(
        (span) =>
          Number(span.startedAt) <= Number(startedAt) &&
          Number(startedAt) < Number(span.finishedAt),
      );
      assert.ok(open.length <= 2, JSON.stringify(spans.map((s) => [s.startedAt, s.finishedAt])));
    }
  }
});

test("a pool grows and shrinks, pauses and resumes, and one of its workers is ended", async () => {
  await using here = await visit(ON_DENO, "?view=pools");
  const { page, server } = here;
  const pool = page.getByRole("article", { name: "threads" });
  await pool.getByText("No worker is running").waitFor();
  const { maxWorkers } = await threads(server);
  const more = (maxWorkers ?? 0) + 1;
  await pool.getByRole("button", { name: "One worker more" }).click();
  await here.reads(pool.locator("output"), new RegExp(`^${more} workers`));
  // The page shows what was asked for, before the server has heard of it.
  await here.until(async () => (await threads(server)).maxWorkers === more);
  await server.submit({
    kind: "sleep",
    executor: "threads",
    count: more + 1,
    parameters: { ms: FOREVER },
  });
  const end = pool.getByRole("button", { name: /^End / });
  await here.until(async () => (await end.count()) === more);
  const name = await end.first().getAttribute("aria-label");
  await end.first().click();
  await pool.getByRole("button", { name: String(name) }).waitFor({ state: "detached" });
  await here.until(async () => (await end.count()) === more);
  await here.reads(pool.getByText("workers lost").locator(".."), /1$/);
  await pool.getByRole("button", { name: "One worker fewer" }).click();
  await here.reads(pool.locator("output"), new RegExp(`^${more - 1} workers`));
  await pool.getByRole("button", { name: "Refuse new jobs" }).click();
  await pool.getByText("refuses new jobs").waitFor();
  assert.equal((await threads(server)).intake, "paused");
  await pool.getByRole("button", { name: "Take new jobs" }).click();
  await pool.getByRole("button", { name: "Refuse new jobs" }).waitFor();
  await server.cancelAll({});
});
