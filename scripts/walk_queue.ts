// Walks as a newcomer does, from an empty folder: the packed package and its peers of the queue are installed by npm, two agents
// on Node serve by `npx futures agent`, a program on Bun submits 60 jobs, and one agent is killed in the middle.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { bunPath } from "./bun.ts";
import { nodePath } from "./node.ts";
import { packPackage } from "./pack_package.ts";
import { startRedisServer } from "./redis_server.ts";
import { run } from "./run_program.ts";

const JOBS = 60;
/** So many are done when an agent is killed. */
const DONE_BEFORE = 10;
const TOTAL = JOBS * (JOBS - 1);

const PEERS = ["bullmq", "ioredis", "devalue"];

const WORK = `import { setTimeout as pause } from "node:timers/promises";
export async function double(n) {
  await pause(200);
  return 2 * n;
}
`;

const PROGRAM = `import process from "node:process";
import { asCompleted, importTasks } from "@concurrent/futures";
import { QueueExecutor } from "@concurrent/futures/queue";

const tasks = { work: new URL("./work.mjs", import.meta.url) };
const { double } = importTasks(tasks.work);
const connection = { url: process.env.REDIS_URL };
await using executor = new QueueExecutor({ connection, queue: "walk", tasks });
const futures = Array.from({ length: ${JOBS} }, (_, n) => executor.submit(double.with({ retries: 5 }), n));
let total = 0;
for await (const future of asCompleted(futures)) {
  total += await future;
  console.log("done");
}
const { stalls } = await executor.queueStats();
console.log(JSON.stringify({ runtime: "Bun " + process.versions.bun, total, stalls }));
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
  run("mkdir", ["-p", home]);
  cpSync(join(folder, "package.tgz"), join(home, "package.tgz"));
  writeFileSync(join(home, "package.json"), `{ "name": "user", "type": "module" }`);
  writeFileSync(join(home, "work.mjs"), WORK);
  writeFileSync(join(home, "submit.mjs"), PROGRAM);
  // Bun by its name, and the Node that the package supports before the machine's own.
  symlinkSync(bunPath(), join(folder, "bun"));
  const path = [folder, dirname(nodePath()), process.env.PATH].join(delimiter);
  const { devDependencies: pinned } = JSON.parse(readFileSync("package.json", "utf8"));
  const peers = PEERS.map((name) => `${name}@${pinned[name]}`);
  run("npm", ["install", "--no-audit", "--no-fund", "./package.tgz", ...peers], home, {
    PATH: path,
  });
  await using server = await startRedisServer();
  const env = { PATH: path, REDIS_URL: server.url, NO_COLOR: "1" };
  const walkers: Walker[] = [];
  const start = (program: string, ...args: string[]) => {
    const walker = new Walker(program, args, home, env);
    walkers.push(walker);
    return walker;
  };
  try {
    const serve = (name: string) =>
      start(
        "npx",
        ...["--no-install", "futures", "agent", "work=./work.mjs", "--queue", "walk"],
        ...["--concurrency", "2", "--name", name],
      );
    const agents = [serve("one"), serve("two")];
    for (const agent of agents) await agent.prints(" serves ");
    const program = start("bun", "submit.mjs");
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
    const end = `${stalls} lost their agent and ran again, total ${total}`;
    return `${first}\n${JOBS} jobs by ${runtime}, one of two agents killed: ${end}`;
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
