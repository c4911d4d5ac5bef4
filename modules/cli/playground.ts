// futures playground: starts the playground, where this is a checkout of the repository.

import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { RUNTIME, type RuntimeName } from "./backend.ts";
import type { CommandLine } from "./command_line.ts";
import { UsageError } from "./usage_error.ts";

/** The application lies outside the package, which has only what programs need. */
const MAINS: Readonly<Partial<Record<RuntimeName, URL>>> = {
  Deno: new URL("../../apps/playground/main_deno.ts", import.meta.url),
  Bun: new URL("../../apps/playground/main_bun.ts", import.meta.url),
};

/** What `deno task playground` does first: the page is bundled if a source is newer than the bundle. */
const BUILD = new URL("../../apps/playground/build_page.ts", import.meta.url);

const REPOSITORY = new URL("../../", import.meta.url);

/** Starts it, and ends when it does. */
export async function playground({ flags }: CommandLine): Promise<number> {
  const main = MAINS[RUNTIME];
  if (main === undefined)
    throw new UsageError(
      `Cannot start the playground on ${RUNTIME}: it runs on Deno and Bun, in a clone of the repository: npx deno task playground`,
    );
  if (main.protocol !== "file:" || !existsSync(main)) {
    throw new UsageError(
      "Cannot start the playground: it is no part of the package; clone the repository, and there: deno task playground",
    );
  }
  // Where its task starts it: what it keeps lies in the repository, not where the user happens to be.
  process.chdir(fileURLToPath(REPOSITORY));
  await ((await import(BUILD.href)) as { buildPage(): Promise<boolean> }).buildPage();
  // It reads its own command line.
  const port = flags.port === undefined ? [] : ["--port", String(flags.port)];
  process.argv.splice(2, process.argv.length, ...port);
  await import(main.href);
  return await new Promise(() => {});
}
