// Packs what npm gets: the built package with a manifest of its own, in which there is nothing of a checkout; and beside it
// the conformance suite as a package of its own (docs/decisions/0058), which is a quarter of all, for authors of backends only.

import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, posix } from "node:path";
import { buildPackage } from "./build_package.ts";
import { BUILT } from "./built_folder.ts";
import { tarball } from "./tarball.ts";

/** Where the package is put together; ignored by git. */
const STAGE = "temp/package";
const SUITE_STAGE = "temp/suite_package";

/** What belongs to a checkout: what is used of others is copied into what is built, and a script runs nowhere. */
const OF_CHECKOUTS = new Set(["scripts", "dependencies", "devDependencies"]);

/** The part of the manifest that is read. */
interface CheckoutManifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, { readonly types: string; readonly node: string }>>;
}

/** Where a package has what is built. */
const DIST = "dist";

/** The entry that is the suite, and what of it stays in the package. */
const SUITE = "./testing";
const SUITE_FOLDER = `${DIST}/modules/testing`;
const FOR_PROGRAMS = ["programs", "fake_channel", "gate"];

/** The manifest that npm gets: what is built lies where everybody expects it, for there nobody gets it unbuilt. */
export function manifestForNpm<M extends CheckoutManifest>(checkout: M): Record<string, unknown> {
  const manifest: M = JSON.parse(JSON.stringify(checkout).replaceAll(BUILT, DIST));
  const exports = Object.entries(manifest.exports).map(([entry, { types, node }]) => [
    entry,
    entry === SUITE ? entryOf(`./${SUITE_FOLDER}/programs`) : { types, default: node },
  ]);
  const kept = Object.entries(manifest).filter(([field]) => !OF_CHECKOUTS.has(field));
  return { ...Object.fromEntries(kept), exports: Object.fromEntries(exports) };
}

/** The manifest of the package that has the suite. */
export function manifestOfSuite(manifest: CheckoutManifest): Record<string, unknown> {
  const { name, version } = manifest;
  const alike = ["homepage", "bugs", "repository", "license", "author", "type", "engines"];
  return {
    name: `${name}-testing`,
    version,
    description: `The conformance suite of ${name}, for authors of backends`,
    ...Object.fromEntries(alike.map((field) => [field, Object(manifest)[field]])),
    sideEffects: true,
    exports: { ".": entryOf(`./${DIST}/mod`) },
    files: [DIST],
    publishConfig: Object(manifest).publishConfig,
    // Of the same tree: cases name what that very version promises.
    peerDependencies: { [name]: version },
  };
}

function entryOf(path: string): { readonly types: string; readonly default: string } {
  return { types: `${path}.d.ts`, default: `${path}.js` };
}

/** That of this checkout, for npm, as text. */
export function npmManifest(): string {
  return textOf(manifestForNpm(checkoutManifest()));
}

function checkoutManifest(): CheckoutManifest {
  return JSON.parse(readFileSync("package.json", "utf8"));
}

function textOf(manifest: Record<string, unknown>): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Builds the package and packs it, and the suite.
 *
 * @param archive the file to write.
 * @param suiteArchive that for the suite.
 */
export async function packPackage(archive: string, suiteArchive: string): Promise<void> {
  for (const stage of [STAGE, SUITE_STAGE]) {
    rmSync(stage, { recursive: true, force: true });
    mkdirSync(stage, { recursive: true });
  }
  buildPackage(join(STAGE, DIST));
  moveSuite();
  writeFileSync(join(STAGE, "package.json"), npmManifest());
  writeFileSync(join(SUITE_STAGE, "package.json"), textOf(manifestOfSuite(checkoutManifest())));
  for (const text of ["README.md", "LICENSE"]) cpSync(text, join(STAGE, text));
  cpSync("LICENSE", join(SUITE_STAGE, "LICENSE"));
  cpSync("scripts/fixtures/suite_readme.md", join(SUITE_STAGE, "README.md"));
  writeFileSync(archive, await tarball(STAGE));
  writeFileSync(suiteArchive, await tarball(SUITE_STAGE));
}

/** Takes the suite out of the built package, and has it import what is left there by the names of its entries. */
function moveSuite(): void {
  const built = join(STAGE, SUITE_FOLDER);
  const moved = join(SUITE_STAGE, DIST);
  cpSync(built, moved, { recursive: true });
  for (const name of FOR_PROGRAMS)
    for (const end of [".js", ".d.ts"]) rmSync(join(moved, name + end));
  for (const path of readdirSync(built, { recursive: true, encoding: "utf8" })) {
    if (FOR_PROGRAMS.includes(path.replace(/\.(js|d\.ts)$/, ""))) continue;
    if (!/\.(js|ts)$/.test(path)) continue;
    rmSync(join(built, path));
    const file = join(moved, path);
    const folder = posix.dirname(posix.join(SUITE_FOLDER, path.replaceAll("\\", "/")));
    writeFileSync(file, withEntries(readFileSync(file, "utf8"), folder));
  }
  for (const path of ["cases", "fixtures"])
    rmSync(join(built, path), { recursive: true, force: true });
}

/** A module's text with each file outside of the suite named as a user would. */
export function withEntries(text: string, folder: string): string {
  const { name, exports } = checkoutManifest();
  const entries = new Map(
    Object.entries(exports).map(([entry, { node }]) => [
      node.replace(`./${BUILT}`, DIST),
      name + entry.slice(1),
    ]),
  );
  for (const file of FOR_PROGRAMS) entries.set(`${SUITE_FOLDER}/${file}.js`, name + SUITE.slice(1));
  const entryAt = (specifier: string): string | undefined => {
    const path = posix.join(folder, specifier);
    const entry = entries.get(path);
    if (entry === undefined && !path.startsWith(`${SUITE_FOLDER}/`))
      throw new Error(
        `Cannot pack suite: "${path}" is no entry, and something in ${folder} imports it`,
      );
    return path === `${SUITE_FOLDER}/mod.js` ? undefined : entry;
  };
  return text
    .replaceAll(/(\b(?:from|import)\s*\(?\s*)"(\.[^"]+)"/g, (all, start, specifier) => {
      const entry = entryAt(specifier);
      return entry === undefined ? all : `${start}"${entry}"`;
    })
    .replaceAll(/new URL\("(\.[^"]+)",\s*import\.meta\.url\)/g, (all, specifier) => {
      const entry = entryAt(specifier);
      return entry === undefined ? all : `new URL(import.meta.resolve("${entry}"))`;
    });
}

if (import.meta.main) {
  const { version } = checkoutManifest();
  const archives = ["futures", "futures-testing"].map(
    (name) => `temp/concurrent-${name}-${version}.tgz`,
  ) as [string, string];
  await packPackage(...archives);
  for (const archive of archives)
    console.log(`Packed ${archive}: \`npm publish ${archive}\` would publish it`);
}
