// Tests of how the bench prints its figures.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Section } from "./report.ts";
import type { Scenario } from "./scenario.ts";
import { failureTexts, markdownTable, number, plainTable, tableOf, verdictText } from "./table.ts";

const scenario: Scenario = {
  name: "demo",
  title: "Demo",
  metrics: { task: "µs" },
  kinds: ["us", "peer"],
  size: 1,
  goals: [],
  measure: () => Promise.resolve({}),
};

const section: Section = {
  scenario: "demo",
  runtime: "deno",
  lines: [
    {
      name: "ours",
      kind: "us",
      figures: { task: { median: 1.2345, lowest: 1, highest: 2, perNaked: 0.5 } },
    },
    { name: "theirs", kind: "peer", figures: {}, error: "hangs" },
  ],
  verdicts: [],
};

test("number() has three significant digits and groups thousands", () => {
  assert.equal(number(0.012345), "0.0123");
  assert.equal(number(12.345), "12.3");
  assert.equal(number(1234567.8), "1 234 568");
  assert.equal(number(Number.NaN), "–");
});

test("tableOf() shows spread and ratios of a single metric, and no contender without figures", () => {
  assert.deepEqual(tableOf(scenario, section), [
    ["Deno", "task [µs]", "spread", "× naked", "× best peer"],
    ["ours", "1.23", "1–2", "0.5", ""],
  ]);
  assert.deepEqual(failureTexts(section), ["theirs: hangs"]);
});

test("tableOf() shows the ratios of several metrics in brackets", () => {
  const two = { ...scenario, metrics: { task: "µs", growth: "×" } };
  assert.deepEqual(tableOf(two, section)[1], ["ours", "1.23 (0.5×)", "–"]);
});

test("plainTable() aligns names left and figures right", () => {
  assert.equal(
    plainTable([
      ["a", "µs"],
      ["long", "1"],
    ]),
    "a     µs\nlong   1",
  );
});

test("markdownTable() escapes what would end a cell", () => {
  assert.equal(markdownTable([["a|b", "µs"]]), "| a\\|b | µs |\n| --- | --: |");
});

test("verdictText() names what it was compared to", () => {
  const goal = { runtime: "deno", metric: "task", against: "peer", atMost: 0.125 } as const;
  assert.equal(
    verdictText({ goal, of: "ours", to: "theirs", figure: 0.2, met: false }),
    "ours: task ≤ 0.125 × theirs: 0.2, NOT MET",
  );
  assert.equal(
    verdictText({ goal, of: "ours", figure: Number.NaN, met: false }),
    "ours: task ≤ 0.125 × the best peer: –, not measured",
  );
});
