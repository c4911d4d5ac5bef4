// Tests of what workers get of the way their program was started on Bun, and of whose pools work there.

import { afterAll, test } from "bun:test";
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "futures-starting with-"));
afterAll(() => rmSync(folder, { recursive: true }));

const [library, entry] = ["../../mod.ts", "./mod.ts"].map((name) =>
  JSON.stringify(Bun.fileURLToPath(new URL(name, import.meta.url))),
);

/** Says what a process has of the flags; argument: its working directory. */
const PROGRAM = `
import { importTasks } from ${library};
import { ProcessPoolExecutor } from ${entry};
const tasks = importTasks(new URL("file://${encodeURI(folder)}/task.js"));
const [, , cwd] = process.argv;
await using pool = new ProcessPoolExecutor({ maxWorkers: 1, ...(cwd === undefined ? {} : { cwd }) });
console.log(await pool.submit(tasks.say));
`;

const FILES: Record<string, string> = {
  "program.js": PROGRAM,
  "task.js": `
    import { which } from "conditional";
    export const say = () => [which, globalThis.loaded, typeof DEFINED === "undefined" ? "" : DEFINED].join();
  `,
  "preload.js": `globalThis.loaded = "preloaded";`,
  "node_modules/conditional/package.json": `{ "type": "module", "exports": { "special": "./special.js", "default": "./default.js" } }`,
  "node_modules/conditional/special.js": `export const which = "special";`,
  "node_modules/conditional/default.js": `export const which = "default";`,
};
mkdirSync(join(folder, "node_modules/conditional"), { recursive: true });
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);

const FLAGS = ["--conditions=special", "--preload", "./preload.js", "--define", "DEFINED=7"];
const ALL = "special,preloaded,7\n";

test("flags that decide which module is meant reach processes", () => {
  for (const cwd of [[], [tmpdir()]]) assert.equal(run([...FLAGS, "program.js", ...cwd]), ALL);
});

test("they reach processes of a program that is a text, and of one that is watched by a debugger", () => {
  assert.equal(run([...FLAGS, "--eval", PROGRAM]), ALL);
  assert.equal(run(["--inspect=0", ...FLAGS, "program.js"]), ALL);
});

test("a debugger in the environment is for the program only, and flags there are for all", () => {
  // The port is the system's to choose: a worker that took the debugger for its own would wait for somebody to come.
  const debuggers = { BUN_INSPECT: "ws://127.0.0.1:0/futures", NODE_OPTIONS: "--inspect-brk=0" };
  const BUN_OPTIONS = FLAGS.join(" ");
  for (const cwd of [[], [tmpdir()]])
    assert.equal(run(["program.js", ...cwd], { ...debuggers, BUN_OPTIONS }), ALL);
});

test("a pool of another runtime is refused when it is made, with the one to take", async () => {
  for (const other of ["deno", "node", "browser"]) {
    const pools = await import(`../${other}/mod.ts`);
    for (const name of ["ThreadPoolExecutor", "ProcessPoolExecutor"]) {
      if (pools[name] === undefined) continue;
      const instead = new RegExp(`; use ${name} of @concurrent/futures/bun$`);
      assert.throws(() => new pools[name](), instead);
    }
  }
});

function run(args: readonly string[], env: Record<string, string> = {}): string {
  const { stdout, stderr, exitCode, signalCode } = Bun.spawnSync({
    cmd: [process.execPath, ...args],
    cwd: folder,
    env: { ...process.env, ...env },
    timeout: 20_000,
    killSignal: "SIGKILL",
  });
  assert.deepEqual([exitCode, signalCode ?? null], [0, null], `${stderr}`);
  return `${stdout}`;
}
