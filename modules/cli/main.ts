#!/usr/bin/env node
/**
 * The command `futures`: calls exported functions, or runs shell commands, in parallel.
 *
 * It is a program, and exports nothing: `deno run -A jsr:@concurrent/futures/cli map ./jobs.ts#double ::: 1 2 3`.
 *
 * @module
 */

// futures: the command. Calls exported functions, or runs shell commands, in parallel.
//
//   reader ──▶ plan ──▶ runner ──▶ writer        input/, plan/, runner/, output/
//                         │ ▲
//                  joblog ┘ └ signals; the view looks on
//
// What a verb needs is loaded only for that verb: the command starts as fast as an empty program, nearly. And what a runtime makes
// only when it is asked, as a class of streams, is asked for by the module's name: `util.inspect`.

import process from "node:process";
import util from "node:util";
import { type CommandLine, readCommandLine } from "./command_line.ts";
import type { Verb } from "./flags.ts";
import { say } from "./output/terminal.ts";
import { UsageError, WRONG_USE } from "./usage_error.ts";

const VERBS: Record<Verb, (line: CommandLine) => Promise<number>> = {
  map: async (line) => (await import("./map.ts")).map(line),
  run: async (line) => (await import("./run.ts")).run(line),
  agent: async (line) => (await import("./agent.ts")).agent(line),
  doctor: async (line) => (await import("./doctor.ts")).doctor(line),
  playground: async (line) => (await import("./playground.ts")).playground(line),
  completion: async (line) => (await import("./completion.ts")).completion(line),
  man: async () => (await import("./man.ts")).man(),
  help: async (line) => (await import("./help.ts")).help(line),
};

async function main(args: readonly string[]): Promise<void> {
  try {
    const line = readCommandLine(args);
    if (line.flags.cwd !== undefined) enter(String(line.flags.cwd));
    const verb = line.flags.help ? VERBS.help : VERBS[line.verb];
    process.exit(await verb(line));
  } catch (error) {
    // Anything else is a fault of ours. Not code 1 in any case: that is one job that failed.
    say(`futures: ${error instanceof UsageError ? error.message : util.inspect(error)}\n`);
    process.exit(WRONG_USE);
  }
}

function enter(folder: string): void {
  try {
    process.chdir(folder);
  } catch (error) {
    throw new UsageError(`Cannot use --cwd "${folder}": ${(error as Error).message}`);
  }
}

// Code that was compiled once stays compiled, on Node and where its environment does not forbid that: a tenth of a start. What is
// imported above is too little to gain by it.
process.getBuiltinModule("node:module").enableCompileCache?.();
await main(process.argv.slice(2));
