// Tests that pools in a program that Bun has built into one file say so, and that none starts itself.

import { afterAll, test } from "bun:test";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EXPECTED, oneFileProgram, starts } from "../testing/fixtures/one_file.ts";

const folder = mkdtempSync(join(tmpdir(), "futures-one-file-"));
afterAll(() => rmSync(folder, { recursive: true }));

const source = join(folder, "program.js");

/** Ways to build it, and what each executor says there. */
const BUILDS = [
  { way: "--compile", flags: ["--compile"], processes: EXPECTED.single },
  {
    way: "--compile --bytecode",
    flags: ["--compile", "--bytecode", "--format=cjs"],
    processes: EXPECTED.single,
  },
  { way: "--target=bun", flags: ["--target=bun"], processes: EXPECTED.bundled },
];

for (const { way, flags, processes } of BUILDS) {
  test(`pools of a program built by ${way} break with one clear error, and start nothing`, () => {
    const [log, built] = [join(folder, "log"), join(folder, "built.js")];
    const library = Bun.fileURLToPath(new URL("../../mod.ts", import.meta.url));
    const entry = Bun.fileURLToPath(new URL("./mod.ts", import.meta.url));
    writeFileSync(source, oneFileProgram({ log, library, entry }));
    run(process.execPath, "build", ...flags, source, "--outfile", built);
    const program = flags.includes("--compile") ? [built] : [process.execPath, built];
    for (const [name, expected] of [
      ["ProcessPoolExecutor", processes],
      ["ThreadPoolExecutor", EXPECTED.bundled],
    ] as const) {
      // Bytecode remembers where its sources were, and so a thread finds its entry, here.
      if (name === "ThreadPoolExecutor" && way.includes("bytecode")) continue;
      writeFileSync(log, "");
      const { stdout, stderr } = run(...program, name);
      assert.match(stdout, expected);
      assert.equal(stderr, "");
      assert.equal(starts(log), 1);
    }
  }, 60_000);
}

function run(...cmd: string[]): { stdout: string; stderr: string } {
  const { stdout, stderr, exitCode, signalCode } = Bun.spawnSync({
    cmd,
    cwd: folder,
    timeout: 50_000,
    killSignal: "SIGKILL",
  });
  assert.deepEqual(
    { exitCode, signalCode: signalCode ?? null },
    { exitCode: 0, signalCode: null },
    `${stderr}`,
  );
  return { stdout: `${stdout}`, stderr: `${stderr}` };
}
