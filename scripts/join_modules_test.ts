// Tests of what is made of many modules: fewer files, each module once, and nothing that a program could tell apart.

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "./build_package.ts";
import { joinModules } from "./join_modules.ts";
import { isPublished, sourceFiles } from "./source_files.ts";

// By the synchronous way of esbuild a port stays open as long as the program runs.
const KEEPS_PORT = { sanitizeResources: false };

const WORKSHOP = "temp/joined";

/** By default for a program; beside it a worker, which is named by its address only, and what is loaded later. */
const MODULES: Readonly<Record<string, string>> = {
  "mod.js": `
    import { Counter } from "./modules/core/counter.js";
    export { Counter };
    export const worker = new URL("./modules/core/for_tasks.js", import.meta.url).href;
    export const folder = new URL("./modules/", import.meta.url).href;
    export const hint = 'new URL("./jobs.js", import.meta.url), () => import("./jobs.js")';
    export const later = () => import("./modules/core/later.js");`,
  "modules/core/counter.js": `
    import { order } from "./order.js";
    order.push("counter");
    export class Counter { static made = 0; make() { return ++Counter.made; } }`,
  "modules/core/order.js": `export const order = [];`,
  "modules/core/for_tasks.js": `
    import { order } from "./order.js";
    order.push("for_tasks");
    export { order };`,
  "modules/core/later.js": `
    import { Counter } from "./counter.js";
    export default 7;
    export const made = () => Counter.made;
    export const beside = new URL("./for_tasks.js", import.meta.url).href;`,
  "modules/testing/kept.js": `export { order } from "../core/order.js";`,
};

function joined(): void {
  rmSync(WORKSHOP, { recursive: true, force: true });
  for (const [path, text] of Object.entries(MODULES)) {
    mkdirSync(dirname(join(WORKSHOP, "single", path)), { recursive: true });
    writeFileSync(join(WORKSHOP, "single", path), text);
  }
  const isKept = (path: string) => path.startsWith("modules/testing/");
  joinModules(join(WORKSHOP, "single"), join(WORKSHOP, "dist"), ["mod.js"], isKept);
}

function addressOf(path: string): string {
  return pathToFileURL(join(WORKSHOP, "dist", path)).href;
}

/** The files that are loaded at once with one of them. */
function loadedWith(folder: string, path: string): Set<string> {
  const found = new Set([path]);
  for (const file of found) {
    const text = readFileSync(join(folder, file), "utf8");
    for (const [, name = ""] of text.matchAll(
      /(?:^|[;}\n])(?:import|export)\b(?:[^;"]*?\bfrom)?"(\.[^"]+)"/g,
    ))
      found.add(posix.join(posix.dirname(file), name));
  }
  return found;
}

Deno.test(
  "joined modules do what they did: addresses, classes by their names, what is loaded later",
  KEEPS_PORT,
  async () => {
    joined();
    const program = await import(addressOf("mod.js"));
    assert.equal(program.Counter.name, "Counter");
    assert.equal(new program.Counter().make(), 1);
    assert.equal(program.worker, addressOf("modules/core/for_tasks.js"));
    assert.equal(program.folder, addressOf("modules/"));
    assert.equal(program.hint, 'new URL("./jobs.js", import.meta.url), () => import("./jobs.js")');
    const later = await program.later();
    assert.deepEqual([later.default, later.made()], [7, 1]);
    assert.equal(later.beside, program.worker);
  },
);

Deno.test("each module is there once, also for who is kept as it was", KEEPS_PORT, async () => {
  joined();
  const program = await import(addressOf("mod.js"));
  const { order } = await import(program.worker);
  assert.equal((await import(addressOf("modules/testing/kept.js"))).order, order);
  assert.deepEqual(order.toSorted(), ["counter", "for_tasks"]);
  const kept = readFileSync(join(WORKSHOP, "dist/modules/testing/kept.js"), "utf8");
  assert.equal(kept, MODULES["modules/testing/kept.js"]);
});

/** Files at the start of a program and of a worker, and of the command. One more is half a millisecond more on Node. */
const MOST: Readonly<Record<string, number>> = {
  "mod.js": 3,
  "modules/node/mod.js": 9,
  "modules/deno/mod.js": 10,
  "modules/bun/mod.js": 10,
  "modules/browser/mod.js": 6,
  "modules/workers/threads/worker_thread_main.js": 4,
  "modules/workers/processes/process_main.js": 6,
  "modules/deno/process_main.js": 6,
  "modules/bun/worker_main.js": 4,
  "modules/bun/subprocess_main.js": 6,
  "modules/browser/worker_main.js": 2,
  "modules/core/for_tasks.js": 2,
  "modules/cli/main.js": 3,
  "modules/cli/map.js": 5,
  "modules/cli/run.js": 3,
};

Deno.test({
  name: "the package starts with few files, and has each class once, by its name",
  ...KEEPS_PORT,
  async fn() {
    compile(sourceFiles(["mod.ts", "modules"]).filter(isPublished), join(WORKSHOP, "dist"));
    const dist = join(WORKSHOP, "dist");
    const counts = Object.keys(MOST).map((path) => [path, loadedWith(dist, path).size]);
    assert.deepEqual(
      counts.filter(([path, count]) => (count as number) > (MOST[path as string] as number)),
      [],
    );
    const exported = Object.entries(await import(addressOf("mod.js"))) as [string, unknown][];
    for (const [name, value] of exported)
      if (typeof value === "function" && /^class\b/.test(String(value)))
        assert.equal(value.name, name);
    const scripts = readdirSync(dist, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".js") && !path.includes("testing"))
      .map((path) => readFileSync(join(dist, path), "utf8"));
    const classes = scripts.flatMap((text) =>
      [...text.matchAll(/\b(\w+Executor)=class\b/g)].map(([, name]) => name),
    );
    assert.ok(classes.includes("PoolExecutor"), "no class was found");
    // Those of a runtime are called the same on each.
    const once = classes.filter((name) => !/^(Thread|Process)Pool/.test(name as string));
    assert.deepEqual(once.toSorted(), [...new Set(once)].toSorted());
  },
});
