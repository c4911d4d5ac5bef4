// Checks that the packed package works for a user who installed only it and its dependency, on Bun.

import { cpSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { bunPath } from "./bun.ts";

const WORKSHOP = "temp/install";

/** Needs every entry, a dependency of the package, and nothing of this repository. */
const USER_PROGRAM = `
import { EventLoopExecutor } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";
import * as testing from "@concurrent/futures/testing";
await using executor = new EventLoopExecutor();
const sum = await executor.submit((a: number, b: number) => a + b, 1, 2);
console.log(sum, typeof ThreadPoolExecutor, typeof ProcessPoolExecutor, typeof testing);
`;

const EXPECTED_OUTPUT = "3 function function object";

function main(): void {
  removeWorkshop();
  const installed = join(WORKSHOP, "node_modules/@concurrent/futures");
  Deno.mkdirSync(installed, { recursive: true });
  run(bunPath(), [
    "pm",
    "pack",
    "--quiet",
    "--ignore-scripts",
    "--filename",
    join(WORKSHOP, "package.tgz"),
  ]);
  run("tar", ["-xzf", join(WORKSHOP, "package.tgz"), "-C", installed, "--strip-components=1"]);
  cpSync(realpathSync("node_modules/deno-std"), join(WORKSHOP, "node_modules/deno-std"), {
    recursive: true,
  });
  // A package.json of its own keeps the name from resolving to this repository.
  Deno.writeTextFileSync(join(WORKSHOP, "package.json"), `{ "name": "user", "type": "module" }`);
  Deno.writeTextFileSync(join(WORKSHOP, "program.ts"), USER_PROGRAM);
  const output = run(bunPath(), ["program.ts"], WORKSHOP).trim();
  removeWorkshop();
  console.log(`Installed package on Bun: ${output}`);
  if (output !== EXPECTED_OUTPUT) fail(`Expected "${EXPECTED_OUTPUT}"`);
}

function run(program: string, args: string[], cwd = "."): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args,
    cwd: resolve(cwd),
  }).outputSync();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) fail(`Cannot run "${program} ${args.join(" ")}":\n${output}${errors}`);
  return output ?? "";
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}

function removeWorkshop(): void {
  try {
    Deno.removeSync(WORKSHOP, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

if (import.meta.main) main();
