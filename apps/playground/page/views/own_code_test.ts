// Tests of the recipes in a browser: each runs in the page and, where that is allowed, on the server, from one start of both.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { JobDetail, JobRow } from "../../../../modules/dashboard/contract.ts";
import { until } from "../../../../modules/dashboard/fixture.ts";
import { look } from "../../../../modules/dashboard/page/look.ts";
import { testPage as test } from "../../../../modules/dashboard/page/test_page.ts";
import { buildPage } from "../../build_page.ts";
import { ON_DENO } from "../../on_deno.ts";
import { started } from "../../started_server.ts";
import { RECIPES } from "../recipes.ts";

const AXE = readFileSync(
  new URL("../../../../node_modules/axe-core/axe.min.js", import.meta.url),
  "utf8",
);

/** What the last call of a recipe gives, where that does not depend on who is first. */
const RESULTS: Readonly<Record<string, unknown>> = {
  "Big CSV": { north: 3_199_806, south: 3_199_834, east: 3_199_779 },
  "Crawler with per-host limits": { "a.example": 2, "b.example": 2, "c.example": 2 },
  Streaming: [1, 4, 9, 16, 25, 36, 49, 64, 81, 100],
  Locks: 100,
  Actor: 120,
};

/** What runs in the sandbox, which is a process of Deno, and in no page. */
const ASKS_DENO = `export const version = () => Deno.version.deno;`;

test("each recipe runs in the page, and in the server's sandbox where the server was started with one", async () => {
  await buildPage();
  await using server = await started(ON_DENO, ["--port", "0", "--memory", "--allow-code"]);
  const token = /\?token=([\w-]+)/.exec(server.output())?.[1];
  await using here = await look(server.address);
  const { page } = here;
  await here.go(`?token=${token}&view=code`);
  const recipe = page.getByLabel("Recipe");
  const titles = await until(async () => {
    const found = await recipe.locator("option").allTextContents();
    return found.length > 1 ? found.slice(1) : undefined;
  });
  assert.deepEqual(
    titles,
    RECIPES.map(({ title }) => title),
  );
  for (const { title, typed } of RECIPES) {
    await recipe.selectOption(title);
    await page.getByRole("button", { name: `Run ${typed.name}` }).click();
    const batch = page.getByRole("region", { name: typed.name });
    await batch.getByText(/^\d+ jobs? in .* of work/).waitFor();
    assert.equal(await batch.locator('li[data-state="failed"]').count(), 0, title);
  }
  // What is said of the server, and that it can be read by everybody.
  await page.getByRole("radio", { name: /sandbox/ }).check();
  await here.reads(page.locator(".code-limits"), /Permissions\s*none.*10.00 s.*64 MiB/s);
  await page.evaluate(AXE);
  const { violations } = (await page.evaluate("axe.run()")) as {
    violations: { id: string; impact: string }[];
  };
  assert.deepEqual(
    violations.filter(({ impact }) => /serious|critical/.test(impact)),
    [],
  );
  // Deno's own names are known where they are, and marked where they are not.
  const marks = page.locator(".cm-lintRange-error");
  await page.locator(".cm-content").focus();
  await page.keyboard.press("ControlOrMeta+A");
  await page.evaluate((text) => navigator.clipboard.writeText(text), ASKS_DENO);
  await page.keyboard.press("ControlOrMeta+V");
  await page.getByRole("radio", { name: /browser/ }).check();
  await marks.filter({ hasText: "Deno" }).waitFor();
  await page.getByRole("radio", { name: /sandbox/ }).check();
  await here.until(async () => (await marks.count()) === 0);
  const headers = { authorization: `Bearer ${token}` };
  const get = async <T>(path: string) =>
    (await (await fetch(`${server.address}api/${path}`, { headers })).json()) as T;
  const batches = new Map<string, string>();
  for (const { title, typed } of RECIPES) {
    await recipe.selectOption(title);
    await page.getByRole("button", { name: `Run ${typed.name}` }).click();
    const link = page.locator(".said").getByRole("link", { name: "See them" });
    const address = (await link.getAttribute("href")) ?? "";
    batches.set(title, /batch=([\w-]+)/.exec(address)?.[1] ?? "");
  }
  for (const [title, batch] of batches) {
    let open: JobRow[];
    let jobs: JobRow[];
    do {
      ({ jobs } = await get<{ jobs: JobRow[] }>(`jobs?batch=${batch}`));
      open = jobs.filter(({ finishedAt }) => finishedAt === null);
      if (open.length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
    } while (open.length > 0);
    const last = jobs.reduce((a, b) => (a.number > b.number ? a : b));
    const { job } = await get<{ job: JobDetail }>(`jobs/${last.id}`);
    assert.equal(job.state, "finished", `${title}: ${JSON.stringify(job.error)}`);
    assert.equal(job.executor, "sandbox");
    if (title in RESULTS) assert.deepEqual(job.result, RESULTS[title], title);
  }
  // And they are there as any other jobs are.
  await here.go("?view=jobs&executor=sandbox");
  await page.getByText(/\d+ jobs match/).waitFor();
});
