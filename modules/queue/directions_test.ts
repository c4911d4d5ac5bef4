// Tests that a value is the same whichever runtime wrote it and whichever reads it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bunPath } from "../../scripts/bun.ts";
import { nodePath } from "../../scripts/node.ts";
import type { Carried } from "./conformance/carry_values.ts";

const SCRIPT = fileURLToPath(new URL("./conformance/carry_values.ts", import.meta.url));

const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  Deno: [Deno.execPath(), "run", "--allow-all", "--no-check"],
  Bun: [bunPath()],
  Node: [nodePath()],
};

/** What a runtime says of a `Temporal` object that has none. */
const REFUSED = /^refused: /;

/** An error of Deno's own is what it extends where there is no Deno. */
const OF_DENO = "`Deno.errors.NotFound`";

Deno.test("the codec carries each kind of value in all nine directions", () => {
  const folder = mkdtempSync(join(tmpdir(), "futures-codec-"));
  try {
    const texts = new Map(Object.keys(RUNTIMES).map((runtime) => [runtime, run(runtime)]));
    const timed = new Set(
      [...texts].filter(([, written]) => written.some(isOfTime)).map(([runtime]) => runtime),
    );
    for (const [writer, written] of texts) {
      // Each runtime has most of them.
      assert(written.length > 40, `${writer} wrote ${written.length}`);
      const path = join(folder, writer);
      writeFileSync(path, JSON.stringify(written));
      for (const reader of Object.keys(RUNTIMES)) {
        const read = new Map(run(reader, path).map(({ name, told }) => [name, bare(told)]));
        for (const carried of written) {
          const { name, told } = carried;
          if (name === OF_DENO && reader !== "Deno") continue;
          if (isOfTime(carried) && !timed.has(reader)) {
            assert.match(read.get(name) ?? "", REFUSED);
            continue;
          }
          assert.equal(read.get(name), bare(told), `${name}, from ${writer} to ${reader}`);
        }
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function isOfTime({ name }: Carried): boolean {
  return name.includes("Temporal");
}

/** Where Bun makes a file it gives text an encoding, and has one class for blobs with names and without. */
function bare(told: string): string {
  return told.replaceAll(";charset=utf-8", "").replace(/string File\}$/, "string Blob}");
}

function run(runtime: string, ...args: string[]): Carried[] {
  const [program, ...flags] = RUNTIMES[runtime] as [string, ...string[]];
  const { stdout, stderr, status } = spawnSync(program, [...flags, SCRIPT, ...args], {
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}
