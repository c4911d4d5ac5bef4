// Tests of the playground as Bun starts it.

import process from "node:process";
import { fileURLToPath } from "node:url";
import { testStartedServer } from "./started_server.ts";

testStartedServer({
  command: process.execPath,
  args: [fileURLToPath(new URL("main_bun.ts", import.meta.url))],
  pool: "processes",
});
