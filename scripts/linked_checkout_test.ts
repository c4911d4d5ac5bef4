// Tests of a checkout that a project of Node or Vite links: it works once it is built, and before that says what to run.

import assert from "node:assert/strict";
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { compile } from "./build_package.ts";
import { BUILT } from "./built_folder.ts";
import { nodePath } from "./node.ts";
import { run } from "./run_program.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

const WORKSHOP = "temp/linked_checkout";
const CHECKOUT = join(WORKSHOP, "futures");
const APP = join(WORKSHOP, "app");

const FILES: Readonly<Record<string, string>> = {
  "package.json": `{ "name": "user", "type": "module" }`,
  "main.js": `import { task } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/node";
export const double = task(import.meta.url, function double(n) { return 2 * n });
if (import.meta.main) {
  await using pool = new ThreadPoolExecutor({ maxWorkers: 1 });
  console.log(await pool.submit(double, 21));
}`,
  "index.html": `<script type="module" src="./page.js"></script>`,
  "page.js": `import { importTasks } from "@concurrent/futures";
import { ThreadPoolExecutor } from "@concurrent/futures/browser";
const jobs = importTasks(new URL("./jobs.js", import.meta.url));
document.body.textContent = await new ThreadPoolExecutor().submit(jobs.double, 21);`,
  "jobs.js": `export function double(n) { return 2 * n }`,
  "vite.config.js": `import { taskModules } from "@concurrent/futures/vite";
export default { plugins: [taskModules()], build: { target: "esnext" } };`,
};

const VITE = resolve("node_modules/vite/bin/vite.js");

// By the synchronous way of esbuild, by which scripts are built, a port stays open as long as the program runs.
const KEEPS_PORT = { sanitizeResources: false };

Deno.test(
  "a linked checkout works once it is built, and before that says what to run",
  KEEPS_PORT,
  async (test) => {
    link();
    const node = nodePath();
    const isTold = { message: new RegExp(`Cannot find module '.*/${BUILT}/`) };
    await test.step("on Node, unbuilt", () =>
      assert.throws(() => run(node, ["main.js"], APP), isTold));
    await test.step("by Vite, unbuilt", () =>
      assert.throws(() => run(node, [VITE, "build"], APP), isTold));
    compile(sourceFiles(["mod.ts", "modules"]).filter(isPublished), join(CHECKOUT, BUILT));
    await test.step("on Node", () => assert.equal(run(node, ["main.js"], APP), "42\n"));
    await test.step("by Vite", () => assert.match(run(node, [VITE, "build"], APP), /built in/));
  },
);

/** Makes a project, and beside it a checkout of which there is only the manifest: that is all that is read of it. */
function link(): void {
  rmSync(WORKSHOP, { recursive: true, force: true });
  for (const folder of [CHECKOUT, join(APP, "node_modules/@concurrent")])
    mkdirSync(folder, { recursive: true });
  cpSync("package.json", join(CHECKOUT, "package.json"));
  symlinkSync("../../../futures", join(APP, "node_modules/@concurrent/futures"), "dir");
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(APP, name), text);
}
