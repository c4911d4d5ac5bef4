// Reports what becomes of each kind of value in Chromium, one line of JSON per kind. Run by Deno, which drives the browser.

import { openConformancePage } from "./driver.ts";

await using page = await openConformancePage(true);
for (const report of await page.values()) console.log(JSON.stringify(report));
