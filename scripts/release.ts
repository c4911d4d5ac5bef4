// Makes a release: checks everything, closes the changelog, writes the version wherever it stands, commits and tags. Pushes nothing.

import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";

const HELP = `Usage: deno task release VERSION [--unchecked]

Runs every check and test, then closes the changelog's section, writes VERSION into the manifests and wherever else it stands, commits
that, and tags it. Nothing is pushed: the last line says how, and a tag that is pushed is published by the forge's workflow.

--unchecked   Leaves out checks and tests, for a trial on a copy.`;

/** What precedes the version where it stands. */
const PLACES: Readonly<Record<string, RegExp>> = {
  "deno.json": /(?<=^ {2}"version": ")[^"]+/m,
  "package.json": /(?<=^ {2}"version": ")[^"]+/m,
  "modules/cli/version.ts": /(?<=^export const VERSION = ")[^"]+/m,
  "README.md": /(?<=jsr:@concurrent\/futures@\^)[\d.]+/,
  "docs/guide/start.md": /(?<=jsr:@concurrent\/futures@\^)[\d.]+/,
};

const CHANGELOG = "CHANGELOG.md";

const VERSION = /^(\d+)\.(\d+)\.(\d+)$/;

/** Why no release is made. */
class ReleaseError extends Error {
  override name = "ReleaseError";
}

/**
 * The changelog with its open section closed, and a new one that is open.
 *
 * @param date as `2026-11-30`.
 * @throws {Error} if there is no open section, or nothing in it.
 */
export function closedChangelog(text: string, version: string, date: string): string {
  const open = /^## (?:\[Unreleased\]|\[[\d.]+\] - Unreleased)$/m.exec(text);
  if (open === null) throw new ReleaseError("Cannot release: the changelog has no open section");
  const rest = text.slice(open.index + open[0].length);
  const [section = ""] = rest.split(/^## /m);
  if (!/^- /m.test(section))
    throw new ReleaseError("Cannot release: nothing stands in the changelog's open section");
  return `${text.slice(0, open.index)}## [Unreleased]\n\n## [${version}] - ${date}${rest}`;
}

/** A text with the version written where it stands; the name of its file says where that is. */
export function withVersion(file: string, text: string, version: string): string {
  const place = PLACES[file];
  if (place === undefined || !place.test(text))
    throw new ReleaseError(`Cannot release: there is no version in ${file}`);
  return text.replace(place, version);
}

/** Whether one version comes before another. */
export function isBefore(version: string, other: string): boolean {
  const [a, b] = [version, other].map((text) => (VERSION.exec(text) ?? []).slice(1).map(Number));
  const differing = a?.findIndex((part, index) => part !== b?.[index]) ?? -1;
  return differing >= 0 && (a?.[differing] ?? 0) < (b?.[differing] ?? 0);
}

async function release(version: string, isChecked: boolean): Promise<void> {
  if (!VERSION.test(version))
    throw new ReleaseError(
      `Cannot release ${JSON.stringify(version)}: it is no version such as 0.2.0`,
    );
  const { version: current } = JSON.parse(readFileSync("deno.json", "utf8"));
  if (isBefore(version, current))
    throw new ReleaseError(`Cannot release ${version}: ${current} came before`);
  if (git("status", "--porcelain") !== "")
    throw new ReleaseError("Cannot release: not all of what is here is committed");
  if (git("tag", "--list", `v${version}`) !== "")
    throw new ReleaseError(`Cannot release ${version}: there is a tag of it`);
  const date = new Date().toISOString().slice(0, 10);
  // All of it before anything is written: what fails leaves nothing.
  const texts = new Map([
    [CHANGELOG, closedChangelog(readFileSync(CHANGELOG, "utf8"), version, date)],
    ...Object.keys(PLACES).map(
      (file) => [file, withVersion(file, readFileSync(file, "utf8"), version)] as const,
    ),
  ]);
  if (isChecked) await check();
  for (const [file, text] of texts) writeFileSync(file, text);
  git("add", ...texts.keys());
  git("commit", "--quiet", "--message", `Release ${version}`);
  git("tag", "--annotate", `v${version}`, "--message", `Release ${version}`);
  console.log(`Released ${version}, here only. To publish it: git push --follow-tags`);
}

async function check(): Promise<void> {
  const { success } = await new Deno.Command(Deno.execPath(), { args: ["task", "test"] }).spawn()
    .status;
  if (!success) throw new ReleaseError("Cannot release: not every check passes");
  if (git("status", "--porcelain") !== "")
    throw new ReleaseError("Cannot release: something has changed meanwhile");
}

function git(...args: string[]): string {
  const { success, stdout, stderr } = new Deno.Command("git", { args }).outputSync();
  const [output = "", errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  if (!success) throw new ReleaseError(`Cannot release: git ${args[0]} fails:\n${errors}`);
  return output.trim();
}

if (import.meta.main) {
  const [version, ...flags] = Deno.args;
  if (
    version === undefined ||
    version === "--help" ||
    flags.some((flag) => flag !== "--unchecked")
  ) {
    console.log(HELP);
    process.exitCode = version === "--help" ? 0 : 2;
  } else {
    try {
      await release(version, !flags.includes("--unchecked"));
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
      console.error(error.message);
      process.exitCode = 1;
    }
  }
}
