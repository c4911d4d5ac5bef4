// Walks as a newcomer does, from an empty folder and with empty caches: the packed package and its peers of the queue are installed
// by Bun, two agents on Bun serve by `bun x futures agent`, a program on Deno has the words of 60 files counted, and one agent is
// killed in the middle.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { bunPath } from "./bun.ts";
import { packPackage } from "./pack_package.ts";
import { startRedisServer } from "./redis_server.ts";
import { run } from "./run_program.ts";

const FILES = 60;
/** So many are done when an agent is killed. */
const DONE_BEFORE = 10;
/** So often each file has each of its words: enough for a quarter of a second of work. */
const TIMES = 100_000;
const WORDS = ["every", "machine", "has", "its", "share", "of", "words"];
const TOTAL = FILES * TIMES * WORDS.length;

const PEERS = ["bullmq", "ioredis", "devalue"];

const WORK = `import { readFile } from "node:fs/promises";

/** Counts how often a file has each of its words. */
export async function countWords(path: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const [word] of (await readFile(path, "utf8")).matchAll(/\\w+/g))
    counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}
`;

const PROGRAM = `import process from "node:process";
import { asCompleted, importTasks } from "@concurrent/futures";
import { QueueExecutor } from "@concurrent/futures/queue";

const tasks = { work: new URL("./work.ts", import.meta.url) };
const countWords = importTasks<typeof import("./work.ts")>(tasks.work).countWords.with({ retries: 5 });
const connection = { url: process.env.REDIS_URL ?? "" };
await using executor = new QueueExecutor({ connection, queue: "walk", tasks });
const files = Array.from({ length: ${FILES} }, (_, n) => new URL(\`./texts/\${n}.txt\`, import.meta.url).pathname);
const futures = files.map((file) => executor.submit(countWords, file));
let total = 0;
for await (const future of asCompleted(futures)) {
  for (const count of (await future).values()) total += count;
  console.log("done");
}
const { stalls } = await executor.queueStats();
console.log(JSON.stringify({ runtime: "Deno " + process.versions.deno, total, stalls }));
`;

/** A program in a group of its own, so that what it starts ends with it; and what it has printed on both. */
class Walker {
  readonly #child: ChildProcess;
  readonly ended: Promise<unknown>;
  printed = "";

  constructor(program: string, args: readonly string[], cwd: string, env: Record<string, string>) {
    this.#child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.ended = once(this.#child, "close");
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.printed += text;
      });
  }

  /** Waits until it has printed something so many times. */
  async prints(text: string, times = 1): Promise<void> {
    while (this.printed.split(text).length <= times) {
      if (this.hasEnded) throw new Error(`It ended and never printed "${text}":\n${this.printed}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async kill(): Promise<void> {
    if (this.hasEnded) return;
    process.kill(-(this.#child.pid as number), "SIGKILL");
    await this.ended;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}

async function walk(folder: string): Promise<string> {
  await packPackage(join(folder, "package.tgz"), join(folder, "suite.tgz"));
  const home = join(folder, "project");
  mkdirSync(join(home, "texts"), { recursive: true });
  cpSync(join(folder, "package.tgz"), join(home, "package.tgz"));
  writeFileSync(join(home, "work.ts"), WORK);
  writeFileSync(join(home, "submit.ts"), PROGRAM);
  const text = `${WORDS.join(" ")}\n`.repeat(TIMES);
  for (let n = 0; n < FILES; n++) writeFileSync(join(home, "texts", `${n}.txt`), text);
  const caches = { BUN_INSTALL_CACHE_DIR: join(folder, "bun"), DENO_DIR: join(folder, "deno") };
  const { devDependencies: pinned } = JSON.parse(readFileSync("package.json", "utf8"));
  const peers = PEERS.map((name) => `${name}@${pinned[name]}`);
  run(bunPath(), ["add", "./package.tgz", ...peers], home, caches);
  await using server = await startRedisServer();
  const env = { ...caches, REDIS_URL: server.url, NO_COLOR: "1" };
  const walkers: Walker[] = [];
  const start = (program: string, ...args: string[]) => {
    const walker = new Walker(program, args, home, env);
    walkers.push(walker);
    return walker;
  };
  try {
    const serve = (name: string) =>
      start(
        bunPath(),
        ...["x", "--bun", "--no-install", "futures", "agent", "work=./work.ts", "--queue", "walk"],
        ...["--concurrency", "2", "--name", name],
      );
    const agents = [serve("one"), serve("two")];
    for (const agent of agents) await agent.prints(" serves ");
    const program = start(Deno.execPath(), "run", "--allow-all", "submit.ts");
    await program.prints("done", DONE_BEFORE);
    await agents[0]?.kill();
    await program.ended;
    const said = program.printed.trim().split("\n").at(-1) ?? "";
    const { total, stalls, runtime } = JSON.parse(said.startsWith("{") ? said : "{}");
    if (total !== TOTAL || !(stalls > 0))
      throw new Error(
        `Expected ${TOTAL}, and jobs that have lost their agent:\n${program.printed}`,
      );
    const first = agents[1]?.printed.trim().split("\n")[0];
    const end = `${stalls} lost their agent and ran again, ${total} words`;
    return `${first}\n${FILES} files by ${runtime}, one of two agents killed: ${end}`;
  } finally {
    await Promise.all(walkers.map((walker) => walker.kill()));
  }
}

// Not below this checkout, whose packages would be found from there.
const folder = mkdtempSync(join(tmpdir(), "futures-walk-"));
try {
  console.log(await walk(folder));
} finally {
  rmSync(folder, { recursive: true });
}
