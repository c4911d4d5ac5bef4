// Tests of the manifest check, one planted mistake each.

import assert from "node:assert/strict";
import { type DenoManifest, findProblems, type NodeManifest } from "./check_package.ts";

const DENO: DenoManifest = {
  version: "0.1.0",
  exports: { ".": "./mod.ts" },
  imports: { "deno-std/async/delay.js": "npm:deno-std@1.4.0/async/delay.js" },
};
const NODE: NodeManifest = {
  version: "0.1.0",
  exports: { ".": { bun: "./mod.ts", types: "./dist/mod.d.ts", default: "./dist/mod.js" } },
  dependencies: { "deno-std": "1.4.0" },
  devDependencies: { zod: "4.6.7" },
};

Deno.test("findProblems() is silent when the manifests are right", () => {
  assert.deepEqual(findProblems(DENO, NODE, "{}"), []);
});

Deno.test("findProblems() reports versions that differ", () => {
  assert.equal(findProblems({ ...DENO, version: "0.2.0" }, NODE, "{}").length, 1);
});

Deno.test("findProblems() reports entries that differ", () => {
  assert.equal(findProblems(DENO, { ...NODE, exports: {} }, "{}").length, 1);
});

Deno.test("findProblems() reports a range in package.json", () => {
  assert.equal(findProblems(DENO, { ...NODE, devDependencies: { zod: "^4.6.7" } }, "{}").length, 1);
});

Deno.test("findProblems() reports a range in deno.json", () => {
  const imports = { "deno-std/async/delay.js": "npm:deno-std@^1.4.0/async/delay.js" };
  assert.equal(findProblems({ ...DENO, imports }, NODE, "{}").length, 1);
});

Deno.test("findProblems() reports an import without a dependency of the same version", () => {
  assert.equal(
    findProblems(DENO, { ...NODE, dependencies: { "deno-std": "1.3.0" } }, "{}").length,
    1,
  );
});

Deno.test("findProblems() reports an address in the lock file", () => {
  assert.equal(findProblems(DENO, NODE, `{ "x": "https://example.com" }`).length, 1);
});
