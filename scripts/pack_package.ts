// Packs what npm gets: the built package with a manifest of its own, in which there is nothing of a checkout.

import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildPackage } from "./build_package.ts";
import { bunPath } from "./bun.ts";
import { run } from "./run_program.ts";

/** Where the package is put together; ignored by git. */
const STAGE = "temp/package";

/** What belongs to a checkout: what is used of others is copied into what is built, and a script runs nowhere. */
const OF_CHECKOUTS = new Set(["scripts", "dependencies", "devDependencies"]);

/** The part of the manifest that is read. */
interface CheckoutManifest {
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly node: string }>>;
}

/** The manifest that npm gets. */
export function manifestForNpm<M extends CheckoutManifest>(manifest: M): Record<string, unknown> {
  const exports = Object.entries(manifest.exports).map(([entry, { types, node }]) => [
    entry,
    { types, default: node },
  ]);
  const kept = Object.entries(manifest).filter(([field]) => !OF_CHECKOUTS.has(field));
  return { ...Object.fromEntries(kept), exports: Object.fromEntries(exports) };
}

/** That of this checkout, for npm, as text. */
export function npmManifest(): string {
  const manifest = manifestForNpm(JSON.parse(readFileSync("package.json", "utf8")));
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Builds the package and packs it.
 *
 * @param archive the file to write.
 */
export function packPackage(archive: string): void {
  rmSync(STAGE, { recursive: true, force: true });
  mkdirSync(STAGE, { recursive: true });
  buildPackage(join(STAGE, "dist"));
  writeFileSync(join(STAGE, "package.json"), npmManifest());
  for (const text of ["README.md", "LICENSE", "CHANGELOG.md"]) cpSync(text, join(STAGE, text));
  run(
    bunPath(),
    ["pm", "pack", "--quiet", "--ignore-scripts", "--filename", resolve(archive)],
    STAGE,
  );
}

if (import.meta.main) {
  const { version } = JSON.parse(readFileSync("package.json", "utf8"));
  const archive = `temp/concurrent-futures-${version}.tgz`;
  packPackage(archive);
  console.log(`Packed ${archive}: \`npm publish ${archive}\` would publish it`);
}
