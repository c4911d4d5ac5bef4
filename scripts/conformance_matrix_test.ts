// Tests of the matrix: nothing that is broken or missing may look green.

import assert from "node:assert/strict";
import { type Cell, completed, isGreen, parseCells, renderMatrix } from "./conformance_matrix.ts";

const PASS: Cell = { subject: "A", id: "py-2", title: "two", outcome: "pass" };
const OTHER: Cell = {
  subject: "B",
  id: "py-10",
  title: "ten",
  outcome: "n/a",
  reason: "no workers",
};

Deno.test("parseCells() reads results between other lines", () => {
  assert.deepEqual(parseCells(`noise\n${JSON.stringify(PASS)}\n{"x":1}\n`), [PASS]);
});

Deno.test("isGreen() accepts passes and reasons", () => {
  assert.equal(isGreen([PASS, OTHER]), true);
});

Deno.test("isGreen() refuses a fail, a missing row, n/a without a reason, and nothing at all", () => {
  assert.equal(isGreen([{ ...PASS, outcome: "fail" }]), false);
  assert.equal(isGreen([{ ...PASS, outcome: "missing" }]), false);
  assert.equal(isGreen([{ ...PASS, outcome: "n/a" }]), false);
  assert.equal(isGreen([]), false);
});

Deno.test("completed() adds what an executor did not report", () => {
  assert.deepEqual(missingFrom(completed([PASS, OTHER], [], new Map())), ["A py-10", "B py-2"]);
});

Deno.test("completed() adds executors and rows that nobody reported", () => {
  assert.deepEqual(missingFrom(completed([PASS], ["A", "C"], new Map([["py-3", "three"]]))), [
    "A py-3",
    "C py-3",
    "C py-2",
  ]);
});

function missingFrom(cells: readonly Cell[]): string[] {
  return cells
    .filter(({ outcome }) => outcome === "missing")
    .map(({ subject, id }) => `${subject} ${id}`);
}

Deno.test("renderMatrix() orders rows by number and shows outcomes, reasons, errors and totals", () => {
  const text = renderMatrix(
    completed([OTHER, { ...PASS, outcome: "fail", error: "boom" }], [], new Map()),
  );
  assert.ok(text.indexOf("py-2 ") < text.indexOf("py-10 "));
  assert.match(text, /B: no workers\n {4}py-10/);
  assert.match(text, /py-2 on A: fail: two\n {6}boom/);
  assert.match(text, /0 pass, 1 fail, 2 missing, 1 not applicable$/);
});
