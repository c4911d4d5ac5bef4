// Tests of the playground as Deno starts it, with the same permissions as the task.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { testStartedServer } from "./started_server.ts";

const ROOT = new URL("../../", import.meta.url);

/** The task's own command, so that the test and the user start the same thing. */
const { tasks } = JSON.parse(readFileSync(new URL("deno.json", ROOT), "utf8"));
const flags = (tasks.playground.command as string)
  .split(" ")
  .filter((word) => word.startsWith("--"))
  .map((word) => word.replaceAll("'", ""));

testStartedServer({
  command: Deno.execPath(),
  args: ["run", ...flags, fileURLToPath(new URL("main_deno.ts", import.meta.url))],
  pool: "threads",
});
