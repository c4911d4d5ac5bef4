// Tests of hostile values themselves: what is said of each kind is what the platform's own structured clone does with it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../../testing/seeded.ts";
import { portrait } from "./portrait.ts";
import { drawRecipe, fateOf, kindNames, makeValue } from "./recipe.ts";
import { shrink } from "./shrink.ts";
import { drawSteps } from "./steps.ts";

const SEEDS = Array.from({ length: 8 }, (_, seed) => seed + 1);

/** The portrait of the platform's own clone; undefined where it refuses. */
async function cloned(recipe: string): Promise<string | undefined> {
  let clone: unknown;
  try {
    clone = structuredClone(makeValue(recipe));
  } catch {
    return undefined;
  }
  return await portrait(clone);
}

test("there are kinds by the dozen, and the same recipe makes the same value", async () => {
  assert.ok(kindNames.length >= 90, `${kindNames.length} kinds`);
  for (const name of kindNames)
    for (const seed of SEEDS) {
      const recipe = `${name}:${seed}`;
      assert.equal(await portrait(makeValue(recipe)), await portrait(makeValue(recipe)), recipe);
    }
});

test("what must arrive whole is what structured clone carries whole", async () => {
  for (const name of kindNames)
    for (const seed of SEEDS) {
      const recipe = `${name}:${seed}`;
      const whole = await portrait(makeValue(recipe));
      const copy = await cloned(recipe);
      if (fateOf(recipe) === "whole") assert.equal(copy, whole, recipe);
      // A runtime throws for it, or empties it: which is what must not be.
      if (fateOf(recipe) === "refused")
        assert.ok(
          copy === undefined || /^Object \{("isTrusted": \w+)?\}$/.test(copy),
          `${recipe}: ${copy}`,
        );
    }
});

test("a portrait tells apart what is alike at first sight", async () => {
  const buffer = new ArrayBuffer(8);
  const alike: readonly (readonly [unknown, unknown])[] = [
    [0, -0],
    ["1", 1],
    [1, 1n],
    [null, undefined],
    [[undefined], new Array(1)],
    ["\ud800", "\ufffd"],
    [{}, new Map()],
    [{}, new Blob([])],
    [new Set([1]), new Set([2])],
    [new Uint8Array(8), new Uint8ClampedArray(8)],
    [new Uint8Array(buffer), new Uint8Array(buffer, 0, 4)],
    [
      [buffer, buffer],
      [buffer, new ArrayBuffer(8)],
    ],
    [new ArrayBuffer(8), new ArrayBuffer(8, { maxByteLength: 16 })],
    [new Error("a"), new TypeError("a")],
    [new Error("a"), new Error("a", { cause: 1 })],
    [new AggregateError([1], "a"), new AggregateError([2], "a")],
    [new DOMException("a", "AbortError"), new DOMException("a", "DataError")],
    [new URL("http://a"), new URL("http://b")],
    [new Blob(["a"]), new Blob(["b"])],
  ];
  for (const [one, other] of alike)
    assert.notEqual(await portrait(one), await portrait(other), await portrait(one));
});

test("a seed decides all that a program does", () => {
  assert.deepEqual(drawSteps(7, 200), drawSteps(7, 200));
  const random = seeded(3);
  const recipes = Array.from({ length: 3000 }, () => drawRecipe(random));
  const drawn = new Set(recipes.map((recipe) => recipe.split(":")[0]));
  assert.equal(drawn.size, kindNames.length, "every kind is drawn");
});

test("shrink() leaves only what is needed to fail", async () => {
  const steps = Array.from({ length: 100 }, (_, n) => n);
  const fails = (part: readonly number[]) =>
    Promise.resolve(part.includes(17) && part.includes(63) ? "both" : undefined);
  assert.deepEqual(await shrink(steps, "all", fails), { part: [17, 63], failure: "both" });
});
