// Installs the packed package into a folder, as a user's installer does, with nothing else of this repository.

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildPackage, compile } from "./build_package.ts";
import { bunPath } from "./bun.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

const INSTALLED = "node_modules/@concurrent/futures";

/**
 * Builds and packs the package, and unpacks it into `node_modules` of a new folder.
 *
 * @param folder from the root of the repository; what lies there is removed first.
 * @throws {Error} if packing fails; the message has what was printed.
 */
export function installPackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  const installed = join(folder, INSTALLED);
  const archive = join(folder, "package.tgz");
  mkdirSync(installed, { recursive: true });
  buildPackage();
  run(bunPath(), ["pm", "pack", "--quiet", "--ignore-scripts", "--filename", archive]);
  run("tar", ["-xzf", archive, "-C", installed, "--strip-components=1"]);
  writeManifests(folder);
}

/**
 * Lays the package into `node_modules` of a new folder: built, but not packed, and without types and the dashboard's page.
 * For tests of what is made of its code, which is the same in both.
 *
 * @param folder from the root of the repository; what lies there is removed first.
 */
export function layPackage(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  compile(sourceFiles(["mod.ts", "modules"]).filter(isPublished), join(folder, INSTALLED, "dist"));
  cpSync("package.json", join(folder, INSTALLED, "package.json"));
  writeManifests(folder);
}

function writeManifests(folder: string): void {
  // Manifests of its own keep the name from resolving to this repository.
  writeFileSync(join(folder, "package.json"), `{ "name": "user", "type": "module" }`);
  // Deno reads it, and is not strict by itself then.
  writeFileSync(join(folder, "tsconfig.json"), `{ "compilerOptions": { "strict": true } }`);
}

/**
 * Runs a program to its end.
 *
 * @returns what it wrote to its output.
 * @throws {Error} if it fails; the message has all it wrote.
 */
export function run(
  program: string,
  args: readonly string[],
  cwd = ".",
  env: Readonly<Record<string, string>> = {},
): string {
  const { success, stdout, stderr } = new Deno.Command(program, {
    args: [...args],
    cwd: resolve(cwd),
    env,
  }).outputSync();
  const [output = "", errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (success) return output;
  throw new Error(`Cannot run "${program} ${args.join(" ")}":\n${output}${errors}`);
}
