// Axe looks at every view, with jobs in it, in light and dark: nothing that is serious may be found.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { testPage as test } from "../../../modules/dashboard/page/test_page.ts";
import { ON_DENO } from "../on_deno.ts";
import { FOREVER, viewsOf, visit } from "./visit.ts";

const AXE = readFileSync(
  new URL("../../../node_modules/axe-core/axe.min.js", import.meta.url),
  "utf8",
);

interface Finding {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What has to be there of a view before anybody looks at it: its data, and not only its frame. */
const READY: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  live: (page) => page.getByText(/^[1-9][\d,]* bars? .*in view$/).waitFor(),
  submit: (page) => page.getByRole("button", { name: "Run 1 job" }).waitFor(),
  jobs: (page) => page.getByRole("row").filter({ hasText: "running" }).first().waitFor(),
  "jobs&by=run": (page) => page.getByRole("list", { name: "Runs" }).waitFor(),
  "jobs&by=error": (page) => page.getByRole("list", { name: "Failures by error" }).waitFor(),
  charts: (page) => page.locator(".chart canvas").first().waitFor(),
  async compare(page) {
    await page.locator('.compare-head .state[data-state="finished"]').waitFor();
    await page.getByRole("img", { name: /^Lanes of loop: 2 jobs/ }).waitFor();
  },
  break: (page) => page.getByText(/over after [\d.]+ \w+/).waitFor(),
  pools: (page) => page.locator(".workers li").first().waitFor(),
  async code(page) {
    await page.locator(".cm-content").waitFor();
    await page.getByRole("button", { name: "Run longestOrbit" }).click();
    await page
      .getByRole("region", { name: "longestOrbit" })
      .getByText(/8 jobs (done,|in) /)
      .waitFor();
  },
  async browser(page) {
    await page.getByRole("button", { name: "Print some lines" }).click();
    await page
      .getByRole("region", { name: "Print" })
      .getByText(/^2 jobs in /)
      .waitFor();
  },
};

test("axe finds nothing serious in any view with its data, light or dark", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  const compared = { kind: "echo", executors: ["threads", "loop"], count: 2, repeats: 2 };
  await server.post("/api/comparisons", { ...compared, parameters: {} });
  await server.submit({ kind: "fail", executor: "threads" });
  await server.submit({ kind: "exit", executor: "threads" });
  const [failed] = await server.submit({ kind: "fail", executor: "loop" });
  const [printed] = await server.submit({ kind: "print", executor: "threads" });
  await server.post("/api/trials", { experiment: "throw", executor: "loop" });
  const found: unknown[] = [];
  async function look(what: string): Promise<void> {
    await page.evaluate(AXE);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      // Of colours alone there are two sorts.
      const rules = colorScheme === "light" ? "" : '{ runOnly: ["color-contrast"] }';
      const { violations } = (await page.evaluate(`axe.run(${rules})`)) as {
        violations: Finding[];
      };
      for (const { id, impact, nodes } of violations) {
        if (impact !== "serious" && impact !== "critical") continue;
        for (const { html, failureSummary } of nodes)
          found.push({ what, colorScheme, id, html, failureSummary });
      }
    }
  }
  // The comparison makes pools smaller while it runs: what is to stand still begins after it.
  await here.go("?view=compare");
  await READY.compare?.(page);
  const forever = { kind: "sleep", executor: "threads", parameters: { ms: FOREVER } };
  await server.submit({ ...forever, count: 3 });
  const views = (await viewsOf(page)).map((view) => /view=(\w+)/.exec(view)?.[1] ?? "live");
  const known = Object.keys(READY).map((view) => /^\w+/.exec(view)?.[0]);
  assert.deepEqual(new Set(views), new Set(known), "each view has something to wait for");
  for (const [view, isReady] of Object.entries(READY)) {
    await here.go(`?view=${view}`);
    await page.getByText("Connected", { exact: true }).waitFor();
    await isReady(page);
    await look(view);
  }
  await here.go(`?view=jobs&job=${failed?.id}`);
  await page.getByText("caused by").waitFor();
  await look("a job");
  await here.go(`?view=jobs&job=${printed?.id}`);
  await page.getByRole("list", { name: "Console" }).getByText("Line 49 of 50").waitFor();
  await look("what a job has printed");
  await page.keyboard.press("Control+k");
  await page.locator(".palette [role=option]").first().waitFor();
  await look("the palette");
  assert.deepEqual(found, []);
  await server.cancelAll({});
});
