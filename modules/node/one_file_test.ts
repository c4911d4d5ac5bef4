// Tests pools in programs that are built into one file for Node: what they need to work there, and what is said without it.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { moveAway, OneFileJudge, REFUSED, writeOneFile } from "../testing/fixtures/one_file.ts";

const folder = mkdtempSync(join(tmpdir(), "futures-one-file-"));
after(() => rmSync(folder, { recursive: true }));

/** Puts a blob into an executable, where Node itself cannot. By npx: it is needed here only. */
const POSTJECT = ["-y", "postject@1.0.0-alpha.6"];
const FUSE = "NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2";

const log = join(folder, "log");
const judge = new OneFileJudge(log, run);

for (const format of ["esm", "cjs"] as const) {
  test(`pools work in a program bundled as ${format} that may be its own worker; without, they break with one clear error`, async () => {
    const program = [process.execPath, await bundle(format)];
    for (const executor of ["ProcessPoolExecutor", "ThreadPoolExecutor"]) {
      judge.assertWorks(program, executor);
      judge.assertSays(REFUSED.bundled, program, executor);
    }
  });
}

test("pools work in a single executable that may be its own worker; without, they break with one clear error", async (t) => {
  const main = await bundle("cjs");
  const [config, blob, program] = ["config.json", "blob", "program"].map((n) => join(folder, n));
  assert.ok(config && blob && program);
  const settings = {
    main,
    output: blob,
    disableExperimentalSEAWarning: true,
    assets: { "@concurrent/futures/node/worker": main },
  };
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
  rmSync(main);
  const moved = [moveAway(program)];
  judge.assertWorks(moved, "ProcessPoolExecutor");
  judge.assertWorks(moved, "ThreadPoolExecutor");
  judge.assertSays(REFUSED.single, moved, "ProcessPoolExecutor");
  judge.assertSays(REFUSED.bundled, moved, "ThreadPoolExecutor");
});

/** Bundles the program, as esbuild does it for Node, and moves the bundle away from its sources. */
async function bundle(format: "esm" | "cjs"): Promise<string> {
  // Built for npm, as this file.
  const [library, entry, worker] = ["../../mod.ts", "./mod.ts", "./worker.ts"].map((name) =>
    fileURLToPath(new URL(name.replace(/\.ts$/, ".js"), import.meta.url)),
  );
  assert.ok(library && entry && worker);
  const sources = join(folder, "sources");
  const outfile = join(folder, `bundle.${format === "esm" ? "mjs" : "cjs"}`);
  await build({
    entryPoints: [writeOneFile({ folder: sources, log, library, entry, worker })],
    outfile,
    bundle: true,
    format,
    platform: "node",
    logLevel: "error",
    // There is none in CommonJS. Any address will do, if it is that of no file.
    ...(format === "cjs" ? { define: { "import.meta.url": `"file:///program.cjs"` } } : {}),
  });
  rmSync(sources, { recursive: true });
  return moveAway(outfile);
}

function run(...command: string[]): { stdout: string; stderr: string } {
  const [program = "", ...args] = command;
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
