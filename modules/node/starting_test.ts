// Tests of what workers get of the way their program was started on Node, and of whose pools work there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { isOlder } from "./executors.ts";

const folder = mkdtempSync(join(tmpdir(), "futures-starting with-"));
after(() => rmSync(folder, { recursive: true }));

const [library, entry] = ["../../mod.js", "./mod.js"].map((name) =>
  JSON.stringify(new URL(name, import.meta.url).href),
);

/** Says what a thread and a process have of the flags; argument: the working directory of the process. */
const PROGRAM = `
import { importTasks } from ${library};
import { ProcessPoolExecutor, ThreadPoolExecutor } from ${entry};
const tasks = importTasks(new URL("file://${encodeURI(folder)}/task.mjs"));
for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  const cwd = Pool === ProcessPoolExecutor ? process.argv[2] : undefined;
  const pool = new Pool({ maxWorkers: 1, ...(cwd === undefined ? {} : { cwd }) });
  console.log(await pool.submit(tasks.say));
  await pool.shutdown();
}
`;

const FILES: Record<string, string> = {
  "program.mjs": PROGRAM,
  "task.mjs": `
    import { which } from "conditional";
    export const say = () => [which, globalThis.imported, globalThis.required].join();
  `,
  "has_pool.mjs": `
    import { appendFileSync, readFileSync } from "node:fs";
    import { importTasks } from ${library};
    import * as pools from ${entry};
    appendFileSync("log", "preloaded\\n");
    if (readFileSync("log", "utf8").split("\\n").length > 30) process.exit(1);
    const tasks = importTasks("data:text/javascript,export function double(n) { return 2 * n }");
    const pool = new pools[process.env.POOL]({ maxWorkers: 1 });
    pool.submit(tasks.double, 4).then(console.log, (error) => console.log(String(error)));
  `,
  "main.mjs": "",
  "import.mjs": `globalThis.imported = "imported";`,
  "require.cjs": `globalThis.required = "required";`,
  "node_modules/conditional/package.json": `{ "type": "module", "exports": { "special": "./special.js", "default": "./default.js" } }`,
  "node_modules/conditional/special.js": `export const which = "special";`,
  "node_modules/conditional/default.js": `export const which = "default";`,
};
mkdirSync(join(folder, "node_modules/conditional"), { recursive: true });
for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);

const FLAGS = ["--conditions=special", "--import", "./import.mjs", "-r", "./require.cjs"];
const ALL = "special,imported,required\n".repeat(2);

test("flags that decide which module is meant reach processes as they reach threads", () => {
  assert.deepEqual(run([...FLAGS, "program.mjs"]), { stdout: ALL, stderr: "" });
});

test("they reach a process that has another working directory", () => {
  assert.deepEqual(run([...FLAGS, "program.mjs", tmpdir()]), { stdout: ALL, stderr: "" });
});

test("they do so by NODE_OPTIONS, too, and a debugger there is for the program only", () => {
  const NODE_OPTIONS = `--inspect=0 ${FLAGS.join(" ")}`;
  for (const cwd of [[], [tmpdir()]]) {
    const { stdout, stderr } = run(["program.mjs", ...cwd], { NODE_OPTIONS });
    assert.equal(stdout, ALL);
    assert.equal(stderr.match(/Debugger listening/g)?.length, 1, stderr);
  }
});

test("a debugger of the command line is for the program only", () => {
  const { stdout, stderr } = run(["--inspect=0", ...FLAGS, "program.mjs"]);
  assert.equal(stdout, ALL);
  assert.equal(stderr.match(/Debugger listening/g)?.length, 1, stderr);
});

test("a program that is a text has threads and processes", () => {
  for (const flags of [
    ["--input-type=module", ...FLAGS],
    [...FLAGS, "--input-type", "module"],
  ]) {
    assert.deepEqual(run([...flags, "--eval", PROGRAM]), { stdout: ALL, stderr: "" });
    assert.deepEqual(run([...flags, "-"], {}, PROGRAM), { stdout: ALL, stderr: "" });
  }
});

test("a pool that a preloaded module uses does not preload itself again in each of its workers", () => {
  for (const POOL of ["ProcessPoolExecutor", "ThreadPoolExecutor"]) {
    writeFileSync(join(folder, "log"), "");
    const { stdout } = run(["--import", "./has_pool.mjs", "main.mjs"], { POOL });
    assert.match(stdout, /^BrokenExecutorError: Cannot run task: workers could not be started/);
    // Itself, and the five tries of any worker that does not start.
    assert.equal(readFileSync(join(folder, "log"), "utf8"), "preloaded\n".repeat(6));
  }
});

test("a pool of an older Node is refused when it is made, with the version", () => {
  const old = `
    Object.defineProperty(process, "versions", { value: { ...process.versions, node: "22.2.0" } });
    const pools = await import(${entry});
    for (const name of ["ThreadPoolExecutor", "ProcessPoolExecutor"]) {
      try { new pools[name](); } catch (error) { console.log(String(error)); }
    }
  `;
  const { stdout } = run(["--input-type=module", "--eval", old]);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 2, stdout);
  for (const line of lines)
    assert.match(
      line,
      /^UnsupportedRuntimeError: Cannot create \w+: this is Node 22\.2\.0, and 22\.3\.0 is/,
    );
});

test("a pool of another runtime is refused when it is made, with the one to take", async () => {
  for (const other of ["deno", "bun", "browser"]) {
    const pools = await import(`../${other}/mod.js`);
    for (const name of ["ThreadPoolExecutor", "ProcessPoolExecutor"]) {
      if (pools[name] === undefined) continue;
      const instead = new RegExp(`; use ${name} of @concurrent/futures/node$`);
      assert.throws(() => new pools[name](), instead);
    }
  }
});

test("isOlder() compares versions number by number", () => {
  const older = ["22.2.9", "20.20.2", "9.9.9", "22.3.0-nightly"].map((v) => isOlder(v, "22.3.0"));
  assert.deepEqual(older, [true, true, true, false]);
  assert.deepEqual([isOlder("22.10.0", "22.3.0"), isOlder("24.0.0", "22.3.0")], [false, false]);
});

function run(
  args: readonly string[],
  env: Record<string, string> = {},
  input = "",
): { stdout: string; stderr: string } {
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, ...env },
    input,
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  assert.deepEqual({ status, signal }, { status: 0, signal: null }, stderr);
  return { stdout, stderr };
}

test("neither a first result nor much work loads a part of fetch, in the program or in its thread", () => {
  const program = `
    import { importTasks } from ${library};
    import { ThreadPoolExecutor } from ${entry};
    const source = "process.moduleLoadList.filter((name) => name.includes('undici')).join()";
    const busy = "() => { for (const end = performance.now() + 0.5; performance.now() < end; ); }";
    const tasks = importTasks("data:text/javascript,export const loaded = () => " + source + ", busy = " + busy);
    const pool = new ThreadPoolExecutor({ maxWorkers: 1 });
    console.log([await pool.submit(tasks.loaded), eval(source)]);
    // So much that the thread gives its event loop a turn in between.
    for await (const _ of pool.map(tasks.busy, Array(200))) {}
    console.log([await pool.submit(tasks.loaded), eval(source)]);
    await pool.shutdown();
  `;
  const { stdout } = run(["--input-type=module", "--eval", program]);
  assert.equal(stdout, "[ '', '' ]\n[ '', '' ]\n");
});
