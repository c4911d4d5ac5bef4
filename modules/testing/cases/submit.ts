// Cases of submit(): what it takes, what it refuses, what comes back. Rows 1, 2, 77 to 79, 87, 93, 122.
import assert from "node:assert/strict";
import { Future, importTasks, ShutdownError, task } from "../../../mod.ts";
import { everywhere, inProcessOnly, withRealWorkers, withWorkers } from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { cube, greetLater } from "../fixtures/self_registering.ts";
import {
  absent,
  arithmetic,
  failures,
  missing,
  places,
  selfRegistering,
  throwsOnImport,
} from "../tasks.ts";

/** Cases of submit(). */
export const submitCases: readonly ConformanceCase[] = [
  {
    id: "py-1",
    title: "submit() gives a task's value through the future",
    applies: everywhere,
    async run(context) {
      const future = context.create().submit(arithmetic.add, 2, 3);
      assert.ok(future instanceof Future);
      assert.equal(await future.result(), 5);
    },
  },
  {
    id: "py-2",
    title: "submit() hands an options record on, and throws TypeError for what is no task",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      assert.equal(await executor.submit(arithmetic.describeOptions, { self: 1, fn: "f" }), "1 f");
      for (const nothing of [undefined, null, 42, "add", {}]) {
        assert.throws(() => executor.submit(nothing as never), TypeError);
        assert.throws(() => executor.map(nothing as never, [1]), TypeError);
      }
    },
  },
  {
    id: "py-77",
    title: "submit() of a closure is a TypeError at the call that says how to name it",
    applies: withWorkers,
    run(context) {
      const executor = context.create();
      const local = 3;
      const closure = (n: number): number => n * local;
      for (const call of [
        () => executor.submit(closure as never, 1 as never),
        () => executor.map(closure as never, [1 as never]),
        () => executor.starmap(closure as never, [[1]] as never),
      ]) {
        assert.throws(call, (error) => {
          assert.ok(error instanceof TypeError);
          assert.match(error.message, /task\(import\.meta\.url|importTasks/);
          return true;
        });
      }
      assert.equal(executor.stats().queued, 0);
      return Promise.resolve();
    },
  },
  {
    id: "py-78",
    title: "submit() of a local class or its instance is a TypeError at the call",
    applies: withWorkers,
    run(context) {
      class Local {
        call(): void {}
      }
      const executor = context.create();
      assert.throws(() => executor.submit(Local as never), TypeError);
      assert.throws(() => executor.submit(new Local() as never), TypeError);
      return Promise.resolve();
    },
  },
  {
    id: "py-79",
    title: "submit() of a bound method is a TypeError at the call",
    applies: withWorkers,
    run(context) {
      class Local {
        n = 1;
        call(): number {
          return this.n;
        }
      }
      const local = new Local();
      assert.throws(() => context.create().submit(local.call.bind(local) as never), TypeError);
      return Promise.resolve();
    },
  },
  {
    id: "py-87",
    title: "a task that the worker cannot find rejects its future instead of hanging",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const absentModule = executor.submit(missing.never);
      const absentExport = executor.submit(absent.noSuchExport);
      const notAFunction = executor.submit(absent.notAFunction);
      const after = executor.submit(arithmetic.square, 3);
      await assert.rejects(absentModule.result(), /no_such_module/);
      await assert.rejects(absentExport.result(), /noSuchExport/);
      await assert.rejects(notAFunction.result(), /notAFunction/);
      assert.equal(await after, 9);
    },
  },
  {
    id: "py-93",
    title: "await submit() bridges to the event loop and the task ran elsewhere",
    applies: withRealWorkers,
    async run(context) {
      const [here, there] = [await import("../fixtures/here.ts"), context.create()];
      const place = await there.submit(places.whereAmI);
      const same = place.pid === here.place.pid && place.threadId === here.place.threadId;
      assert.equal(same, false);
      assert.equal(place.pid === here.place.pid, !context.subject.traits.processes);
    },
  },
  {
    id: "py-122",
    title: "submit() after shutdown() throws ShutdownError",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const closing = executor.shutdown();
      assert.throws(() => executor.submit(arithmetic.square, 1), {
        name: "ShutdownError",
        message: /^Cannot submit task: executor is shut down/,
      });
      await closing;
      assert.throws(() => executor.submit(arithmetic.square, 1), ShutdownError);
    },
  },
  {
    id: "cf-submit-function",
    title: "an in-process executor takes any function, closures and async ones included",
    applies: inProcessOnly,
    async run(context) {
      const executor = context.create();
      const local = 3;
      assert.equal(await executor.submit(((n: number) => n * local) as never, 2 as never), 6);
      assert.equal(await executor.submit((async () => local) as never), 3);
      assert.deepEqual(
        await Array.fromAsync(executor.map(((n: number) => n + local) as never, [1, 2] as never[])),
        [4, 5],
      );
      const given = { self: {} };
      assert.equal(
        await executor.submit(((value: object) => value) as never, given as never),
        given,
      );
    },
  },
  {
    id: "cf-submit-same-tick",
    title: "submit() returns a pending future in the same tick, before any code of the task",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const future = executor.submit(arithmetic.square, 3);
      assert.equal(future.done(), false);
      assert.notEqual(future.state, "finished");
      assert.equal(await future, 9);
    },
  },
  {
    id: "cf-task-imported",
    title: "importTasks() takes a URL or its text, default exports and async functions",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const { href } = new URL("../fixtures/arithmetic.ts", import.meta.url);
      const tasks = importTasks<typeof import("../fixtures/arithmetic.ts")>(href);
      assert.equal(await executor.submit(tasks.square, 4), 16);
      assert.equal(await executor.submit(tasks.default, 4), 12);
      assert.equal(await executor.submit(tasks.squareLater, 4), 16);
      assert.equal(await executor.submit(tasks.returnNothing), undefined);
      assert.equal(tasks.square.name, "square");
    },
  },
  {
    id: "cf-task-registered",
    title: "task() names a function of its own module, as an import and through importTasks()",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      assert.equal(await executor.submit(cube, 3), 27);
      assert.equal(await executor.submit(greetLater, "you"), "hello you");
      assert.equal(await executor.submit(selfRegistering.cube, 2), 8);
      assert.deepEqual(await Array.fromAsync(executor.map(cube, [1, 2])), [1, 8]);
    },
  },
  {
    id: "cf-task-refused",
    title: "task() and importTasks() refuse relative addresses and nameless functions",
    applies: everywhere,
    run() {
      assert.throws(() => importTasks("./jobs.ts"), TypeError);
      assert.throws(() => task("./jobs.ts", function named() {}), TypeError);
      assert.throws(() => task(import.meta.url, () => {}), TypeError);
      assert.throws(() => task(import.meta.url, 42 as never), TypeError);
      return Promise.resolve();
    },
  },
  {
    id: "cf-task-module-throws",
    title: "a module that throws on import rejects that future only, with the cause",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const broken = [executor.submit(throwsOnImport.never), executor.submit(throwsOnImport.never)];
      const after = executor.submit(arithmetic.square, 3);
      for (const future of broken) {
        assert.match(textWithCauses(await future.exception()), /this module is broken/);
      }
      assert.equal(await after, 9);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-submit-arguments",
    title: "arguments arrive as they were when submit() was called with them",
    applies: everywhere,
    async run(context) {
      const executor = context.create();
      const values: unknown[] = [
        0,
        -0,
        "",
        null,
        undefined,
        true,
        10n,
        Number.NaN,
        [1, [2]],
        { a: 1 },
      ];
      for (const value of values) {
        assert.deepEqual(await executor.submit(arithmetic.identity, value), value);
      }
      assert.equal(await executor.submit(arithmetic.sumOf, ...[1, 2, 3, 4, 5]), 15);
      assert.equal(await executor.submit(arithmetic.sumOf), 0);
      const rich = {
        date: new Date(5),
        map: new Map([["k", new Set([1])]]),
        bytes: new Uint8Array([1, 2, 3]),
        pattern: /a+/g,
      };
      assert.deepEqual(await executor.submit(arithmetic.identity, rich), rich);
    },
  },
  {
    id: "cf-submit-hostile-keys",
    title: "arguments and results with keys such as __proto__ change no prototype",
    applies: everywhere,
    async run(context) {
      const before = Object.getOwnPropertyNames(Object.prototype);
      const hostile = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as object;
      const back = (await context.create().submit(arithmetic.identity, hostile)) as object;
      assert.equal(({} as { polluted?: number }).polluted, undefined);
      assert.deepEqual(Object.getOwnPropertyNames(Object.prototype), before);
      assert.equal((back as { constructor: unknown }).constructor, 2);
    },
  },
  {
    id: "cf-submit-throws-anything",
    title: "a task may throw anything, undefined and 0 included, and it is a failure",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const value of [undefined, 0, null, "", "text", Number.NaN, { code: 7 }]) {
        const future = executor.submit(failures.throwValue, value);
        const outcome = await future.result().then(
          () => "resolved",
          (error: unknown) => ({ error }),
        );
        assert.deepEqual(outcome, { error: value });
        assert.deepEqual(await future.exception(), value);
      }
      assert.equal(executor.stats().failed, 7);
    },
  },
];

function textWithCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message}\n${textWithCauses(error.cause)}`;
}
