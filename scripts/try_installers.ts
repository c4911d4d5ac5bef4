// Tries the command as users get it: the packed package installed by npm and by Bun, and started by npx, bunx and deno run npm:.

import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { bunPath } from "./bun.ts";
import { nodePath } from "./node.ts";
import { run, runAside } from "./run_program.ts";

const MODULE = "/** @param {number} n */ export function double(n) { return 2 * n }";
const MAP = ["map", "./double.mjs#double", "--no-progress", ":::", "21"];
const OUTPUT = "42";

/**
 * Installs it into empty folders, with empty caches, and starts the command in each way. Folders are tried side by side.
 *
 * @param workshop a folder to work in; the folders are left there.
 * @returns what was tried.
 * @throws {Error} when something prints what it should not; the message has it.
 */
export async function tryInstallers(archive: string, workshop: string): Promise<string[]> {
  const bun = bunPath();
  const programs = join(workshop, "bin");
  mkdirSync(programs, { recursive: true });
  // Bun is bunx when it is called so.
  for (const name of ["bun", "bunx"]) run("ln", ["-sf", bun, resolve(programs, name)]);
  // Whatever the file of the one that is named is called.
  run("ln", ["-sf", nodePath(), resolve(programs, "node")]);
  const project = (name: string) => makeProject(workshop, name, archive, programs);
  const tried = await Promise.all([
    tryNpm(project("npm")),
    tryBun(project("bun")),
    tryWorkspaces(project("workspaces"), join(workshop, "workspaces")),
  ]);
  return tried.flat();
}

/** Runs a program in a project, as if on a machine that has nothing else. */
type InProject = (program: string, ...args: string[]) => Promise<string>;

async function tryNpm(inProject: InProject): Promise<string[]> {
  await inProject("npm", "install", "--no-audit", "--no-fund", "./package.tgz");
  return await Promise.all([
    start("npx futures", inProject("npx", "--no-install", "futures", ...MAP)),
    start(
      "deno run npm:@concurrent/futures",
      inProject(Deno.execPath(), "run", "-A", "npm:@concurrent/futures", ...MAP),
    ),
  ]);
}

async function tryBun(inProject: InProject): Promise<string[]> {
  await inProject("bun", "add", "./package.tgz");
  return [await start("bunx futures", inProject("bunx", "--bun", "futures", ...MAP))];
}

async function tryWorkspaces(inProject: InProject, folder: string): Promise<string[]> {
  writeWorkspaces(folder);
  await inProject("npm", "install", "--no-audit", "--no-fund");
  return [await start("npm workspaces", inProject("node", "app/main.mjs"))];
}

/** Looks at what a program has printed; gives its name. */
async function start(name: string, printed: Promise<string>): Promise<string> {
  const output = (await printed).trim();
  if (output !== OUTPUT) throw new Error(`Cannot start "${name}": it printed "${output}"`);
  return name;
}

/** Two workspaces of npm: one has the task, one the pool, and both need the package. */
function writeWorkspaces(folder: string): void {
  const manifest = (name: string, rest: object) => ({
    name,
    version: "1.0.0",
    type: "module",
    ...rest,
  });
  const dependencies = { "@concurrent/futures": "file:../package.tgz" };
  const files: Record<string, string> = {
    "package.json": JSON.stringify(manifest("all", { workspaces: ["jobs", "app"] })),
    "jobs/package.json": JSON.stringify(manifest("jobs", { exports: "./mod.mjs", dependencies })),
    "jobs/mod.mjs": `import { task } from "@concurrent/futures";
export const double = task(import.meta.url, function double(n) { return 2 * n });`,
    "app/package.json": JSON.stringify(
      manifest("app", { dependencies: { ...dependencies, jobs: "1.0.0" } }),
    ),
    "app/main.mjs": `import { ThreadPoolExecutor } from "@concurrent/futures/node";
import { double } from "jobs";
await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
console.log(await pool.submit(double, 21));`,
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/** Makes an empty project beside the archive. */
function makeProject(workshop: string, name: string, archive: string, programs: string): InProject {
  const folder = join(workshop, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, "home"), { recursive: true });
  writeFileSync(join(folder, "package.json"), `{ "name": "user", "type": "module" }`);
  writeFileSync(join(folder, "double.mjs"), MODULE);
  cpSync(archive, join(folder, "package.tgz"));
  const path = [resolve(programs), Deno.env.get("PATH")];
  const home = resolve(folder, "home");
  const env = {
    PATH: path.join(delimiter),
    HOME: home,
    DENO_DIR: join(home, "deno"),
    BUN_INSTALL_CACHE_DIR: join(home, "bun"),
    npm_config_cache: join(home, "npm"),
  };
  return (program, ...args) => runAside(program, args, folder, env);
}
