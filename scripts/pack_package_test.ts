// Tests of what becomes of a checkout's manifest for npm.

import assert from "node:assert/strict";
import { manifestForNpm } from "./pack_package.ts";

Deno.test("manifestForNpm() names what is built, and nothing that belongs to a checkout", () => {
  const manifest = {
    name: "a",
    version: "1.0.0",
    exports: {
      ".": {
        types: "./dist/mod.d.ts",
        bun: "./mod.ts",
        node: "./dist/mod.js",
        default: "./mod.ts",
      },
    },
    scripts: { prepare: "build" },
    dependencies: { copied: "1.0.0" },
    peerDependencies: { hono: "^4" },
    devDependencies: { typescript: "6.0.3" },
  };
  assert.deepEqual(manifestForNpm(manifest), {
    name: "a",
    version: "1.0.0",
    exports: { ".": { types: "./dist/mod.d.ts", default: "./dist/mod.js" } },
    peerDependencies: { hono: "^4" },
  });
});
