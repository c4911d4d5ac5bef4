// How tests start the playground on Bun.

import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Start } from "./started_server.ts";

export const ON_BUN: Start = {
  command: process.execPath,
  args: [fileURLToPath(new URL("main_bun.ts", import.meta.url))],
  pool: "processes",
};
