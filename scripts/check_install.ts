// Checks that the packed package works for a user who installed only it: on Bun, on Node, in types; and what is in it.

import { cpSync, existsSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { bunPath } from "./bun.ts";
import { missingLine, promisedOutput } from "./examples.ts";
import { installPackage } from "./install_package.ts";
import { nodePath } from "./node.ts";
import { run, runAside } from "./run_program.ts";
import { isPublished } from "./source_files.ts";
import { tryInstallers } from "./try_installers.ts";

const WORKSHOP = "temp/install";

/** Needs every entry, and nothing of this repository; no types, for Node. */
const USER_PROGRAM = `
import { EventLoopExecutor } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/deno";
import { ProcessPoolExecutor } from "@concurrent/futures/bun";
import { ThreadPoolExecutor as PageThreads } from "@concurrent/futures/browser";
import * as testing from "@concurrent/futures/testing";
await using executor = new EventLoopExecutor();
const sum = await executor.submit(async (a, b) => a + b, 1, 2).result({ timeout: 60_000 });
console.log(sum, typeof ThreadPoolExecutor, typeof ProcessPoolExecutor, typeof PageThreads, typeof testing);
`;

/** Threads and processes of Node, from inside node_modules. */
const NODE_PROGRAM = `
import { importTasks } from "@concurrent/futures";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@concurrent/futures/node";
const tasks = importTasks("data:text/javascript,export function double(n) { return 2 * n }");
for (const Pool of [ThreadPoolExecutor, ProcessPoolExecutor]) {
  await using pool = new Pool({ maxWorkers: 1 });
  console.log(await pool.submit(tasks.double, 21));
}
`;

const NODE_OUTPUT = "42\n42";

/** The example that is for the installed package. */
const NODE_EXAMPLE = "examples/every_core_node";

/** The suite, as the author of a backend runs it: its own files, and the library beside it. */
const SUITE_PROGRAM = `
import { EventLoopExecutor } from "@concurrent/futures";
import { Gate } from "@concurrent/futures/testing";
import * as suite from "@concurrent/futures-testing";
const [inProcess, fake] = suite.runtimeBlindSubjects("Node", { executable: process.execPath, flags: [] });
const cases = suite.conformanceCases.filter(({ id }) => /^(py-(1|65|97)$|cf-numbers-|seam-)/.test(id));
const outcomes = new Map();
for (const subject of [inProcess, fake])
  for await (const { id, outcome, error } of suite.runConformance(subject, cases)) {
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    if (outcome === "fail") console.log(id, error);
  }
console.log(suite.Gate === Gate, inProcess.create() instanceof EventLoopExecutor, outcomes.get("pass") > 5, outcomes.get("fail"));
`;

const SUITE_OUTPUT = "true true true undefined";

const EXPECTED_OUTPUT = "3 function function function object";

/** Mounts the dashboard, with its page and its types, beside the packages that only it needs. */
const DASHBOARD_PROGRAM = `
import { EventLoopExecutor } from "@concurrent/futures";
import { dashboard } from "@concurrent/futures/dashboard";
import { Hono } from "hono";
await using executor = new EventLoopExecutor();
const app = new Hono().route("/jobs", dashboard(executor));
const headers = { host: "localhost" };
const page = await app.request("/jobs/", { headers });
const script = await app.request("/jobs/main.js", { headers });
console.log(page.status, script.status, (await (await app.request("/jobs/api/jobs", { headers })).json()).total);
`;

const DASHBOARD_OUTPUT = "200 200 0";

/** The command, as npx and bunx start it, with a table: what reads it is in the package. */
const COMMAND = ["node_modules/@concurrent/futures/dist/modules/cli/main.js", "map"];
const COMMAND_ARGS = ["./double.mjs#double", "--csv", "numbers.csv", "--keep-order"];
const COMMAND_MODULE = "/** @param {number} n */ export function double(n) { return 2 * n }";
const COMMAND_OUTPUT = "42\n4";

/** What the dashboard needs and nothing else of the package does. */
const PEERS = ["hono", "zod", "@hono/zod-openapi"];

/** The types a user sees: `check` fails where a line marked so has no error, or another line has one. */
const USER_TYPES = `
import { EventLoopExecutor, type Future } from "@concurrent/futures";
import "@concurrent/futures/deno";
import "@concurrent/futures/deno/sandbox";
import "@concurrent/futures/bun";
import "@concurrent/futures/browser";
import "@concurrent/futures/node";
import "@concurrent/futures/testing";
import { runCase, type Subject } from "@concurrent/futures-testing";
const executor = new EventLoopExecutor();
export const sum: Future<number> = executor.submit((a: number, b: number) => a + b, 1, 2);
// @ts-expect-error: an argument of the wrong type
export const wrong: Future<number> = executor.submit((a: number, b: number) => a + b, 1, "2");
export const run: (subject: Subject) => Promise<void> = (subject) => runCase({ id: "1", title: "one", applies: () => true, async run(context) { context.create(); } }, subject);
// @ts-expect-error: a subject makes executors
export const subject: Subject = { name: "none", executorName: "none", traits: { workers: false, clones: false, isolated: false, processes: false, stopsBusyWorkers: false }, create: () => 1 };
`;

/** What every project may write: no name of a runtime. Types that are read as `any` find no error here. */
const PROJECT_TYPES = `
import { type CloningExecutor, EventLoopExecutor, type Future, importTasks, memoize, taskContext, type TaskStream, threaded } from "@concurrent/futures";
const { rows } = importTasks<{ rows(path: string): AsyncGenerator<number[], string> }>("data:text/javascript,");
const { sum } = importTasks<{ sum(bytes: Uint8Array): Promise<number> }>("data:text/javascript,");
const bytes: Uint8Array = new Uint8Array(8);
export const executor = new EventLoopExecutor({ maxWorkers: 2 });
export const future: Future<number> = executor.submit(sum, bytes);
export const moved = sum.with({ transfer: [bytes.buffer] });
export const views = sum.with({ transfer: [bytes, new DataView(bytes.buffer)] });
export const later = sum.with({ transfer: (given) => [given.buffer] });
export const aborted: boolean = taskContext().signal.aborted;
export const stream: TaskStream<number[], string> = executor.stream(rows.with({ buffer: 8 }), "big.csv");
export const all: AsyncIterable<number[]> = executor.flatMap(rows, ["one.csv"], { bufferSize: 2 });
export const counted: TaskStream<number, void> = executor.stream(function* (to: number) { yield to; }, 3);
declare const pool: CloningExecutor;
const { echo } = importTasks<{ echo(value: unknown): string }>("data:text/javascript,");
export const echoed: Future<string> = pool.submit(echo, { at: new Date() });
export class Sums {
  @memoize({ maxAge: 1_000 })
  @threaded(pool, "data:text/javascript,")
  static async add(a: number, b: number): Promise<number> { return a + b; }
  // @ts-expect-error: a method of an instance is no task
  @threaded(pool, "data:text/javascript,")
  async notStatic(): Promise<void> {}
}
export const added: Promise<number> = Sums.add(1, 2);
// @ts-expect-error: a function cannot be sent
pool.submit(echo, () => 1);
// @ts-expect-error: nor can a promise
pool.submit(echo, Promise.resolve(1));
// @ts-expect-error: a generator is streamed
executor.submit(rows, "big.csv");
// @ts-expect-error: and so it is for each item
executor.map(rows, ["big.csv"]);
// @ts-expect-error: what is no generator is not
executor.stream(sum, bytes);
// @ts-expect-error: an argument of the wrong type
executor.stream(rows, 7);
// @ts-expect-error: a number cannot be moved
sum.with({ transfer: [123] });
// @ts-expect-error: nor can a text
sum.with({ transfer: ["text"] });
// @ts-expect-error: there is no such option
sum.with({ timeuot: 1 });
// @ts-expect-error: an argument of the wrong type
executor.submit(sum, "text");
// @ts-expect-error: a result of the wrong type
export const wrong: Future<string> = executor.submit(sum, bytes);
`;

/** Types of a runtime that a project may have, without those of a page, and what the compiler is told. */
const PROJECTS: Readonly<Record<string, readonly [files: readonly string[], options: object]>> = {
  node: [["esm.mts", "common.cts"], { module: "nodenext", types: ["node"], lib: ["esnext"] }],
  bun: [["bun.ts"], { module: "preserve", types: ["bun-types"], lib: ["esnext"] }],
  // As Vite builds it.
  page: [["page.ts"], { module: "preserve", lib: ["esnext", "dom"] }],
  // Of a project that has no runtime's types, where libraries go unchecked.
  bare: [["bare.mts"], { module: "nodenext", lib: ["esnext"], skipLibCheck: true }],
  entries: [["types.ts"], { module: "nodenext" }],
};

const OPTIONS = { strict: true, noEmit: true, target: "esnext", types: [] };

/** The packages that have the types of runtimes, and what those need. */
const TYPES = ["@types/node", "bun-types", "undici-types"];

/** What is in the package beside what is built of its sources: texts, what is joined, and the dashboard's bundle. */
const BESIDE =
  /^((package\.json|README\.md|LICENSE)|dist\/(csv-parse\/LICENSE|modules\/parts\/\w+\.js|modules\/dashboard\/page\/(index\.html|icon\.svg|dist\/\w+\.(js|css))))$/;

/** What is in the package of the conformance suite. */
const OF_SUITE = /^dist\/modules\/testing\/(?!(programs|fake_channel|gate)\.)/;

/**
 * Finds files that no user needs: tests, tools and proofs of ours, sources beside what is built of them.
 *
 * @param files of the package, seen from its root.
 */
export function needlessFiles(files: readonly string[]): string[] {
  return files.filter((file) => {
    if (BESIDE.test(file)) return false;
    if (OF_SUITE.test(file)) return true;
    const [, built] = /^dist\/(.+)\.(?:js|d\.ts)$/.exec(file) ?? [];
    const source = `${built}.ts`;
    return built === undefined || !isPublished(source) || !existsSync(source);
  });
}

/** Bytes of the packed package that must not be passed unawares: whoever takes more raises it, and knows why. */
const MOST_BYTES = 400_000;

/** Fails if there is a needless file, or too much of the others; tells how large the package is. */
function checkFiles(): void {
  const root = join(WORKSHOP, "node_modules/@concurrent/futures");
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((name) => name.replaceAll("\\", "/"))
    .filter((name) => statSync(join(root, name)).isFile());
  const bytes = files.reduce((sum, name) => sum + statSync(join(root, name)).size, 0);
  const packed = statSync(join(WORKSHOP, "package.tgz")).size;
  console.log(
    `Packed package: ${files.length} files, ${kib(bytes)} KiB, packed ${kib(packed)} KiB`,
  );
  const needless = needlessFiles(files);
  if (needless.length > 0) fail(`No user needs these:\n${needless.join("\n")}`);
  if (packed > MOST_BYTES)
    fail(`Packed are ${packed} bytes, and at most ${MOST_BYTES} are expected`);
  const suite = statSync(join(WORKSHOP, "suite.tgz")).size;
  console.log(`Packed conformance suite: ${kib(suite)} KiB`);
}

/** Has the manifest, and how each entry resolves for each kind of project, judged by those who know what goes wrong there. */
async function lint(): Promise<void> {
  const installed = join(WORKSHOP, "node_modules/@concurrent/futures");
  const publint = realpathSync("node_modules/publint/src/cli.js");
  for (const path of [installed, `${installed}-testing`])
    await runAside(nodePath(), [publint, "run", "--strict", "--pack", "false", path]);
  const attw = realpathSync("node_modules/@arethetypeswrong/cli/dist/index.js");
  await runAside(nodePath(), [attw, join(WORKSHOP, "package.tgz"), "--profile", "esm-only"]);
  console.log("Packed package: nothing to say for publint and are-the-types-wrong");
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024);
}

/** Runs a program of a user, which must print what is expected. */
async function tryProgram(
  what: string,
  program: string,
  args: readonly string[],
  expected: string,
): Promise<void> {
  const output = (await runAside(program, args, WORKSHOP)).trim();
  console.log(`${what}: ${output.replace("\n", ", ")}`);
  if (output !== expected) fail(`Expected "${expected}"`);
}

async function main(): Promise<void> {
  await installPackage(WORKSHOP);
  checkFiles();
  // Side by side: installers wait for the disk, and programs for their workers, while compilers work.
  await Promise.all([lint(), tryPrograms(), tryInstalled(), checkTypes()]);
  rmSync(WORKSHOP, { recursive: true });
}

async function tryInstalled(): Promise<void> {
  const started = await tryInstallers(join(WORKSHOP, "package.tgz"), join(WORKSHOP, "installers"));
  console.log(`The command, installed into empty folders: ${started.join(", ")}`);
}

async function tryPrograms(): Promise<void> {
  const files = {
    "program.js": USER_PROGRAM,
    "dashboard.js": DASHBOARD_PROGRAM,
    "suite.js": SUITE_PROGRAM,
    "node.js": NODE_PROGRAM,
    "deno.js": NODE_PROGRAM.replace('/node"', '/deno"'),
    "double.mjs": COMMAND_MODULE,
    "numbers.csv": "21\n2\n",
  };
  for (const [name, text] of Object.entries(files))
    Deno.writeTextFileSync(join(WORKSHOP, name), text);
  const [bun, node] = [bunPath(), nodePath()];
  const onDeno = ["run", "--quiet", "--allow-all", "--node-modules-dir=manual", "deno.js"];
  await tryProgram("Installed package on Bun", bun, ["program.js"], EXPECTED_OUTPUT);
  await tryProgram("Installed package on Node", node, ["program.js"], EXPECTED_OUTPUT);
  await tryProgram("The conformance suite on Node", node, ["suite.js"], SUITE_OUTPUT);
  await tryProgram("Threads and processes on Node", node, ["node.js"], NODE_OUTPUT);
  await tryProgram("Threads and processes on Deno", Deno.execPath(), onDeno, NODE_OUTPUT);
  cpSync(NODE_EXAMPLE, join(WORKSHOP, "example"), { recursive: true });
  const letters = await runAside(node, ["main.mjs"], join(WORKSHOP, "example"));
  console.log(`The example on Node: ${letters.trim()}`);
  const promised = promisedOutput(Deno.readTextFileSync(join(NODE_EXAMPLE, "main.mjs")));
  if (missingLine(promised, letters) !== undefined) fail(`Expected "${promised}"`);
  await tryProgram("The command on Bun", bun, [...COMMAND, ...COMMAND_ARGS], COMMAND_OUTPUT);
  await tryProgram("The command on Node", node, [...COMMAND, ...COMMAND_ARGS], COMMAND_OUTPUT);
  // Only now: the programs above must run without them.
  installPeers();
  await tryProgram("Mounted dashboard on Bun", bun, ["dashboard.js"], DASHBOARD_OUTPUT);
  await tryProgram("Mounted dashboard on Node", node, ["dashboard.js"], DASHBOARD_OUTPUT);
}

/** Checks the types that projects of each runtime see: by one compiler, which reads each library once for all of them. */
async function checkTypes(): Promise<void> {
  for (const name of TYPES) layBeside(name, findPackage(name));
  for (const [name, [files, options]] of Object.entries(PROJECTS)) {
    const config = { files, compilerOptions: { ...OPTIONS, ...options } };
    Deno.writeTextFileSync(join(WORKSHOP, `${name}.json`), JSON.stringify(config));
    for (const file of files)
      Deno.writeTextFileSync(join(WORKSHOP, file), name === "entries" ? USER_TYPES : PROJECT_TYPES);
  }
  const tsc = realpathSync("node_modules/typescript/bin/tsc");
  const projects = Object.keys(PROJECTS);
  await runAside(nodePath(), [tsc, "--build", ...projects.map((name) => `${name}.json`)], WORKSHOP);
  console.log(`Installed package in types of ${projects.join(", ")}: as declared`);
  Deno.writeTextFileSync(join(WORKSHOP, "deno.ts"), PROJECT_TYPES);
  const check = ["check", "--quiet", "--node-modules-dir=manual", "deno.ts"];
  await runAside(Deno.execPath(), check, WORKSHOP);
  console.log("Installed package in types of Deno: as declared");
  await checkLinkedTypes();
}

/** Checks a checkout that a project of Deno links: its sources are judged by what that project asks of its own, which is less. */
async function checkLinkedTypes(): Promise<void> {
  const folder = join(WORKSHOP, "linked");
  const { name, version, exports } = JSON.parse(Deno.readTextFileSync("deno.json"));
  const imports = { [name]: `jsr:${name}@^${version}` };
  const entries = Object.keys(exports).filter((entry) => !NEED_PEERS.has(entry));
  const program = entries.map((entry) => `import "${name}${entry.slice(1)}";`).join("\n");
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(
    join(folder, "deno.json"),
    JSON.stringify({ links: [Deno.cwd()], imports }),
  );
  Deno.writeTextFileSync(join(folder, "program.ts"), program);
  await runAside(Deno.execPath(), ["check", "--quiet", "program.ts"], folder);
  console.log("Linked checkout in types of Deno: as declared");
}

/** What has types of packages that who links a checkout installs only if he wants these. */
const NEED_PEERS = new Set(["./queue", "./otel", "./dashboard", "./vite", "./bun", "./bun/worker"]);

/** Where a package lies that is one of ours, or of what those need. */
function findPackage(name: string): string {
  const own = join("node_modules", name);
  return realpathSync(existsSync(own) ? own : join("node_modules/.deno/node_modules", name));
}

/** Lays a package beside ours: a link, so that it finds what it needs itself. */
function layBeside(name: string, path: string): void {
  const link = resolve(WORKSHOP, "node_modules", name);
  Deno.mkdirSync(dirname(link), { recursive: true });
  // Not Deno.symlinkSync, which wants leave to write anywhere.
  run("ln", ["-sfn", path, link]);
}

/** Lays the packages that only the dashboard needs beside ours. */
function installPeers(): void {
  for (const name of PEERS) layBeside(name, realpathSync(join("node_modules", name)));
}

function fail(message: string): never {
  console.error(message);
  Deno.exit(1);
}

if (import.meta.main) await main();
