// Checks that the packed package works for a user who installed only it and its dependency: on Bun, on Node, in types.

import { cpSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildPackage } from "./build_package.ts";
import { bunPath } from "./bun.ts";
import { nodePath } from "./node.ts";

const WORKSHOP = "temp/install";

/** Needs every entry, a dependency of the package, and nothing of this repository; no types, for Node. */
const USER_PROGRAM = `
import { EventLoopExecutor } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";
import * as testing from "@concurrent/futures/testing";
await using executor = new EventLoopExecutor();
const sum = await executor.submit(async (a, b) => a + b, 1, 2).result({ timeout: 60_000 });
console.log(sum, typeof ThreadPoolExecutor, typeof ProcessPoolExecutor, typeof testing);
`;

const EXPECTED_OUTPUT = "3 function function object";

/** The types a user sees: `check` fails where a line marked so has no error, or another line has one. */
const USER_TYPES = `
import { EventLoopExecutor, type Future } from "@concurrent/futures";
import "@concurrent/futures/deno";
import "@concurrent/futures/bun";
import "@concurrent/futures/testing";
const executor = new EventLoopExecutor();
export const sum: Future<number> = executor.submit((a: number, b: number) => a + b, 1, 2);
// @ts-expect-error: an argument of the wrong type
export const wrong: Future<number> = executor.submit((a: number, b: number) => a + b, 1, "2");
`;

const CHECK_TYPES = [
  "--ignoreConfig",
  "--strict",
  "--noEmit",
  "--target",
  "esnext",
  "--module",
  "nodenext",
];

function main(): void {
  removeWorkshop();
  buildPackage();
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
  Deno.writeTextFileSync(join(WORKSHOP, "program.js"), USER_PROGRAM);
  Deno.writeTextFileSync(join(WORKSHOP, "types.ts"), USER_TYPES);
  for (const [runtime, program] of [
    ["Bun", bunPath()],
    ["Node", nodePath()],
  ] as const) {
    const output = run(program, ["program.js"], WORKSHOP).trim();
    console.log(`Installed package on ${runtime}: ${output}`);
    if (output !== EXPECTED_OUTPUT) fail(`Expected "${EXPECTED_OUTPUT}"`);
  }
  const tsc = realpathSync("node_modules/typescript/bin/tsc");
  run(nodePath(), [tsc, ...CHECK_TYPES, "types.ts"], WORKSHOP);
  console.log("Installed package in types: as declared");
  removeWorkshop();
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
