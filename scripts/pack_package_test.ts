// Tests of what becomes of a checkout's manifest for npm.

import assert from "node:assert/strict";
import { BUILT } from "./built_folder.ts";
import { manifestForNpm, manifestOfSuite, withEntries } from "./pack_package.ts";

Deno.test("manifestForNpm() names what is built, and nothing that belongs to a checkout", () => {
  const manifest = {
    name: "a",
    version: "1.0.0",
    exports: {
      ".": {
        types: `./${BUILT}/mod.d.ts`,
        bun: "./mod.ts",
        node: `./${BUILT}/mod.js`,
        default: "./mod.ts",
      },
    },
    bin: { a: `./${BUILT}/main.js` },
    files: [BUILT],
    scripts: { prepare: "build" },
    dependencies: { copied: "1.0.0" },
    peerDependencies: { hono: "^4" },
    devDependencies: { typescript: "6.0.3" },
  };
  assert.deepEqual(manifestForNpm(manifest), {
    name: "a",
    version: "1.0.0",
    exports: { ".": { types: "./dist/mod.d.ts", default: "./dist/mod.js" } },
    bin: { a: "./dist/main.js" },
    files: ["dist"],
    peerDependencies: { hono: "^4" },
  });
});

Deno.test("manifestForNpm() has of the entry of the suite what programs take", () => {
  const built = {
    types: `./${BUILT}/modules/testing/mod.d.ts`,
    node: `./${BUILT}/modules/testing/mod.js`,
  };
  const { exports } = manifestForNpm({
    name: "a",
    version: "1.0.0",
    exports: { "./testing": built },
  });
  const left = "./dist/modules/testing/programs";
  assert.deepEqual(exports, { "./testing": { types: `${left}.d.ts`, default: `${left}.js` } });
});

Deno.test("manifestOfSuite() wants the package of the same version beside it", () => {
  const { name, version, peerDependencies } = manifestOfSuite({
    name: "a",
    version: "1.2.3",
    exports: {},
  });
  assert.deepEqual([name, version, peerDependencies], ["a-testing", "1.2.3", { a: "1.2.3" }]);
});

Deno.test("withEntries() names entries where the suite looks out of its folder, and refuses what is none", () => {
  const folder = "dist/modules/testing/cases";
  const text = `import{a}from"../../../mod.js";import("../../sync/mod.js");import"./b.js";import{Gate}from"../gate.js";
const url=new URL("../../../mod.js",import.meta.url),c=new URL("../fixtures/c.js",import.meta.url);`;
  assert.equal(
    withEntries(text, folder),
    `import{a}from"@concurrent/futures";import("@concurrent/futures/sync");import"./b.js";import{Gate}from"@concurrent/futures/testing";
const url=new URL(import.meta.resolve("@concurrent/futures")),c=new URL("../fixtures/c.js",import.meta.url);`,
  );
  assert.throws(() => withEntries(`import "../../core/executor.js"`, folder), /is no entry/);
});
