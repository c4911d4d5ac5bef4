// Tests of what workers get of the way their program was started on Deno: flags, modules, and where there is no main module.

import assert from "node:assert/strict";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flagsIn } from "./inherited_flags.ts";
import { shownModules } from "./shown_modules.ts";

const root = new URL("../../", import.meta.url);
const deps = realpathSync(new URL("node_modules/deno-std", root));

/** What a program outside of this repository needs: every bare name comes from here. */
const CONFIG = JSON.stringify({
  imports: {
    "@concurrent/futures": new URL("mod.ts", root).href,
    "@concurrent/futures/deno": new URL("modules/deno/mod.ts", root).href,
    "deno-std/async/abortable.js": `file://${deps}/async/abortable.js`,
    mapped: "./mapped.ts",
  },
});

const HEAD = `
import { importTasks } from "@concurrent/futures";
import { ProcessPoolExecutor, ThreadPoolExecutor } from "@concurrent/futures/deno";
const tasks = importTasks<Record<string, (...args: unknown[]) => unknown>>(new URL("./task.ts", import.meta.url));
`;

const FILES: Record<string, string> = {
  "settings.json": CONFIG,
  "mapped.ts": `export const mapped = "mapped";`,
  "preload.ts": `Object.assign(globalThis, { loaded: "preloaded" });`,
  "task.ts": `
    import { mapped } from "mapped";
    const { loaded = "", gc } = globalThis as { loaded?: string; gc?: unknown };
    export const say = () => [mapped, loaded, typeof gc, typeof Deno.openKv].join();
    export async function nest(kinds: string[]): Promise<string> {
      const [kind, ...inner] = kinds;
      if (kind === undefined) return say();
      const { importTasks } = await import("@concurrent/futures");
      const { [kind]: Pool } = await import("@concurrent/futures/deno");
      const tasks = importTasks(import.meta.url);
      await using pool = new Pool({ maxWorkers: 1 });
      return await pool.submit(tasks.nest, inner);
    }
  `,
  "program.ts": `${HEAD}
    const [permissions = "inherit", cwd] = Deno.args;
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1, permissions, ...(cwd ? { cwd } : {}) } as object);
    console.log(await pool.submit(tasks.say));
  `,
  "nested.ts": `${HEAD}
    const [kind, ...inner] = Deno.args;
    const pools: Record<string, typeof ThreadPoolExecutor> = { ThreadPoolExecutor, ProcessPoolExecutor };
    const pool = new pools[kind!]!({ maxWorkers: 1 });
    console.log(await pool.submit(tasks.nest, inner));
    await pool.shutdown();
    if (Deno.mainModule === undefined) close();
  `,
  "in_worker.ts": `
    new Worker(new URL("./nested.ts", import.meta.url), { type: "module" });
  `,
  "many.ts": `${HEAD}
    const named = (n: number) => importTasks<{ say(): string }>(new URL("./task.ts?v=" + n, import.meta.url));
    const all = Array.from({ length: 1_500 }, (_, n) => named(n));
    for (const n of [1_499, 3]) {
      await using pool = new ProcessPoolExecutor({ maxWorkers: 1, permissions: "none" });
      console.log(await pool.submit(all[n]!.say));
    }
    // All that wait are needed, however many they are.
    await using pool = new ProcessPoolExecutor({ maxWorkers: 1, permissions: "none" });
    const futures = all.slice(0, 300).map(({ say }) => pool.submit(say));
    console.log(new Set(await Promise.all(futures)).size);
  `,
  "touched.ts": `
    const touched: string[] = [];
    for (const name of ["process", "Buffer", "setImmediate", "clearImmediate"])
      Object.defineProperty(globalThis, name, { configurable: true, get: () => void touched.push(name) });
    await import("@concurrent/futures");
    console.log(touched.join());
  `,
};

const FLAGS = ["--preload", "./preload.ts", "--v8-flags=--expose-gc", "--unstable-kv"];
const ALL = "mapped,preloaded,function,function\n";
const PLAIN = "mapped,,undefined,undefined\n";
/** Deno preloads nothing in a thread. */
const IN_THREAD = "mapped,,function,function\n";
const READ = ["--allow-read", "--allow-env"];

/** Ways in which a program may, or may not, learn of its own flags. */
const PERMISSIONS = [
  ["everything", ["--allow-all"]],
  ["running any program", [...READ, "--allow-run"]],
  ["running Deno only", [...READ, `--allow-run=${Deno.execPath()}`]],
  ["running Deno only, by a name that is a link", [...READ, "--allow-run=deno"]],
] as const;

for (const [what, flags] of PERMISSIONS) {
  Deno.test(`flags that decide which module is meant reach processes of a program that may: ${what}`, async () => {
    await using folder = makeFolder();
    for (const permissions of ["inherit", "none"]) {
      const config = ["--config", "settings.json"];
      const args = [...flags, ...config, ...FLAGS, "program.ts", permissions];
      assert.equal(await folder.run(args), ALL);
      // The letter of each of them, and another working directory.
      const more = ["-c", "settings.json", ...flags, ...FLAGS, "program.ts", permissions, tmpdir()];
      assert.equal(await folder.run(more), ALL);
      const map = ["--import-map=settings.json", ...flags, "program.ts", permissions];
      assert.equal(await folder.run(map), PLAIN);
    }
  });
}

Deno.test("a program that may run another Deno only says what it lacks", async () => {
  await using folder = makeFolder();
  Deno.removeSync(join(folder.path, "bin/deno"));
  Deno.writeTextFileSync(join(folder.path, "bin/deno"), "#!/bin/sh\necho 'deno 1.0.0 (stable)'\n", {
    mode: 0o755,
  });
  const args = [...READ, "--allow-run=deno", "--config=settings.json", "program.ts"];
  await assert.rejects(folder.run(args), /this program has no run access; run it with --allow-run/);
});

Deno.test("a pool in a thread, a process, or both, three deep, finds what its program finds", async () => {
  await using folder = makeFolder();
  const [thread, process] = ["ThreadPoolExecutor", "ProcessPoolExecutor"];
  const flags = ["--allow-all", "--config=settings.json", ...FLAGS];
  const nestings = [
    [thread, process],
    [process, thread],
    [thread, process, thread, process],
    [process, process, process],
  ] as string[][];
  for (const kinds of nestings) {
    const expected = kinds.at(-1) === thread ? IN_THREAD : ALL;
    assert.equal(await folder.run([...flags, "nested.ts", ...kinds]), expected, kinds.join());
  }
  // By what lies nearest to the main module, which no thread is told.
  Deno.writeTextFileSync(join(folder.path, "deno.json"), CONFIG);
  for (const may of [["--allow-all"], [...READ, "--allow-run"]])
    for (const kinds of nestings)
      assert.equal(await folder.run([...may, "nested.ts", ...kinds]), PLAIN, kinds.join());
});

Deno.test("a pool of processes works in a worker that the program has made itself", async () => {
  await using folder = makeFolder();
  const kinds = ["ThreadPoolExecutor", "ProcessPoolExecutor"];
  for (const own of [kinds, kinds.slice(1)]) {
    const args = ["--allow-all", "--config=settings.json", ...FLAGS, "in_worker.ts", ...own];
    assert.equal(await folder.run(args), ALL);
  }
});

// The first look at one of them has Deno make it: 4 ms, and 13 for the process.
Deno.test("an import of the library looks at nothing that Deno makes when it is asked", async () => {
  await using folder = makeFolder();
  assert.equal(await folder.run([...READ, "--config=settings.json", "touched.ts"]), "\n");
});

Deno.test("modules that were named once do not stand on the command line for ever", async () => {
  await using folder = makeFolder();
  const args = ["--allow-all", "--config=settings.json", "many.ts"];
  assert.equal(await folder.run(args), `${PLAIN}${PLAIN}1\n`);
});

Deno.test("shownModules() takes all that is wanted, the latest of each file, and not too many", () => {
  const versions = Array.from({ length: 100 }, (_, n) => `file:///a.ts?v=${n}`);
  const files = Array.from({ length: 1_000 }, (_, n) => `file:///${n}.ts`);
  const shown = [
    ...shownModules([...versions.slice(50)], [...versions, "file:///b.ts#1", ...files]),
  ];
  assert.deepEqual(shown.slice(0, 50), versions.slice(50));
  assert.deepEqual(shown.slice(50, 55), [...versions.slice(0, 4), "file:///b.ts#1"]);
  assert.equal(shown.length, 50 + 256);
});

Deno.test("flagsIn() takes what decides on modules, in each way to write it, and nothing else", () => {
  const at = (path: string) => join(Deno.cwd(), path);
  const cases: [string, string[]][] = [
    ["run --allow-all main.ts", []],
    ["run -A --config a.json main.ts", [`--config=${at("a.json")}`]],
    ["run -Ac a.json main.ts", [`--config=${at("a.json")}`]],
    ["-c=a.json main.ts", [`--config=${at("a.json")}`]],
    [
      "run --import-map=https://a.example/map.json main.ts",
      ["--import-map=https://a.example/map.json"],
    ],
    ["run --lock main.ts", ["--lock"]],
    ["run --lock a.lock --frozen main.ts", [`--lock=${at("a.lock")}`, "--frozen"]],
    [
      "run --no-config --cached-only --no-lock main.ts",
      ["--no-config", "--cached-only", "--no-lock"],
    ],
    ["run --conditions one --conditions=two main.ts", ["--conditions=one", "--conditions=two"]],
    [
      "run --node-modules-dir=none --unstable-kv --unstable main.ts",
      ["--node-modules-dir=none", "--unstable-kv", "--unstable"],
    ],
    [
      "run --inspect=127.0.0.1:0 --inspect-brk --watch --coverage --env-file=a --reload main.ts",
      [],
    ],
    [
      "run --preload /a.ts --import npm:b --require ./c.cjs main.ts",
      ["--preload=/a.ts", "--import=npm:b", `--require=${at("c.cjs")}`],
    ],
  ];
  for (const [words, flags] of cases) assert.deepEqual(flagsIn(words.split(" ")), flags, words);
});

interface Folder extends AsyncDisposable {
  readonly path: string;
  /** Runs a program of it to its end, and gives what it printed; there must be no complaint. */
  run(args: readonly string[]): Promise<string>;
}

function makeFolder(): Folder {
  const path = Deno.makeTempDirSync({ prefix: "futures starting #%-" });
  for (const [name, text] of Object.entries(FILES)) Deno.writeTextFileSync(join(path, name), text);
  Deno.mkdirSync(join(path, "bin"));
  Deno.symlinkSync(Deno.execPath(), join(path, "bin/deno"));
  return {
    path,
    async run(args) {
      const command = new Deno.Command(Deno.execPath(), {
        args: ["run", "--quiet", "--no-prompt", "--no-check", ...args],
        cwd: path,
        env: { PATH: `${join(path, "bin")}:${Deno.env.get("PATH")}` },
        signal: AbortSignal.timeout(60_000),
      });
      const { stdout, stderr } = await command.output();
      const [printed, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assert.equal(complaint, "", args.join(" "));
      return printed as string;
    },
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}
