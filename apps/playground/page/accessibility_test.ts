// Axe looks at every view, with jobs in it, in light and dark: nothing that is serious may be found.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Trial } from "../../../modules/dashboard/contract.ts";
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

test("axe finds nothing serious in any view, light or dark", async () => {
  await using here = await visit(ON_DENO);
  const { page, server } = here;
  await server.submit({ kind: "fail", executor: "threads" });
  await server.submit({ kind: "exit", executor: "threads" });
  const [failed] = await server.submit({ kind: "fail", executor: "loop" });
  await server.json<{ trial: Trial }>("/api/trials", {
    method: "POST",
    body: JSON.stringify({ experiment: "throw", executor: "loop" }),
    headers: { "content-type": "application/json" },
  });
  await server.submit({
    kind: "sleep",
    executor: "threads",
    count: 3,
    parameters: { ms: FOREVER },
  });
  const addresses = [...(await viewsOf(page)), `?view=jobs&job=${failed?.id}`];
  const found: unknown[] = [];
  for (const address of addresses) {
    await here.go(address);
    await page.locator("main > *").first().waitFor();
    await page.getByText("Connected", { exact: true }).waitFor();
    if (address.includes("job=")) await page.getByText("caused by").waitFor();
    if (address.includes("charts")) await page.locator(".chart canvas").first().waitFor();
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
          found.push({ address, colorScheme, id, html, failureSummary });
      }
    }
  }
  assert.deepEqual(found, []);
  await server.cancelAll({});
});
