// Tests that the chart of README.md shows what the benchmarks have.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { burstFigures, CHART, chartOf } from "./speed_chart.ts";

const PAGE = readFileSync("docs/benchmarks.md", "utf8");

Deno.test("the chart is that of the figures: deno task chart draws it anew", () => {
  assert.equal(readFileSync(CHART, "utf8"), chartOf(PAGE));
});

Deno.test("burstFigures() finds those that are shown, and nobody else's", () => {
  const page =
    "## burst\n\n| Deno | task |\n| --- | --: |\n| piscina | 1 234.5 | 1 |\n| naked | 2 | 1 |\n\n| Bun |\n| piscina | 3 |\n";
  assert.deepEqual(burstFigures(page), [["piscina", 1234.5]]);
  assert.ok(burstFigures(PAGE).length >= 6);
});
