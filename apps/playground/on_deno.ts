// How tests start the playground on Deno: with the task's own command, so that a test and a user start the same thing.

import { readFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Start } from "./started_server.ts";

const { tasks } = JSON.parse(readFileSync(new URL("../../deno.json", import.meta.url), "utf8"));

/** The server's own part of the command; what comes before it bundles the page. */
const [, server = ""] = (tasks.playground.command as string).split(" && ");

export const ON_DENO: Start = {
  command: process.execPath,
  args: [
    "run",
    ...server
      .split(" ")
      .filter((word) => word.startsWith("--"))
      .map((word) => word.replaceAll("'", "")),
    fileURLToPath(new URL("main_deno.ts", import.meta.url)),
  ],
  pool: "threads",
};
