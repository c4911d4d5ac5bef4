// Random programs over the model: a hundred thousand deeds, what must hold after each, and the seeds that once failed.

import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import fc from "fast-check";
import { deedsDone, type ModelOptions, runModel } from "./model.ts";

/** Enough for a hundred thousand deeds. */
const RUNS = 800;
const MOST_DEEDS = 260;

const options: fc.Arbitrary<ModelOptions> = fc.record(
  {
    maxWorkers: fc.integer({ min: 1, max: 4 }),
    sharesMemory: fc.boolean(),
    keepsWord: fc.boolean(),
    abandons: fc.boolean(),
    isObserved: fc.boolean(),
    maxTasksPerWorker: fc.integer({ min: 1, max: 5 }),
    interruptGrace: fc.constantFrom(0, 30),
    maxQueue: fc.integer({ min: 0, max: 6 }),
  },
  { requiredKeys: ["maxWorkers", "sharesMemory", "keepsWord", "abandons", "isObserved"] },
);

const choices = fc.array(fc.nat({ max: 2 ** 31 - 1 }), {
  minLength: 20,
  maxLength: MOST_DEEDS,
  size: "max",
});

test("whatever is done to a pool, its invariants hold", async () => {
  const runs = Number(process.env.MODEL_RUNS ?? RUNS);
  await fc.assert(fc.asyncProperty(options, choices, runModel), { numRuns: runs });
  assert.ok(deedsDone > runs * 100, `${deedsDone} deeds`);
});

/** Programs that once broke an invariant, as they were shrunk. */
const REGRESSIONS: readonly (readonly [what: string, options: ModelOptions, deeds: number[]])[] = [
  [
    "a call sent to a worker that has just died runs elsewhere, and does not fail",
    { maxWorkers: 1, sharesMemory: false, keepsWord: false, abandons: false, isObserved: false },
    [0, 1832926062, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1940286678, 0, 0, 0, 0],
  ],
  [
    "a call that a dead worker never said it began is not lost with it",
    { maxWorkers: 1, sharesMemory: false, keepsWord: true, abandons: false, isObserved: false },
    [616677200, 16870362, 1199972846, ...Array(14).fill(0), 596897988, 0, 0, 0, 0, 0, 0],
  ],
];

for (const [what, options, deeds] of REGRESSIONS) test(what, () => runModel(options, deeds));
