// Tests that pools in a program that is built into one file for Node say so, and that none starts itself.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { EXPECTED, oneFileProgram, starts } from "../testing/fixtures/one_file.ts";

const folder = mkdtempSync(join(tmpdir(), "futures-one-file-"));
after(() => rmSync(folder, { recursive: true }));

/** Puts a blob into an executable, where Node itself cannot. By npx: it is needed here only. */
const POSTJECT = ["-y", "postject@1.0.0-alpha.6"];
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const log = join(folder, "log");

for (const format of ["esm", "cjs"] as const) {
  test(`pools of a program bundled as ${format} break with one clear error`, async () => {
    const program = await bundle(format);
    for (const name of ["ProcessPoolExecutor", "ThreadPoolExecutor"])
      assertSays(EXPECTED.bundled, process.execPath, program, name);
  });
}

test("pools of a single executable break with one clear error, and start nothing", async (t) => {
  const main = await bundle("cjs");
  const [config, blob, program] = ["config.json", "blob", "program"].map((n) => join(folder, n));
  assert.ok(config && blob && program);
  const settings = { main, output: blob, disableExperimentalSEAWarning: true };
  writeFileSync(config, JSON.stringify(settings));
  run(process.execPath, "--experimental-sea-config", config);
  copyFileSync(process.execPath, program);
  const npx = process.platform === "win32" ? "npx.cmd" : "npx";
  const injected = spawnSync(
    npx,
    [...POSTJECT, program, "NODE_SEA_BLOB", blob, "--sentinel-fuse", FUSE],
    { encoding: "utf8" },
  );
  if (injected.status !== 0) return t.skip(`npx has no postject: ${injected.stderr}`);
  assertSays(EXPECTED.single, program, "ProcessPoolExecutor");
  assertSays(EXPECTED.bundled, program, "ThreadPoolExecutor");
});

/** Bundles the program, as esbuild does it for Node. */
async function bundle(format: "esm" | "cjs"): Promise<string> {
  const [library, entry] = ["../../mod.ts", "./mod.ts"].map((name) =>
    // Built for npm, as this file.
    fileURLToPath(new URL(name.replace(/\.ts$/, ".js"), import.meta.url)),
  );
  assert.ok(library && entry);
  const [source, outfile] = [
    join(folder, "source.js"),
    join(folder, `bundle.${format === "esm" ? "mjs" : "cjs"}`),
  ];
  writeFileSync(source, oneFileProgram({ log, library, entry }));
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    format,
    platform: "node",
    logLevel: "error",
    // `import.meta` is empty there, which is the point.
    logOverride: { "empty-import-meta": "silent" },
  });
  return outfile;
}

function assertSays(expected: RegExp, program: string, ...args: string[]): void {
  writeFileSync(log, "");
  const { stdout, stderr } = run(program, ...args);
  assert.match(stdout, expected);
  assert.equal(stderr, "");
  assert.equal(starts(log), 1);
}

function run(program: string, ...args: string[]): { stdout: string; stderr: string } {
  const outcome = spawnSync(program, args, {
    cwd: folder,
    encoding: "utf8",
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  const { status, signal, stdout, stderr } = outcome;
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr);
  return { stdout, stderr };
}
