// The tools as one program, whatever it runs on: which tool, and what it is given. Started by on_deno.ts, on_bun.ts or on_node.ts.

import process from "node:process";
import type { Executor } from "@concurrent/futures";
import { countLog } from "./count_log.ts";
import { findDuplicates } from "./duplicates.ts";
import { interrupt } from "./interrupt.ts";
import { resizeAll } from "./resize.ts";

const USAGE = `Usage: tools duplicates FOLDER
       tools count-log FILE
       tools resize WIDTH FOLDER PICTURE…`;

/** A shell's exit code for wrong use. */
const WRONG_USE = 2;

const TOOLS: Readonly<Record<string, (pool: Executor, args: readonly string[]) => Promise<void>>> =
  {
    async duplicates(pool, [folder = "."]) {
      const groups = await findDuplicates(pool, folder, interrupt());
      for (const paths of groups) console.log(`${paths.join("\n")}\n`);
    },

    async "count-log"(pool, [path = "access.log"]) {
      console.log(await countLog(pool, path));
    },

    async resize(pool, [width, folder = "thumbnails", ...pictures]) {
      const options = { folder, width: Number(width), signal: interrupt() };
      const problems = await resizeAll(pool, pictures, options);
      for (const [path, why] of problems) console.error(`${path}: ${why}`);
    },
  };

/** Runs one tool with a pool of its own. */
export async function main(makePool: () => Executor): Promise<void> {
  const [name = "", ...args] = process.argv.slice(2);
  const tool = TOOLS[name];
  if (tool === undefined) {
    console.error(USAGE);
    process.exitCode = WRONG_USE;
    return;
  }
  await using pool = makePool();
  await tool(pool, args);
}
