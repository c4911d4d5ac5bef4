// Strikes our pool and those of others alike, and writes down what becomes of each: deno task crashes --write.
//
// Every trial is a program of its own, on each runtime. The others are those that the bench measures; what is tried of ours is the package as
// npm gets it.

import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bunPath } from "./bun.ts";
import { installPackage } from "./install_package.ts";
import { nodePath } from "./node.ts";

const WORKSHOP = "temp/crashes";
const PEERS = "apps/bench/peers";
const PAGE = "docs/peers.md";

/** The longest trial takes three times its own limit. */
const TIMEOUT_MS = 25_000;

const LIBRARIES = [
  "@concurrent/futures",
  "piscina",
  "tinypool",
  "tinypool child_process",
  "workerpool",
  "poolifier",
  "comlink",
];

/** What has no pool of threads on these runtimes, or none to install. */
const BY_HAND = `
## Looked at by hand

knitting 0.1.61 and Python 3.11; p-queue is what runs on the event loop.

| | a worker exits in a task | a timer of a task throws late | a busy loop is cancelled | the program ends without \`close\` |
|---|---|---|---|---|
| knitting | fails with a text; the lane is **lost** | the same | by a flag, or the pool ends | **no** |
| Python's processes | the **whole pool** breaks | – | cannot be | – |
| p-queue | has no workers | – | cannot be | yes |
`;

/** What a trial prints, if it comes so far. */
interface Outcome {
  readonly struck: string;
  readonly others?: number;
  readonly next?: string;
  readonly hostErrors?: number;
  readonly ms?: number;
}

function tell(trial: string, outcome: Outcome | undefined, hasEnded: boolean): string {
  if (trial === "end") return hasEnded && outcome ? "yes" : "**no**";
  if (outcome === undefined) return hasEnded ? "**the program ends**" : "**the program hangs**";
  if (outcome.struck === "cannot") return "cannot";
  const loud = (word: string) => (word === "hangs" ? "**hangs**" : word);
  if (trial === "cancel") {
    const next =
      outcome.next === "done"
        ? `the next is done, ${outcome.ms} ms`
        : `the next **${outcome.next}**`;
    return `${loud(outcome.struck)}; ${next}`;
  }
  const others =
    outcome.others === 6
      ? "the others are done"
      : `**${6 - (outcome.others ?? 0)} of 6 others are lost**`;
  const host = outcome.hostErrors ? "; thrown in the program, too" : "";
  return `${loud(outcome.struck)}; ${others}${host}`;
}

async function run(program: readonly string[], library: string, trial: string): Promise<string> {
  const [command = "", ...args] = program;
  const abort = AbortSignal.timeout(TIMEOUT_MS);
  const { success, stdout } = await new Deno.Command(command, {
    args: [...args, "trial.js", library, trial],
    cwd: WORKSHOP,
    stdin: "null",
    stderr: "null",
    signal: abort,
  }).output();
  const [line = ""] = new TextDecoder().decode(stdout).trim().split("\n").slice(-1);
  const outcome = line.startsWith("{") ? (JSON.parse(line) as Outcome) : undefined;
  return tell(trial, outcome, success);
}

async function main(): Promise<void> {
  if (!existsSync(`${PEERS}/node_modules`)) {
    console.error(`Cannot try: the peers are not there, npm install in ${PEERS}`);
    Deno.exit(2);
  }
  await installPackage(WORKSHOP);
  cpSync(`${PEERS}/node_modules`, join(WORKSHOP, "node_modules"), { recursive: true });
  cpSync("apps/bench/crashes", WORKSHOP, { recursive: true });
  const { dependencies } = JSON.parse(readFileSync(`${PEERS}/package.json`, "utf8"));
  const programs: Record<string, readonly string[]> = {
    Deno: [Deno.execPath(), "run", "--quiet", "--allow-all", "--node-modules-dir=manual"],
    Bun: [bunPath()],
    Node: [nodePath()],
  };
  let page = `# Beside others, when something goes wrong

Written by \`deno task crashes --write\`; not edited by hand. Each library's pool of threads is struck alike, on every runtime, each time in
a program of its own (\`apps/bench/crashes\`). What has not settled after six seconds *hangs*.

- *Exits*: one of two workers exits in a task, with six short tasks behind it. *Throws late*: a timer of a task throws while the
  task goes on; a pool may fail the task, or tell of the error and let it go on.
- *A busy loop is cancelled*: by what the library has for it, on a pool of one; then one more task is run.
- *Ends by itself*: a program that has run a task, and closes nothing.

Written on ${new Date().toISOString().slice(0, 10)}; milliseconds say little where the machine was busy with other things.

With ${Object.entries(dependencies)
    .map(([name, version]) => `${name} ${version}`)
    .join(", ")}.
`;
  for (const [runtime, program] of Object.entries(programs)) {
    page += `\n## On ${runtime}\n\n| | exits | throws late | a busy loop is cancelled | ends by itself |\n|---|---|---|---|---|\n`;
    for (const library of LIBRARIES) {
      const cells: string[] = [];
      // One at a time: a machine that is busy makes a slow one look like one that hangs.
      for (const trial of ["exit", "late", "cancel", "end"])
        cells.push(await run(program, library, trial));
      console.log(`${runtime}: ${library}: ${cells.join(" | ")}`);
      page += `| ${library} | ${cells.join(" | ")} |\n`;
    }
  }
  page += BY_HAND;
  if (Deno.args.includes("--write")) writeFileSync(PAGE, page);
}

if (import.meta.main) await main();
