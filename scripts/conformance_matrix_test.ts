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
  const missing = completed([PASS, OTHER]).filter(({ outcome }) => outcome === "missing");
  assert.deepEqual(
    missing.map(({ subject, id }) => [subject, id]),
    [
      ["A", "py-10"],
      ["B", "py-2"],
    ],
  );
});

Deno.test("renderMatrix() orders rows by number and shows outcomes, reasons, errors and totals", () => {
  const text = renderMatrix(completed([OTHER, { ...PASS, outcome: "fail", error: "boom" }]));
  assert.ok(text.indexOf("py-2 ") < text.indexOf("py-10 "));
  assert.match(text, /B: no workers\n {4}py-10/);
  assert.match(text, /py-2 on A: fail: two\n {6}boom/);
  assert.match(text, /0 pass, 1 fail, 2 missing, 1 not applicable$/);
});
