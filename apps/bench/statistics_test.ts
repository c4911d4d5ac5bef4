// Tests of the bench's arithmetic.

import assert from "node:assert/strict";
import { test } from "node:test";
import { median, medianRatio, quantile } from "./statistics.ts";

test("median() is the middle, whatever the order", () => {
  assert.equal(median([3, 1, 100]), 3);
});

test("median() of an even number is the mean of the two in the middle", () => {
  assert.equal(median([4, 1, 2, 100]), 3);
});

test("median() of nothing is NaN", () => {
  assert.equal(median([]), Number.NaN);
});

test("quantile() is the value that the share does not exceed", () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  assert.equal(quantile(values, 0.99), 99);
  assert.equal(quantile(values, 1), 100);
  assert.equal(quantile([5], 0.01), 5);
});

test("medianRatio() compares within a round, so a machine that slows down does not matter", () => {
  assert.equal(medianRatio([1, 10, 100], [2, 20, 200]), 0.5);
});

test("medianRatio() leaves out rounds that one side did not finish", () => {
  assert.equal(medianRatio([1, undefined, 3], [1, 1]), 1);
  assert.equal(medianRatio([undefined], [1]), Number.NaN);
});
