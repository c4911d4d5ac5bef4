// Measures the command futures beside GNU parallel, xargs, Promise.all and the library itself, in turn, in one run.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RUNTIMES } from "../modules/cli/fixture.ts";

const HELP = `Usage: deno task measure:command [--jobs N] [--lines N] [--rounds N]

Prints, each in turn and the median of the rounds:
  N shell commands (default 10000) by futures run, GNU parallel, xargs -P and Promise.all;
  N lines (default 1000000) through a trivial function by futures map, and by the library's map over an array;
  the time from start to first result, beside an empty program of the same runtime, and beside programs of twenty lines that do
  the same and nothing else: whatever the command did, it would not be faster than those.
All of it runs from the sources, which are more files than the package has, and start later for it.
Nothing of it is a test: figures of a machine with other work mean little, ratios more.`;

/** How many run at once, everywhere. */
const WIDTH = String(navigator.hardwareConcurrency);

/** The same by hand: the library over an array, and shells by Promise.all. */
const LIBRARY = (runtime: string) => `
import { readFileSync } from "node:fs";
import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/${runtime.toLowerCase()}";
const lines = readFileSync("lines", "utf8").trimEnd().split("\\n");
const { short } = importTasks(new URL("./jobs.mjs", import.meta.url));
const pool = new ThreadPoolExecutor({ maxWorkers: ${WIDTH} });
let sum = 0;
for await (const length of pool.map(short, lines)) sum += length;
console.log(sum);
process.exit(0);
`;

const SHELLS = `
import { spawn } from "node:child_process";
let left = Number(process.argv[2]);
const one = () => new Promise((resolve) => spawn("/bin/sh", ["-c", "true " + left]).on("close", resolve));
await Promise.all(Array.from({ length: ${WIDTH} }, async () => { while (left-- > 0) await one(); }));
`;

/** What the command does at least, by the name of the file. */
const NAKED: Readonly<Record<string, string>> = {
  "naked_shell.mjs": `
import { spawn } from "node:child_process";
const options = { detached: true, stdio: ["ignore", "pipe", "pipe"] };
spawn("/bin/sh", ["-c", "true 1"], options).on("close", () => process.exit(0));
`,
  // With what has jobs end when the command is killed: nothing less can.
  "naked_guarded_shell.mjs": `
import { spawn } from "node:child_process";
const guard = spawn("/bin/sh", ["-c", "while read -r line; do :; done"], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
guard.unref();
spawn("/bin/sh", ["-c", "true 1"], { detached: true, stdio: ["ignore", "pipe", "pipe"] }).on("close", () => process.exit(0));
`,
  "naked_loop.mjs": `
import { writeSync } from "node:fs";
const { short } = await import("./jobs.mjs");
writeSync(1, short("1") + "\\n");
process.exit(0);
`,
  "naked_thread.mjs": `
import { writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
const worker = new Worker(new URL("./naked_worker.mjs", import.meta.url));
worker.on("message", (result) => {
  writeSync(1, result + "\\n");
  process.exit(0);
});
worker.postMessage(["./jobs.mjs", "short", "1"]);
`,
  "naked_worker.mjs": `
import { parentPort } from "node:worker_threads";
parentPort.on("message", async ([module, name, argument]) => {
  parentPort.postMessage((await import(module))[name](argument));
});
`,
};

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly stdin?: string;
}

function main(args: readonly string[]): void {
  if (args.includes("--help")) return console.log(HELP);
  const number = (name: string, fallback: number) =>
    args.includes(name) ? Number(args[args.indexOf(name) + 1]) : fallback;
  const [jobs, lines, rounds] = [
    number("--jobs", 10_000),
    number("--lines", 1_000_000),
    number("--rounds", 3),
  ];
  // Inside the repository, so that the package's own name resolves.
  const folder = mkdtempSync(join("temp", "measure-"));
  try {
    writeFileSync(
      join(folder, "lines"),
      Array.from({ length: lines }, (_, at) => `line ${at}\n`).join(""),
    );
    writeFileSync(join(folder, "jobs.mjs"), "export const short = (text) => text.length;\n");
    writeFileSync(join(folder, "empty.mjs"), "");
    writeFileSync(join(folder, "shells.mjs"), SHELLS);
    for (const [name, text] of Object.entries(NAKED)) writeFileSync(join(folder, name), text);
    const shells = Array.from({ length: jobs }, (_, at) => `${at}\n`).join("");
    const commands = Object.entries(RUNTIMES);
    compare(`${jobs} shell commands`, rounds, folder, [
      ...commands.map(([runtime, command]) => ({
        name: `futures run on ${runtime}`,
        command: [...command, "run", "--no-progress", "true"],
        stdin: shells,
      })),
      ...commands.map(([runtime, command]) => ({
        name: `Promise.all on ${runtime}`,
        command: [...command.slice(0, -1), "shells.mjs", String(jobs)],
      })),
      { name: "GNU parallel", command: ["parallel", `-j${WIDTH}`, "true"], stdin: shells },
      { name: "xargs -P", command: ["xargs", `-P${WIDTH}`, "-n1", "true"], stdin: shells },
    ]);
    for (const [runtime, command] of commands) {
      writeFileSync(join(folder, `library_${runtime}.mjs`), LIBRARY(runtime));
      compare(`${lines} lines on ${runtime}`, rounds, folder, [
        { name: "the library's map", command: [...command.slice(0, -1), `library_${runtime}.mjs`] },
        {
          name: "futures map",
          command: [...command, "map", "./jobs.mjs#short", "--no-progress", "-a", "lines"],
        },
      ]);
      const naked = (name: string) => ({ name, command: [...command.slice(0, -1), `${name}.mjs`] });
      const flags = ["--no-progress", ":::", "1"];
      compare(`start on ${runtime}`, Math.max(rounds, 15), folder, [
        { name: "an empty program", command: [...command.slice(0, -1), "empty.mjs"] },
        naked("naked_shell"),
        naked("naked_guarded_shell"),
        { name: "futures run", command: [...command, "run", "--no-progress", "true", ":::", "1"] },
        naked("naked_loop"),
        {
          name: "futures map --loop",
          command: [...command, "map", "./jobs.mjs#short", "--loop", ...flags],
        },
        naked("naked_thread"),
        { name: "futures map", command: [...command, "map", "./jobs.mjs#short", ...flags] },
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs the contenders in turn, and prints medians as times and as ratios to the first. */
function compare(
  what: string,
  rounds: number,
  cwd: string,
  contenders: readonly Contender[],
): void {
  console.log(`\n${what}`);
  const times = new Map<string, number[]>();
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, stdin = "" } of contenders) {
      const [program = "", ...args] = command;
      const start = performance.now();
      const { status, error } = spawnSync(program, args, {
        cwd,
        input: stdin,
        stdio: ["pipe", "ignore", "inherit"],
      });
      if (error !== undefined || status !== 0) continue;
      times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
    }
  }
  const medians = contenders.map(({ name }) => median(times.get(name) ?? []));
  for (const [at, { name }] of contenders.entries()) {
    const ms = medians[at] as number;
    const ratio = (ms / (medians[0] as number)).toFixed(2);
    console.log(
      `  ${name.padEnd(26)}${Number.isNaN(ms) ? "not there" : `${ms.toFixed(0)} ms`.padStart(10)}  × ${ratio}`,
    );
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

if (import.meta.main) main(Deno.args);
