// Reports the conformance matrix of Chromium, one line of JSON per case. Run by Deno, which drives the browser.

import { openConformancePage } from "./driver.ts";

for (const isolated of [false, true]) {
  await using page = await openConformancePage(isolated);
  for (const [place, { applies, ...cell }] of page.cases.entries()) {
    const error = applies === true ? await page.run(place) : undefined;
    const outcome = applies !== true ? "n/a" : error === undefined ? "pass" : "fail";
    const reason = applies === true ? {} : { reason: applies };
    console.log(JSON.stringify({ ...cell, outcome, ...reason, ...(error ? { error } : {}) }));
    if (outcome === "fail") Deno.exitCode = 1;
  }
}
