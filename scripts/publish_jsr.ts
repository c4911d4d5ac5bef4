// Publishes the package on JSR. It gets the sources as they are, but for `@std/async`: JSR has that itself, and whoever
// takes us from there needs nothing from npm.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The part of deno.json that is read. */
export interface PublishedManifest {
  readonly imports: Record<string, string>;
  readonly publish: { readonly include: readonly string[] };
}

/** The oldest that has what is used of it. */
const ON_JSR = "jsr:@std/async@^1.0.0";

/** What npm calls the files of `@std/async`. */
const ON_NPM = /^npm:deno-std@[\d.]+\/async\/([a-z]+)\.js$/;

/** The manifest that JSR gets. No lock file comes along: ours knows nothing of JSR. */
export function manifestForJsr<M extends PublishedManifest>(manifest: M): M & { lock: false } {
  const imports = Object.entries(manifest.imports).map(([name, target]) => {
    const [, file] = ON_NPM.exec(target) ?? [];
    return [name, file === undefined ? target : `${ON_JSR}/${file}`];
  });
  return { ...manifest, imports: Object.fromEntries(imports), lock: false };
}

/** Copies what may be published into a folder, which has to be outside of the repository: it ignores what lies in it. */
export function stage(manifest: PublishedManifest, folder: string): void {
  // What of it is published `deno publish` itself finds out, by the same patterns.
  const paths = new Set(
    manifest.publish.include.map((pattern) => pattern.replace(/(?<=^|\/)[^/]*\*.*$/, "")),
  );
  for (const path of paths) cpSync(path, join(folder, path), { recursive: true });
  writeFileSync(join(folder, "deno.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const manifest: PublishedManifest = JSON.parse(Deno.readTextFileSync("deno.json"));
  const folder = mkdtempSync(join(tmpdir(), "futures-publish-"));
  try {
    stage(manifestForJsr(manifest), folder);
    const command = new Deno.Command(Deno.execPath(), { args: ["publish", ...args], cwd: folder });
    const { code } = await command.spawn().status;
    Deno.exitCode = code;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) await main(Deno.args);
