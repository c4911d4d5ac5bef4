// Tests of the score by which JSR rates a package.

import assert from "node:assert/strict";
import { type DocModule, scoreOf, shareOfDocumented } from "./check_doc.ts";

const TOLD = { declarations: [{ declarationKind: "export", jsDoc: {} }] };
const UNTOLD = { declarations: [{ declarationKind: "export" }] };
const PRIVATE = { declarations: [{ declarationKind: "private" }] };
const GOOD: DocModule = { module_doc: { doc: "Does." }, symbols: [TOLD, PRIVATE] };

const FACTS = {
  readme: "# A\n```ts\n```\n",
  description: "Does.",
  runtimes: 2,
  hasSlowTypes: false,
  hasProvenance: false,
};

function points(entries: readonly DocModule[], facts = FACTS): number {
  const [main = GOOD] = entries;
  return scoreOf(main, entries, facts).reduce((sum, part) => sum + part.points, 0);
}

Deno.test("scoreOf() gives all but provenance to a package that has everything", () => {
  assert.equal(points([GOOD]), 17);
});

Deno.test("scoreOf() takes points for each thing that is missing", () => {
  assert.equal(points([GOOD, { symbols: [TOLD] }]), 16);
  assert.equal(points([GOOD], { ...FACTS, hasSlowTypes: true }), 12);
  assert.equal(points([GOOD], { ...FACTS, runtimes: 1 }), 16);
  assert.equal(points([GOOD], { ...FACTS, readme: "", description: "" }), 15);
});

Deno.test("scoreOf() asks for comments of four in five symbols", () => {
  const symbols = [TOLD, TOLD, TOLD, TOLD, UNTOLD];
  assert.equal(points([{ ...GOOD, symbols }]), 17);
  assert.equal(points([{ ...GOOD, symbols: [...symbols, UNTOLD] }]), 16);
  assert.equal(shareOfDocumented([{ symbols }]), 0.8);
});
