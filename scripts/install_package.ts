// Installs the packed packages into a folder, as a user's installer does, with nothing else of this repository.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "./build_package.ts";
import { npmManifest, packPackage } from "./pack_package.ts";
import { run } from "./run_program.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

const INSTALLED = "node_modules/@concurrent/futures";

/**
 * Builds and packs the package and the suite, and unpacks them into `node_modules` of a new folder.
 *
 * @param folder from the root of the repository; what lies there is removed first.
 * @throws {Error} if packing fails; the message has what was printed.
 */
export async function installPackage(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const installed = join(folder, INSTALLED);
  const suite = `${installed}-testing`;
  const archives = [join(folder, "package.tgz"), join(folder, "suite.tgz")] as const;
  for (const path of [installed, suite]) mkdirSync(path, { recursive: true });
  await packPackage(...archives);
  for (const [index, path] of [installed, suite].entries())
    run("tar", ["-xzf", archives[index] as string, "-C", path, "--strip-components=1"]);
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
  writeFileSync(join(folder, INSTALLED, "package.json"), npmManifest());
  writeManifests(folder);
}

function writeManifests(folder: string): void {
  // Manifests of its own keep the name from resolving to this repository.
  writeFileSync(join(folder, "package.json"), `{ "name": "user", "type": "module" }`);
  // Deno reads it, and is not strict by itself then.
  writeFileSync(join(folder, "tsconfig.json"), `{ "compilerOptions": { "strict": true } }`);
}
