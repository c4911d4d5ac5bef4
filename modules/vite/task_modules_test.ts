// Tests what the plugin finds in a module, and what it makes of it. That it works in builds, apps/bundled proves. On Bun only:
// the parser is a native addon, which the tests of Deno have no leave to load.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAst } from "vite";
import { type BundlerContext, taskModules } from "./mod.ts";

/** A bundler that has every module beside the importer, but for "missing". */
function bundler(entries: string[]): BundlerContext {
  return {
    parse: (code, options) => parseAst(code, options),
    resolve: async (name) => (name.includes("missing") ? null : { id: `/app/${name.slice(2)}` }),
    emitFile({ id, name }) {
      entries.push(`${id} ${name}`);
      return `ref${entries.length}`;
    },
    error(message) {
      throw new Error(message);
    },
  };
}

async function transform(code: string, id = "/app/main.ts", command?: "build" | "serve") {
  const entries: string[] = [];
  const plugin = taskModules();
  if (command !== undefined) plugin.configResolved({ command });
  const changed = await plugin.transform.call(bundler(entries), code, id);
  return { code: changed?.code, entries };
}

test("taskModules() makes entries of modules of tasks, whatever importTasks is called", async () => {
  const { code, entries } = await transform(`
    import { importTasks as name } from "@concurrent/futures";
    import * as futures from "@concurrent/futures";
    const a = name<typeof import("./a.ts")>(new URL("./a.ts", import.meta.url), () => import("./a.ts"));
    const b = futures.importTasks(new URL("./b.js", import.meta.url)), c = new URL("./c.png", import.meta.url);
  `);
  assert.deepEqual(entries.sort(), ["/app/a.ts a", "/app/b.js b"]);
  assert.match(
    code ?? "",
    /name<[^\n]*>\(new URL\(import\.meta\.ROLLUP_FILE_URL_ref2, import\.meta\.url\), \(\) =>/,
  );
  assert.match(code ?? "", /importTasks\(new URL\(import\.meta\.ROLLUP_FILE_URL_ref1, /);
  assert.match(code ?? "", /new URL\("\.\/c\.png", import\.meta\.url\)/);
});

test("taskModules() leaves alone what names no file of the program", async () => {
  const other = `import { importTasks } from "@concurrent/futures"; importTasks("https://example.com/jobs.js");`;
  assert.deepEqual(await transform(other), { code: undefined, entries: [] });
  const own = `function importTasks() {} importTasks(new URL("./a.ts", import.meta.url));`;
  assert.deepEqual(await transform(own), { code: undefined, entries: [] });
});

test("taskModules() finds the worker of a page, but for Vite, which does so itself", async () => {
  const code = `new Worker(new URL("./worker_main.js", import.meta.url), { type: "module" });`;
  const id = "/node_modules/@concurrent/futures/dist/modules/browser/mod.js";
  assert.deepEqual((await transform(code, id)).entries, ["/app/worker_main.js worker_main"]);
  assert.deepEqual((await transform(code, id, "build")).entries, []);
});

test("taskModules() names entries from where they are asked for, in a build for a server and only there", async () => {
  const code = `import { importTasks } from "@concurrent/futures"; importTasks(new URL("./a.ts", import.meta.url));`;
  for (const ssr of [true, undefined]) {
    const plugin = taskModules();
    plugin.configResolved({ command: "build", build: ssr === undefined ? {} : { ssr } });
    await plugin.transform.call(bundler([]), code, "/app/main.ts");
    const named = (referenceId: string) =>
      plugin.resolveFileUrl.handler({ referenceId, relativePath: "assets/a.js" });
    const own = ssr ? `new URL("assets/a.js", import.meta.url).href` : undefined;
    assert.deepEqual([named("ref1"), named("picture")], [own, undefined]);
  }
});

test("taskModules() does nothing while a program is developed", async () => {
  const code = `import { importTasks } from "@concurrent/futures"; importTasks(new URL("./a.ts", import.meta.url));`;
  assert.deepEqual(await transform(code, "/app/main.ts", "serve"), {
    code: undefined,
    entries: [],
  });
});

test("taskModules() ends a build that names a module in other words, or one that is not there", async () => {
  const of = (name: string) =>
    `import { importTasks } from "@concurrent/futures"; importTasks(new URL(${name}, import.meta.url));`;
  await assert.rejects(
    transform(of("file")),
    /in \/app\/main\.ts: write its name out, as importTasks/,
  );
  await assert.rejects(transform(of(`"./missing.ts"`)), /"\.\/missing\.ts" of \/app\/main\.ts/);
});
