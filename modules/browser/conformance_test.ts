// Runs the conformance suite in Chromium, in a page that is cross-origin isolated and in one that is not.

import assert from "node:assert/strict";
import { openConformancePage } from "./_conformance_driver.ts";

/** A test for each executor, not for each case: Deno spends more on a test than most cases take. */
const EXECUTORS = ["EventLoopExecutor", "ThreadPoolExecutor"];

for (const isolated of [false, true]) {
  for (const executor of EXECUTORS) {
    const where = isolated ? "a page that is isolated" : "a page";
    Deno.test(`${executor} passes the conformance suite in ${where}`, async () => {
      await using page = await openConformancePage(isolated);
      const failures: string[] = [];
      let passed = 0;
      for (const [place, { subject, id, title, applies }] of page.cases.entries()) {
        if (!subject.startsWith(executor) || applies !== true) continue;
        const error = await page.run(place);
        if (error === undefined) passed++;
        else failures.push(`[${id}] ${title}: ${error}`);
      }
      assert.deepEqual(failures, []);
      assert.ok(passed > 200, `${passed} cases are not the whole suite`);
    });
  }
}
