// Tests of the manifest check, one planted mistake each.

import assert from "node:assert/strict";
import { BUILT } from "./built_folder.ts";
import {
  type DenoManifest,
  findProblems,
  type NodeEntry,
  type NodeManifest,
  type TypeScriptManifest,
} from "./check_package.ts";

const DENO: DenoManifest = {
  name: "@a/b",
  version: "0.1.0",
  exports: { ".": "./mod.ts", "./c": "./c.ts" },
  imports: { "deno-std/async/delay.js": "npm:deno-std@1.4.0/async/delay.js" },
};
function entry(name: string): NodeEntry {
  const [source, built] = [`./${name}.ts`, `./${BUILT}/${name}.js`];
  return {
    types: `./${BUILT}/${name}.d.ts`,
    bun: source,
    node: built,
    browser: built,
    default: source,
  };
}

const NODE: NodeManifest = {
  version: "0.1.0",
  exports: {
    ".": entry("mod"),
    "./c": entry("c"),
  },
  files: [BUILT],
  devDependencies: { "deno-std": "1.4.0", zod: "4.6.7" },
};
const TYPES: TypeScriptManifest = {
  compilerOptions: { paths: { "@a/b": ["./mod.ts"], "@a/b/c": ["./c.ts"] } },
};

Deno.test("findProblems() is silent when the manifests are right", () => {
  assert.deepEqual(findProblems(DENO, NODE, TYPES, "{}"), []);
});

Deno.test("findProblems() reports versions that differ", () => {
  assert.equal(findProblems({ ...DENO, version: "0.2.0" }, NODE, TYPES, "{}").length, 1);
});

Deno.test("findProblems() reports entries that differ", () => {
  assert.equal(findProblems(DENO, { ...NODE, exports: {} }, TYPES, "{}").length, 1);
});

Deno.test("findProblems() reports a command that is not built from the entry ./cli", () => {
  const deno = { ...DENO, exports: { ...DENO.exports, "./cli": "./modules/cli/main.ts" } };
  const bin = { futures: `./${BUILT}/modules/cli/main.js` };
  assert.deepEqual(findProblems(deno, { ...NODE, bin }, TYPES, "{}"), []);
  assert.equal(findProblems(deno, NODE, TYPES, "{}").length, 1);
});

Deno.test("findProblems() reports a range in package.json", () => {
  assert.equal(
    findProblems(
      DENO,
      { ...NODE, devDependencies: { ...NODE.devDependencies, zod: "^4.6.7" } },
      TYPES,
      "{}",
    ).length,
    1,
  );
});

Deno.test("findProblems() reports a range in deno.json", () => {
  const imports = { "deno-std/async/delay.js": "npm:deno-std@^1.4.0/async/delay.js" };
  assert.equal(findProblems({ ...DENO, imports }, NODE, TYPES, "{}").length, 1);
});

Deno.test("findProblems() reports an import without a dependency of the same version", () => {
  assert.equal(
    findProblems(DENO, { ...NODE, devDependencies: { "deno-std": "1.3.0" } }, TYPES, "{}").length,
    1,
  );
});

Deno.test("findProblems() reports an address in the lock file", () => {
  assert.equal(findProblems(DENO, NODE, TYPES, `{ "x": "https://example.com" }`).length, 1);
});

Deno.test("findProblems() reports an entry that Bun would not find", () => {
  assert.equal(findProblems(DENO, NODE, { compilerOptions: { paths: {} } }, "{}").length, 1);
});

Deno.test("findProblems() reports sources that npm would get beside what is built of them", () => {
  const files = [BUILT, "modules"];
  assert.equal(findProblems(DENO, { ...NODE, files }, TYPES, "{}").length, 1);
});
