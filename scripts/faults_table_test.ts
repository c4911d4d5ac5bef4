// Tests of how results of the fault suite are shown and judged.

import assert from "node:assert/strict";
import type { FaultResult } from "../modules/proofs/faults/fault.ts";
import { isContained, renderFaults, renderRun } from "./faults_table.ts";

const RESULT: FaultResult = {
  subject: "ThreadPoolExecutor on Deno",
  id: "kill",
  title: "a worker is killed",
  outcome: "survived",
  lost: 0,
  doubled: 0,
  bystanders: 20,
  recovery: 12.4,
  elapsed: 100,
};

Deno.test("renderFaults() shows a row for each fault and a column for each executor", () => {
  const table = renderFaults([
    RESULT,
    { ...RESULT, subject: "ProcessPoolExecutor on Bun", recovery: 30 },
    { ...RESULT, id: "exit", outcome: "n/a", reason: "nothing exits", bystanders: 0 },
  ]);
  const [head, kill, exit] = table.split("\n");
  assert.match(head ?? "", /^fault +Threads on Deno +Processes on Bun$/);
  assert.match(kill ?? "", /^kill +ok 12 +ok 30$/);
  assert.match(exit ?? "", /^exit +-$/);
  assert.match(
    table,
    /2 survived, 0 failed, 0 beyond the runtime, 1 cannot occur; of 40 bystanders 0 lost/,
  );
});

Deno.test("renderFaults() tells what failed, what was lost and what a runtime cannot do", () => {
  const failed: FaultResult = {
    ...RESULT,
    outcome: "failed",
    lost: 2,
    doubled: 1,
    error: "broken",
  };
  const limit: FaultResult = { ...RESULT, id: "abort", outcome: "limit", reason: "it cannot" };
  const table = renderFaults([failed, limit]);
  assert.match(table, /FAILED 2 lost 1 doubled/);
  assert.match(table, /cannot/);
  assert.match(table, /Threads on Deno, abort: it cannot/);
  assert.match(table, /a worker is killed\n {4}broken/);
  assert.equal(isContained(failed), false);
  assert.equal(isContained(limit), true);
  assert.equal(isContained(RESULT), true);
});

Deno.test("renderRun() tells in a line what became of a run, and the figures of its long parts", () => {
  const chaos: FaultResult = { ...RESULT, id: "chaos", notes: ["7 calls from seed 5"] };
  const lines = renderRun("run 2 of 10", [RESULT, chaos]).split("\n");
  assert.match(lines[0] ?? "", /^run 2 of 10: 2 survived, 0 failed, .*0 lost, 0 ran twice/);
  assert.deepEqual(lines.slice(1), ["  Threads on Deno, chaos: 7 calls from seed 5"]);
});
