// Tests pools in programs that are built into one file for Deno: what they need to work there, and what is said without it.

import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { buildSync } from "esbuild";
import { moveAway, OneFileJudge, REFUSED, writeOneFile } from "../testing/fixtures/one_file.ts";

/** esbuild leaves a port for the next time. */
const LEFT = { sanitizeResources: false };

const EXECUTORS = ["ThreadPoolExecutor", "ProcessPoolExecutor"];

Deno.test(
  "pools work in a bundle that may be its own worker; without, they break with one clear error",
  LEFT,
  () => {
    using place = makePlace();
    const bundle = moveAway(place.bundle());
    const program = [Deno.execPath(), "run", "--quiet", "--no-prompt", "--allow-all", bundle];
    for (const executor of EXECUTORS) {
      place.judge.assertWorks(program, executor);
      place.judge.assertSays(REFUSED.bundled, program, executor);
    }
  },
);

Deno.test(
  "pools work in what `deno compile` makes; without, they break with one clear error",
  LEFT,
  () => {
    using place = makePlace();
    const bundle = place.bundle();
    const program = [moveAway(compiled(bundle, place) ?? likeCompiled(bundle, place))];
    for (const executor of EXECUTORS) place.judge.assertWorks(program, executor);
    place.judge.assertSays(REFUSED.single, program, "ProcessPoolExecutor");
  },
);

/** The executable; nothing where Deno cannot fetch what it puts the program into. */
function compiled(bundle: string, { folder }: Place): string | undefined {
  const program = join(folder, "compiled");
  const args = ["compile", "--quiet", "--no-check", "--allow-all", "--output", program, bundle];
  const { success, stderr } = new Deno.Command(Deno.execPath(), { args }).outputSync();
  if (success) return program;
  const why = stripVTControlCharacters(new TextDecoder().decode(stderr)).split(
    "Stack backtrace",
  )[0];
  console.log(`\`deno compile\` does not work here: ${why?.replaceAll(/\s+/g, " ")}
What starts like its executables is taken instead: a command that is the program, and says that it is standalone.`);
  return undefined;
}

/**
 * What is known of such an executable, without one: it starts the program whatever its arguments are, `process.execPath` is
 * itself, and `Deno.build.standalone` is true.
 */
function likeCompiled(bundle: string, { folder }: Place): string {
  const [preload, program] = [join(folder, "preload.mjs"), join(folder, "like_compiled")];
  writeFileSync(
    preload,
    `import process from "node:process";
    Object.defineProperty(Deno, "build", { value: { ...Deno.build, standalone: true } });
    process.execPath = Deno.env.get("LIKE_COMPILED");`,
  );
  writeFileSync(
    program,
    `#!/bin/sh
LIKE_COMPILED="$0" exec "${Deno.execPath()}" run --quiet --no-prompt --allow-all "--preload=${preload}" "${bundle}" "$@"`,
  );
  chmodSync(program, 0o755);
  return program;
}

type Place = ReturnType<typeof makePlace>;

/** A folder for one program, and what is done in it. */
function makePlace() {
  const folder = mkdtempSync(join(tmpdir(), "futures-one-file-"));
  const log = join(folder, "log");
  const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
  return {
    folder,
    judge: new OneFileJudge(log, run),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),

    /** Bundles the program, as `deno bundle` does, which is esbuild too. */
    bundle(): string {
      const [sources, outfile] = [join(folder, "sources"), join(folder, "bundle.mjs")];
      const entryPoint = writeOneFile({
        folder: sources,
        log,
        library: here("../../mod.ts"),
        entry: here("./mod.ts"),
        worker: here("./worker.ts"),
      });
      buildSync({
        entryPoints: [entryPoint],
        outfile,
        bundle: true,
        format: "esm",
        platform: "neutral",
        external: ["node:*"],
        alias: { "deno-std": resolve("node_modules/deno-std") },
        logLevel: "error",
      });
      rmSync(sources, { recursive: true });
      return outfile;
    },
  };
}

function run(...command: string[]): { stdout: string; stderr: string } {
  const [program = "", ...args] = command;
  const { code, stdout, stderr } = new Deno.Command(program, { args, stdin: "null" }).outputSync();
  const [output = "", errors = ""] = [stdout, stderr].map((bytes) =>
    new TextDecoder().decode(bytes),
  );
  assert.equal(code, 0, errors);
  return { stdout: output, stderr: errors };
}
