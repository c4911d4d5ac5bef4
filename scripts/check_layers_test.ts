// Tests of the layer check: each rule is broken once on purpose, and each lawful neighbour passes.

import assert from "node:assert/strict";
import { findViolations } from "./check_layers.ts";

const BROKEN: readonly [rule: string, path: string, text: string][] = [
  ["core imports a backend", "modules/core/a.ts", `import { b } from "../deno/b.ts";`],
  ["core imports a backend's type", "modules/core/a.ts", `type B = import("../deno/b.ts").B;`],
  ["core imports a backend lazily", "modules/core/a.ts", `await import("../bun/b.ts");`],
  ["core re-exports a backend", "modules/core/a.ts", `export * from "../bun/mod.ts";`],
  ["core imports a Node module", "modules/core/a.ts", `import { cpus } from "node:os";`],
  ["core imports a package", "modules/core/a.ts", `import { Hono } from "hono";`],
  ["core imports the testing module", "modules/core/a.ts", `import "../testing/mod.ts";`],
  ["core names Deno", "modules/core/a.ts", `Deno.exit();`],
  ["core names Deno as a type", "modules/core/a.ts", `let x: Deno.Command;`],
  ["core names Bun through globalThis", "modules/core/a.ts", `globalThis.Bun;`],
  ["core sniffs for a runtime", "modules/core/a.ts", `if ("Deno" in globalThis) {}`],
  ["core names process", "modules/core/a.ts", `process.exit();`],
  ["core names process through globalThis", "modules/core/a.ts", `globalThis.process;`],
  ["a backend imports the other", "modules/deno/a.ts", `import "../bun/mod.ts";`],
  ["the other imports the first", "modules/bun/a.ts", `import "../deno/mod.ts";`],
  ["a backend imports the root", "modules/bun/a.ts", `import "../../mod.ts";`],
  ["a backend imports the testing module", "modules/deno/a.ts", `import "../testing/mod.ts";`],
  [
    "a backend enters a room of the core that is closed to it",
    "modules/deno/a.ts",
    `import "../core/scheduling/scheduler.ts";`,
  ],
  ["a room looks up", "modules/core/memory/a.ts", `import type { B } from "../seam/b.ts";`],
  ["a room looks aside", "modules/core/serving/a.ts", `import "../handle/b.ts";`],
  ["a room of the core names a runtime", "modules/core/time/a.ts", `Deno.exit();`],
  ["threads look at processes", "modules/workers/threads/a.ts", `import "../processes/frames.ts";`],
  [
    "what threads and processes have looks at processes",
    "modules/workers/a.ts",
    `import "./processes/frames.ts";`,
  ],
  ["the root imports a backend", "mod.ts", `export * from "./modules/deno/mod.ts";`],
  ["an app imports by path", "apps/x/a.ts", `import "../../mod.ts";`],
  ["an app imports another app", "apps/x/a.ts", `import "../y/a.ts";`],
  ["a file is in no layer", "elsewhere/a.ts", ``],
  ["a class is too long", "modules/core/a.ts", `class A {${"\n  b;".repeat(340)}\n}`],
];

const LAWFUL: readonly [rule: string, path: string, text: string][] = [
  ["the face of the core enters a room", "modules/core/a.ts", `import "./scheduling/a.ts";`],
  ["a room looks down", "modules/core/handle/a.ts", `import "../memory/b.ts"; import "./c.ts";`],
  ["a room speaks of the face", "modules/core/memory/a.ts", `import "../errors.ts";`],
  [
    "core imports @std/async",
    "modules/core/a.ts",
    `import { delay } from "deno-std/async/delay.js";`,
  ],
  ["core speaks of Deno in prose", "modules/core/a.ts", `// Deno\nthrow new Error("needs Deno");`],
  ["core has a property named process", "modules/core/a.ts", `x.process({ process: "process" });`],
  ["a core test names a runtime", "modules/core/a_test.ts", `import "node:assert"; Deno.test;`],
  [
    "a backend imports the core",
    "modules/deno/a.ts",
    `import "../core/seam/channel.ts"; Deno.pid;`,
  ],
  ["Bun's backend imports bun", "modules/bun/a.ts", `import { spawn } from "bun";`],
  [
    "a test binds a suite",
    "modules/bun/a_test.ts",
    `import "../testing/mod.ts"; import "bun:test";`,
  ],
  [
    "a backend reports its conformance",
    "modules/bun/conformance/report_conformance.ts",
    `import "../testing/mod.ts";`,
  ],
  [
    "a class is long for its comments",
    "modules/core/a.ts",
    `class A {${"\n\n  /** C. */\n  /**\n   * D.\n   */\n  // e\n  b;".repeat(300)}\n}`,
  ],
  ["the root imports the core", "mod.ts", `export * from "./modules/core/future.ts";`],
  [
    "an app imports by entry name",
    "apps/x/a.ts",
    `import "@concurrent/futures/deno"; import "./page/b.ts";`,
  ],
];

for (const [rule, path, text] of BROKEN) {
  Deno.test(`findViolations() reports when ${rule}`, () => {
    assert.equal(findViolations(path, text).length, 1);
  });
}

for (const [rule, path, text] of LAWFUL) {
  Deno.test(`findViolations() is silent when ${rule}`, () => {
    assert.deepEqual(findViolations(path, text), []);
  });
}

Deno.test("findViolations() names file, line and reason", () => {
  assert.deepEqual(findViolations("modules/core/a.ts", `\n\nDeno.exit();`), [
    { path: "modules/core/a.ts", line: 3, message: `may not name the runtime's "Deno"` },
  ]);
});
