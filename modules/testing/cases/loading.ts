// Cases of loading: where in a module a task's function is found.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Future, importTasks, PoolExecutor, type Spawn, type TasksOf } from "../../../mod.ts";
import { withAnyModule, withScripts } from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { seeded } from "../seeded.ts";

type Functions = Record<"add" | "subtract", (a: number, b: number) => number>;

/** Ways to write a module of CommonJS: the runtimes tell some of these exports by reading the text, and some not at all. */
const COMMON = [
  "module.exports = { add: (a, b) => a + b, subtract: (a, b) => a - b };",
  "exports.add = (a, b) => a + b; exports.subtract = function (a, b) { return a - b; };",
  "const all = { add: (a, b) => a + b, subtract: (a, b) => a - b }; module.exports = all;",
  "for (const [name, sign] of [['add', 1], ['subtract', -1]]) exports[name] = (a, b) => a + sign * b;",
  `Object.defineProperty(exports, "__esModule", { value: true });
   Object.defineProperty(exports, "add", { enumerable: true, get: () => (a, b) => a + b });
   exports.default = { subtract: (a, b) => a - b };`,
  `module.exports = Object.assign(function add(a, b) { return a + b; }, { subtract: (a, b) => a - b });
   module.exports.add = module.exports;`,
];

const withSpawn: ConformanceCase["applies"] = ({ spawn }) =>
  spawn !== undefined || "tasks are loaded by the host itself";

/** Cases of loading. */
export const loadingCases: readonly ConformanceCase[] = [
  {
    id: "cf-task-default-object",
    title: "a task is also found in an object that its module exports by default",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const tasks = importTasks<
        Functions & Record<"toString" | "missing" | "constant", () => void>
      >(
        dataModule(
          "export default { add: (a, b) => a + b, subtract: (a, b) => a * b, constant: 7 };" +
            "export const subtract = (a, b) => a - b;",
        ),
      );
      assert.equal(await executor.submit(tasks.add, 2, 3), 5);
      assert.equal(await executor.submit(tasks.subtract, 2, 3), -1, "its own export comes first");
      await assert.rejects(executor.submit(tasks.missing).result(), /has no export "missing"/);
      await assert.rejects(executor.submit(tasks.toString).result(), /has no export "toString"/);
      await assert.rejects(executor.submit(tasks.constant).result(), /is not a function/);
    },
  },
  {
    id: "cf-task-commonjs",
    title: "tasks are found in CommonJS modules, however those export them",
    applies: withScripts,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const [index, text] of COMMON.entries()) {
        for (const file of [`module_${index}.cjs`, `module_${index}.js`]) {
          const tasks = commonModule(context, file, text);
          assert.equal(await executor.submit(tasks.add, 2, 3), 5, `add of ${file}: ${text}`);
          assert.equal(
            await executor.submit(tasks.subtract, 2, 3),
            -1,
            `subtract of ${file}: ${text}`,
          );
        }
      }
    },
  },
  {
    id: "cf-load-elsewhere",
    title:
      "a worker that may load only what waited when it started gives its place to one that may load what comes later",
    applies: withSpawn,
    async run(context) {
      let spawned = 0;
      const random = seeded(11);
      for (const maxWorkers of [1, 2]) {
        const pool = limitedPool(context, maxWorkers, () => spawned++);
        const versions = Array.from({ length: 5 }, (_, n) => version(`${maxWorkers}${n}`));
        const [first] = versions as [Gates];
        assert.equal(await pool.submit(first.mediumOrLong, undefined, "first"), "first");
        const before = spawned;
        for (let n = 0; n < 100; n++) await pool.submit(first.mediumOrLong, undefined, n);
        assert.equal(spawned, before, "what may be loaded needs no other");
        const calls: [Future<unknown>, number][] = [];
        // Several at a time, so that some are sent ahead behind others, of which some take long.
        for (let n = 0; n < 300; n++) {
          const { mediumOrLong, shortOrLong } = versions[Math.floor(random() * 5)] as Gates;
          const task = random() < 0.03 ? mediumOrLong : shortOrLong;
          calls.push([pool.submit(task, undefined, n), n]);
          if (random() < 0.1) await calls.at(-1)?.[0];
        }
        for (const [call, n] of calls) assert.equal(await call, n);
        assert.ok(spawned > before, "and others do");
        assert.equal(pool.stats().lost, 0);
      }
    },
  },
  {
    id: "cf-load-elsewhere-busy",
    title: "where only a worker that is busy may load what comes, an idle one gives its place",
    applies: withSpawn,
    async run(context) {
      const pool = limitedPool(context, 2, () => {});
      const [early, late] = ["early", "late"].map(version) as [Gates, Gates];
      const [first, second, third] = [context.gate(), context.gate(), context.gate()];
      const held = [first, second].map(({ path }) => pool.submit(early.waitAt, path, path));
      await context.until(() => held.every((future) => future.running()));
      first.open();
      await held[0];
      const busy = pool.submit(late.waitAt, third.path, "late");
      await context.until(() => busy.running());
      second.open();
      await held[1];
      assert.equal(await pool.submit(late.shortOrLong, undefined, 3), 3);
      assert.equal(busy.running(), true);
      third.open();
      assert.equal(await busy, "late");
    },
  },
];

/** A pool whose workers may load only what waits when they start. */
function limitedPool(context: CaseContext, maxWorkers: number, onSpawn: () => void): PoolExecutor {
  const { spawn } = context.subject;
  assert.ok(spawn);
  const limited: Spawn = (handlers, worker, wanted) => {
    onSpawn();
    const shown = new Set(wanted?.());
    const canLoad = (module: string) => shown.has(module);
    return Object.assign(spawn(handlers, worker, wanted), { canLoad });
  };
  return context.keep(new PoolExecutor(limited, { maxWorkers, onError: context.onError }));
}

type Gates = TasksOf<typeof import("../fixtures/gates.ts")>;

/** The same module at another address. */
function version(name: string): Gates {
  const module = new URL("../fixtures/gates.ts", import.meta.url);
  return importTasks<typeof import("../fixtures/gates.ts")>(`${module}?v=${name}`);
}

function dataModule(text: string): string {
  // In base64, for Bun takes what follows the last point of a data address for the extension of a file.
  return `data:text/javascript;base64,${btoa(text)}`;
}

/** A module in a package that is of CommonJS as a whole. */
function commonModule({ directory }: CaseContext, file: string, text: string): TasksOf<Functions> {
  writeFileSync(join(directory, "package.json"), `{ "type": "commonjs" }`);
  writeFileSync(join(directory, file), text);
  return importTasks<Functions>(`file://${join(directory, file)}`);
}
