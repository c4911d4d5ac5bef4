// Tests of what may be in the package: each kind of needless file is planted once, and what users need passes.

import assert from "node:assert/strict";
import { needlessFiles } from "./check_install.ts";

const NEEDED = [
  "package.json",
  "README.md",
  "dist/mod.js",
  "dist/mod.d.ts",
  "dist/modules/testing/programs.js",
  "dist/modules/dashboard/page/dist/main.js",
  "dist/modules/dashboard/page/index.html",
  "dist/modules/parts/pool_executor.js",
  "dist/csv-parse/LICENSE",
];

const NEEDLESS = [
  "mod.ts",
  "modules/core/future.ts",
  "dist/mod.js.map",
  "dist/modules/core/wait_test.js",
  "dist/modules/core/no_longer_there.js",
  "dist/modules/proofs/faults/mod.js",
  "dist/modules/deno/conformance/subjects.js",
  "dist/modules/dashboard/build_page.js",
  "dist/modules/dashboard/page/live.js",
  "dist/apps/playground/app.js",
  "dist/scripts/check.js",
  "deno.json",
  "CHANGELOG.md",
  "dist/modules/testing/cases/map.js",
];

Deno.test("needlessFiles() lets pass what users need", () => {
  assert.deepEqual(needlessFiles(NEEDED), []);
});

for (const file of NEEDLESS) {
  Deno.test(`needlessFiles() finds ${file}`, () => {
    assert.deepEqual(needlessFiles([...NEEDED, file]), [file]);
  });
}
