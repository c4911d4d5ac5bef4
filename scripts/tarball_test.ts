// Tests of the archive: tar reads what was written.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tarball } from "./tarball.ts";

Deno.test("tarball() has every file as it is, scripts before types, and a program that may be run", async () => {
  mkdirSync("temp", { recursive: true });
  const folder = mkdtempSync("temp/tarball-");
  try {
    const texts = {
      "a.d.ts": "types",
      "b/c.js": "x".repeat(1_000),
      "d.js": "#!/usr/bin/env node\n",
    };
    mkdirSync(`${folder}/files/b`, { recursive: true });
    for (const [path, text] of Object.entries(texts))
      writeFileSync(`${folder}/files/${path}`, text);
    writeFileSync(`${folder}/all.tgz`, await tarball(`${folder}/files`));
    const tar = (...args: string[]) => {
      const { stdout } = new Deno.Command("tar", {
        args: [...args, `${folder}/all.tgz`],
      }).outputSync();
      return new TextDecoder().decode(stdout);
    };
    assert.equal(tar("-tzf"), "package/d.js\npackage/b/c.js\npackage/a.d.ts\n");
    assert.match(tar("-tvzf"), /^-rwxr-xr-x .* 20 .*d\.js\n-rw-r--r-- .* 1000 /);
    for (const [path, text] of Object.entries(texts))
      assert.equal(tar("-O", "-x", `package/${path}`, "-zf"), text);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
