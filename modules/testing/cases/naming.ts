// Cases of names: what lies within exports, what is defined by key, and what no name leads to.
import assert from "node:assert/strict";
import { bind, type Future, importTasks, type TasksOf } from "../../../mod.ts";
import { withAnyModule } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { defined } from "../fixtures/naming.ts";
import { naming } from "../tasks.ts";

/** Cases of names. */
export const namingCases: readonly ConformanceCase[] = [
  {
    id: "cf-name-static",
    title: "jobs.Images.scale is a static method, called as a method of its class",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(naming.Images.scale.name, "Images.scale");
      assert.equal(await executor.submit(naming.Images.scale, 3), 30);
      assert.equal(await executor.submit(naming.Images.factor.with({ priority: 1 }), 2), 20);
      assert.deepEqual(await Array.fromAsync(executor.map(naming.Images.factor, [1, 2])), [10, 20]);
      const stream = executor.stream(naming.Images.rows, 2);
      assert.deepEqual(await Array.fromAsync(stream), [0, 1]);
      assert.equal(await stream.future, "all");
    },
  },
  {
    id: "cf-name-nested",
    title:
      "jobs.tools.text.upper is a function in a plain object, and jobs.Images.Inner.deep one in a class within a class",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(naming.tools.text.upper, "a"), "A");
      assert.equal(await executor.submit(naming.Images.Inner.deep), "deep");
      assert.equal(await executor.submit(naming.defined.double, 4), 8);
    },
  },
  {
    id: "cf-name-reserved",
    title: 'what is called as something that every task has is reached by jobs.$("Images.with")',
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(await executor.submit(naming.$("Images.with"), "a"), "with a");
      assert.equal(await executor.submit(naming.$("Images.scale"), 1), 10);
      assert.equal(await executor.submit(naming.Images.$("with"), "b"), "with b");
      assert.equal(naming.$("Images.scale"), naming.Images.scale, "one task, however it is named");
      await assert.rejects(
        executor.submit(naming.$("Images.name")).result(),
        /export "Images.name" of .* is not a function/,
      );
    },
  },
  {
    id: "cf-name-own-only",
    title: "a name leads to own properties of classes and plain objects, and to nothing else",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const none = [
        "Pictures.scale",
        "tools.list.0",
        "tools.list.map",
        "tools.made.notStatic",
        "tools.notAFunction.toFixed",
        "tools.nothing.at.all",
        "Images.toString",
      ];
      for (const path of none) {
        await assert.rejects(
          executor.submit(naming.$(path)).result(),
          { name: "ReferenceError", message: new RegExp(`has no export "${path}"`) },
          path,
        );
      }
    },
  },
  {
    id: "cf-name-refused",
    title:
      "constructor, prototype and __proto__ are no steps of a name, at the call and in the worker",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const step of ["constructor", "prototype", "__proto__"]) {
        for (const path of [`Images.${step}`, `Images.${step}.notStatic`, step])
          assert.throws(() => naming.$(path), { name: "TypeError", message: /has a step/ }, path);
      }
      assert.equal((naming.Images as unknown as { prototype: unknown }).prototype, undefined);
      assert.throws(() => naming.$("Images..scale"), { name: "TypeError" });
      // A name need not come by `$`.
      const forged = importTasks<Record<string, () => unknown>>(
        new URL("../fixtures/naming.ts", import.meta.url),
      );
      for (const path of [
        "Images.prototype.notStatic",
        "Images.constructor",
        "tools.__proto__.toString",
      ]) {
        const found = forged[path];
        if (found === undefined) continue;
        await assert.rejects(executor.submit(found).result(), { name: "ReferenceError" }, path);
      }
    },
  },
  {
    id: "cf-name-defined",
    title: "defineTasks() makes tasks of arrows, methods and generators, by their keys",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      assert.equal(defined.double.name, "double");
      assert.equal(await executor.submit(defined.double, 21), 42);
      assert.equal(await executor.submit(defined.later, "said"), "said, later");
      assert.deepEqual(await Array.fromAsync(executor.stream(defined.upTo, 3)), [0, 1, 2]);
      const byKey: TasksOf<{ double(n: number): number }> = importTasks(
        new URL("../fixtures/naming.ts", import.meta.url),
      );
      assert.equal(await executor.submit(byKey.double, 1), 2, "named from elsewhere, too");
    },
  },
  {
    id: "cf-name-ambiguous",
    title: "a module that exports one function and defines another under one name is told so",
    applies: withAnyModule(
      ({ traits }) => traits.clones || "the function itself is called, whatever it is named",
    ),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      await assert.rejects(executor.submit(defined.twice, 1).result(), {
        name: "TypeError",
        message: /exports "twice", and has named another function so; rename one/,
      });
      assert.equal(await executor.submit(defined.double, 1), 2);
    },
  },
  {
    id: "cf-name-bind",
    title: "bind() makes of tasks functions that submit them, however deep they lie",
    applies: withAnyModule(),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const api = bind(executor, naming);
      const future: Future<number> = api.Images.scale(3);
      assert.equal(await future, 30);
      assert.equal(await api.tools.text.upper("a"), "A");
      assert.equal(api.tools.text.upper, api.tools.text.upper);
      assert.equal(await bind(executor, defined).later("said"), "said, later");
      const own = bind(executor, {
        urgent: naming.Images.factor.with({ name: "urgent" }),
        none: 7,
      });
      using _ = executor.observe((event) => {
        if (event.type === "submitted") assert.equal(event.task, "urgent");
      });
      assert.equal(await own.urgent(1), 10);
      assert.equal((own as { none?: unknown }).none, undefined);
      assert.equal(await Promise.resolve(api), api, "it is no thenable");
      assert.throws(() => bind({} as never, naming), { name: "TypeError", message: /executor/ });
      assert.throws(() => bind(executor, naming.twice), { name: "TypeError", message: /record/ });
      // @ts-expect-error: its argument is a string
      const wrong = () => api.tools.text.upper(1);
      // @ts-expect-error: a generator has many results
      const stream = () => api.Images.rows(1);
      assert.deepEqual([typeof wrong, typeof stream], ["function", "function"]);
    },
  },
];
