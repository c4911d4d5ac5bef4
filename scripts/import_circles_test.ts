// Tests of the search for circles.

import assert from "node:assert/strict";
import { findCircles } from "./import_circles.ts";

function circlesOf(graph: Record<string, string[]>): string[][] {
  return findCircles(new Map(Object.entries(graph)));
}

Deno.test("findCircles() finds none where all look down", () => {
  assert.deepEqual(circlesOf({ a: ["b", "c"], b: ["c"], c: [] }), []);
});

Deno.test("findCircles() finds each circle once, also through many files and beside others", () => {
  const graph = { a: ["b"], b: ["c"], c: ["d", "a"], d: ["e"], e: ["d"], f: ["a"] };
  assert.deepEqual(circlesOf(graph), [
    ["d", "e"],
    ["a", "b", "c"],
  ]);
});

Deno.test("findCircles() finds a file that imports itself, and passes over what it does not know", () => {
  assert.deepEqual(circlesOf({ a: ["a", "elsewhere"], b: ["elsewhere"] }), [["a"]]);
});
