// Tests what JSR gets.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { manifestForJsr, type PublishedManifest, stage } from "./publish_jsr.ts";

const OURS: PublishedManifest = JSON.parse(readFileSync("deno.json", "utf8"));

Deno.test("JSR gets @std/async from JSR, and everything else as it is", () => {
  const { imports, lock, ...rest } = manifestForJsr(OURS);
  assert.equal(lock, false);
  assert.equal(imports["deno-std/async/abortable.js"], "jsr:@std/async@^1.0.0/abortable");
  assert.deepEqual(Object.keys(imports), Object.keys(OURS.imports));
  for (const [name, target] of Object.entries(imports)) {
    if (name.startsWith("deno-std/")) assert.match(target, /^jsr:@std\/async@\^1\.0\.0\/[a-z]+$/);
    else assert.equal(target, OURS.imports[name]);
  }
  const { imports: _, ...others } = OURS;
  delete (others as { lock?: unknown }).lock;
  assert.deepEqual(rest, others);
});

Deno.test("what is staged has every entry, and the manifest that was given", () => {
  const folder = mkdtempSync(join(tmpdir(), "futures-publish-test-"));
  try {
    const manifest = manifestForJsr({ ...OURS, exports: {} });
    stage({ ...manifest, publish: { include: ["mod.ts", "types/**/*.ts", "LICENSE"] } }, folder);
    for (const path of ["mod.ts", "types/std_async.d.ts", "LICENSE", "deno.json"])
      assert.ok(existsSync(join(folder, path)), path);
    assert.ok(!existsSync(join(folder, "apps")));
    const { imports } = JSON.parse(readFileSync(join(folder, "deno.json"), "utf8"));
    assert.equal(imports["deno-std/async/abortable.js"], "jsr:@std/async@^1.0.0/abortable");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
