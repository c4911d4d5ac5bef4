// Times, rates, numbers of jobs, halts and sizes, as flags say them.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  isHaltDue,
  readDuration,
  readHalt,
  readJobs,
  readMebibytes,
  readRate,
  readRateLimit,
} from "./quantities.ts";

test("readRateLimit() keeps whole numbers whole, and spreads others", () => {
  assert.deepEqual(readRateLimit("10/s", "--rate"), { max: 10, per: 1000 });
  assert.deepEqual(readRateLimit("600/m", "--rate"), { max: 600, per: 60_000 });
  assert.deepEqual(readRateLimit("0.5/s", "--rate"), { max: 1, per: 2000 });
  assert.throws(() => readRateLimit("0/s", "--rate"), /expected a rate/);
});

test("readDuration() knows units, and milliseconds without one", () => {
  assert.deepEqual(
    ["1s", "1000ms", "1000", "1.5m", "2h"].map((text) => readDuration(text, "--delay")),
    [1000, 1000, 1000, 90_000, 7_200_000],
  );
  assert.throws(() => readDuration("1 s", "--delay"), /Cannot use --delay: expected a time/);
});

test("readRate() gives the time between two starts", () => {
  assert.deepEqual(
    ["10/s", "600/m", "0.5/s"].map((text) => readRate(text, "--rate")),
    [100, 100, 2000],
  );
  assert.throws(() => readRate("0/s", "--rate"), /expected a rate/);
});

test("readJobs() knows numbers, shares and differences, and never comes to none", () => {
  assert.deepEqual(
    ["3", "50%", "+1", "-1", "-9", "1%"].map((text) => readJobs(text, 8)),
    [3, 4, 9, 7, 1, 1],
  );
  assert.throws(() => readJobs("0", 8), /expected a number/);
});

test("isHaltDue() counts failures, or their share once three jobs are done", () => {
  assert.equal(isHaltDue(readHalt("now,fail=2"), 1, 1), false);
  assert.equal(isHaltDue(readHalt("now,fail=2"), 2, 2), true);
  assert.equal(isHaltDue(readHalt("soon,fail=50%"), 1, 1), false);
  assert.equal(isHaltDue(readHalt("soon,fail=50%"), 2, 4), true);
  for (const text of ["now", "soon,fail=101%"])
    assert.throws(() => readHalt(text), /such as now,fail=1/);
});

test("readMebibytes() knows M and G", () => {
  assert.deepEqual(
    ["512", "512M", "2g"].map((text) => readMebibytes(text, "--memory-limit")),
    [512, 512, 2048],
  );
  assert.throws(() => readMebibytes("1M", "--memory-limit"), /at least 16M/);
});
