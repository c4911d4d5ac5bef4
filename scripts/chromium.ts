// Starts a headless Chromium for tests: the pinned one from npm, or the one that is named. Runs on Deno and on Bun.

import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";

const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)));

/** What playwright leaves on: pings and reports to its maker. Names other than this machine's do not resolve. */
const OFFLINE = [
  "--no-pings",
  "--disable-domain-reliability",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/** Else this build speaks "en-US@posix", which is no language tag to the code that is tested. */
const LOCALE = { LANG: "en_US.UTF-8", LC_ALL: "en_US.UTF-8" };

/**
 * Starts a headless Chromium. It hears nothing of the network but this machine.
 *
 * Whoever starts it closes it, in the same test: `await using browser = await launchChromium()`. Should the program die
 * first, its end of the pipe closes, and Chromium ends by itself.
 *
 * @param flags of Chromium's command line, besides our own.
 * @returns playwright's browser; `await browser.newPage()` is what most tests want.
 * @throws {Error} if there is none that runs here. The message says what to do.
 */
export async function launchChromium(flags: readonly string[] = []): Promise<Browser> {
  // This asks for the result of a look into /proc, which Deno allows only to a program that may do anything.
  process.env.__IS_WSL_TEST__ ??= "1";
  const { chromium } = await import("playwright-core");
  const executablePath = await chromiumPath();
  try {
    return await chromium.launch({
      executablePath,
      args: [...OFFLINE, ...flags],
      env: { ...process.env, ...LOCALE } as Record<string, string>,
    });
  } catch (cause) {
    throw new Error(
      `Cannot start Chromium: ${executablePath} does not run here; ${advice()}\n${cause}`,
      { cause },
    );
  }
}

/** The one named by the environment variable `CHROMIUM`, else the pinned one. */
async function chromiumPath(): Promise<string> {
  const named = process.env.CHROMIUM;
  if (named) return named;
  // The package has a build for one platform.
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(
      `Cannot start Chromium: npm has none for ${process.platform} ${process.arch}; ${advice()}`,
    );
  }
  return await unpackedPath();
}

function advice(): string {
  return "set CHROMIUM to the path of a Chromium or Chrome that does";
}

/** Where the pinned Chromium is unpacked, once for all tests; the package itself is an archive. */
async function unpackedPath(): Promise<string> {
  const home = join(REPOSITORY, "temp", `chromium-${pinnedVersion()}`);
  if (!existsSync(home)) await unpack(home);
  return join(home, "chromium");
}

function pinnedVersion(): string {
  const manifest = JSON.parse(readFileSync(join(REPOSITORY, "package.json"), "utf8"));
  return manifest.devDependencies["@sparticuz/chromium"];
}

/** Tests that begin at the same time may all unpack; the first to finish gives its own the name, whole. */
async function unpack(home: string): Promise<void> {
  mkdirSync(dirname(home), { recursive: true });
  const workshop = mkdtempSync(`${home}-`);
  try {
    const { default: packed } = await import("@sparticuz/chromium");
    await withTemporaryFolder(workshop, () => packed.executablePath());
    renameSync(workshop, home);
  } catch (error) {
    rmSync(workshop, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}

/** The package unpacks to the system's folder for temporary files, which it looks up before its first `await`. */
function withTemporaryFolder<T>(folder: string, start: () => T): T {
  const { TMPDIR: before } = process.env;
  process.env.TMPDIR = folder;
  try {
    return start();
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}
