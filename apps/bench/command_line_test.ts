// Tests of the bench's arguments.

import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP, parseCommandLine } from "./command_line.ts";

test("parseCommandLine() splits lists and reads numbers", () => {
  const options = parseCommandLine(["--quick", "--only", "burst, map", "--rounds", "3"]);
  assert.equal(options.quick, true);
  assert.deepEqual(options.only, ["burst", "map"]);
  assert.equal(options.rounds, 3);
  assert.equal(options.json, false);
});

test("parseCommandLine() refuses what it does not know", () => {
  assert.throws(() => parseCommandLine(["--fast"]), TypeError);
  assert.throws(() => parseCommandLine(["--rounds", "0"]), TypeError);
  assert.throws(() => parseCommandLine(["--only"]), TypeError);
});

test("the help text names every option", () => {
  for (const option of [
    "quick",
    "only",
    "contenders",
    "rounds",
    "json",
    "write",
    "guard",
    "help",
  ]) {
    assert(HELP.includes(`--${option}`), option);
  }
});
