// Tests that the tables of scenarios and contenders fit together.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { CONTENDERS } from "./contenders.ts";
import { contendersOf } from "./rounds.ts";
import { SCENARIOS } from "./scenarios.ts";

test("every contender's adapter exists, and every scenario it names", () => {
  const names = SCENARIOS.map(({ name }) => name);
  for (const { module, only = [] } of CONTENDERS) {
    assert(existsSync(new URL(module, import.meta.url)), module);
    for (const name of only) assert(names.includes(name), name);
  }
});

test("every goal can be judged: its metric, its runtime and its rival are measured", () => {
  for (const scenario of SCENARIOS) {
    const contenders = contendersOf(scenario, CONTENDERS);
    assert(scenario.goals.length > 0, scenario.name);
    for (const { metric, runtime, workers, against } of scenario.goals) {
      assert(metric in scenario.metrics, `${scenario.name}: ${metric}`);
      for (const kind of against === undefined ? (["us"] as const) : (["us", against] as const)) {
        const found = contenders.some(
          (one) =>
            one.kind === kind &&
            one.runtime === runtime &&
            (workers === undefined || one.workers === undefined || one.workers === workers),
        );
        assert(found, `${scenario.name}: ${kind} on ${runtime}`);
      }
    }
  }
});
