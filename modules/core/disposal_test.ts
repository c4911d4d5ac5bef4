// Tests of the symbols of `using` where there are none, and that every entry sees to them before a class names them.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";
import { defineDisposal } from "./disposal.ts";

/** What pages import. */
const ENTRIES = [
  "mod.ts",
  ...[
    "core/for_tasks.ts",
    "browser/mod.ts",
    "browser/worker_main.ts",
    "sync/mod.ts",
    "record/mod.ts",
    "otel/mod.ts",
  ].map((path) => `modules/${path}`),
];

const DISPOSAL = "modules/core/disposal.ts";

test("defineDisposal() defines what is missing, as compilers name it, and leaves what is there", () => {
  const own = Symbol("dispose");
  const symbols: { dispose: symbol; asyncDispose?: symbol } = { dispose: own };
  defineDisposal(symbols);
  assert.equal(symbols.dispose, own);
  assert.equal(symbols.asyncDispose, Symbol.for("Symbol.asyncDispose"));
});

for (const entry of ENTRIES) {
  test(`${entry} defines the symbols of "using" before anything names them`, () => {
    const order = evaluated(entry);
    const first = order.findIndex((path) => /\[Symbol\.(asyncD|d)ispose\]/.test(textOf(path)));
    const place = order.indexOf(DISPOSAL);
    assert(first < 0 || (place >= 0 && place < first), `${order[first]} comes before`);
  });
}

/** The files that a module evaluates, in their order. */
function evaluated(path: string, seen = new Set<string>()): string[] {
  if (seen.has(path)) return [];
  seen.add(path);
  const imports = textOf(path).matchAll(
    /^(?:import|export) (?!type\b)(?:[^;"]*? from )?"(\.[^"]+)";/gm,
  );
  const before = [...imports].flatMap(([, specifier = ""]) =>
    evaluated(posix.join(posix.dirname(path), specifier), seen),
  );
  return [...before, path];
}

function textOf(path: string): string {
  return readFileSync(path, "utf8");
}
