// Runs the conformance suite in Chromium, in a page that is cross-origin isolated and in one that is not.

import assert from "node:assert/strict";
import { openConformancePage } from "./conformance/driver.ts";

/** One test, not one for each case: Deno spends more on a test than most cases take. Two pages, as there are two cores. */
Deno.test("both executors pass the conformance suite in a page, isolated or not", async () => {
  const outcomes = await Promise.all([false, true].map(runSuite));
  assert.deepEqual(
    outcomes.flatMap(({ failures }) => failures),
    [],
  );
  const passed = new Map(outcomes.flatMap(({ passed }) => [...passed]));
  for (const executor of ["EventLoopExecutor", "ThreadPoolExecutor"]) {
    for (const page of ["Chromium", "Chromium, isolated"]) {
      const cases = passed.get(`${executor} on ${page}`) ?? 0;
      assert.ok(cases > 200, `${cases} cases of ${executor} on ${page} are not the whole suite`);
    }
  }
});

Deno.test("both executors hold in a page against every kind of hostile value, in every place", async () => {
  for (const isolated of [false, true]) {
    await using page = await openConformancePage(isolated);
    assert.equal(await page.hostile(), undefined);
  }
});

async function runSuite(isolated: boolean) {
  await using page = await openConformancePage(isolated);
  const passed = new Map<string, number>();
  const failures: string[] = [];
  for (const [place, { subject, id, title, applies }] of page.cases.entries()) {
    if (applies !== true) continue;
    const error = await page.run(place);
    if (error === undefined) passed.set(subject, (passed.get(subject) ?? 0) + 1);
    else failures.push(`${subject} [${id}] ${title}: ${error}`);
  }
  return { passed, failures };
}
