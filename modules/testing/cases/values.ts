// Cases of values: whatever they are made of, they arrive whole or are refused by their path.
import assert from "node:assert/strict";
import {
  everywhere,
  withCloning,
  withOwnWorkers,
  withProcesses,
  withRealWorkers,
} from "../applicability.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { give, nest, unreadableFile } from "../fixtures/specimens.ts";
import { arithmetic, contexts, gates, values } from "../tasks.ts";
import { tryValues } from "../value_trials.ts";

/** Kinds of specimens that no link carries, or not each. */
const UNSENDABLE = [
  // A page that is not isolated has none.
  ...(typeof SharedArrayBuffer === "undefined" ? [] : ["SharedArrayBuffer"]),
  "WebAssembly.Module",
  "function",
  "symbol",
  "proxy",
  "revoked proxy",
  "Promise (within an object)",
  "AbortSignal",
  "ArrayBuffer that was moved away",
];

/** So deep that no engine reads it back. */
const DEEP = 5000;

/** Values that are nested deeply, each in a way of its own. */
function nestedDeeply(): [way: string, value: unknown][] {
  let [list, record, url]: unknown[] = [1, 1, new URL("http://host/")];
  for (let level = 0; level < DEEP; level++) [list, record, url] = [[list], { record }, { url }];
  // Each node is an element of the list, and is reached by its neighbours before.
  const nodes: { next?: object }[] = Array.from({ length: DEEP }, () => ({}));
  for (const [at, node] of nodes.entries()) if (at > 0) (nodes[at - 1] as typeof node).next = node;
  return Object.entries({ list, record, url, nodes });
}

/** Cases of values on their way. */
export const valuesCases: readonly ConformanceCase[] = [
  {
    id: "cf-values-nested-deeply",
    title: "what is nested too deeply is refused by task and argument, and its neighbours are not",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const [way, value] of nestedDeeply()) {
        const before = executor.submit(arithmetic.square, 2);
        const deep = executor.submit(values.note, way, value as string);
        const behind = executor.submit(arithmetic.square, 3);
        await assert.rejects(deep.result(), {
          name: "DataCloneError",
          message: /^Cannot send task "note": argument 2 is nested more than 1000 levels deep, /,
        });
        assert.deepEqual(await Promise.all([before, behind]), [4, 9]);
        const results = executor.map(values.sizeOf, [1, value, 3], { chunkSize: 3 });
        assert.equal((await results.next()).value, 0);
        await assert.rejects(results.next(), { name: "DataCloneError" });
        assert.equal((await results.next()).value, 0);
        await assert.rejects(executor.submit(values.nest, way === "list", DEEP).result(), {
          name: "DataCloneError",
          message: /^Cannot return from task "nest": result is nested more than 1000 levels deep, /,
        });
      }
      assert.equal(await executor.submit(values.depthOf, nest(false, 900)), 900);
      const { lost, workers } = executor.stats();
      assert.deepEqual([lost, workers, context.reports], [0, 1, []]);
    },
  },
  {
    id: "cf-values-nearly-empty-list",
    title: "a list of four milliard places, of which two are taken, arrives at once",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const list: unknown[] = [];
      list[2 ** 32 - 2] = "last";
      list[7] = { at: 7 };
      const got = (await executor.submit(arithmetic.identity, list)) as unknown[];
      assert.equal(got.length, list.length);
      assert.deepEqual(Object.entries(got), Object.entries(list));
    },
  },
  {
    id: "cf-values",
    title: "each kind of value arrives whole, or as the table says, or is refused by task and path",
    applies: everywhere,
    async run(context) {
      const trials = await tryValues(context.create({ maxWorkers: 1 }));
      assert.ok(trials.filter(({ outcome }) => outcome !== "absent").length > 60);
      const wrong = trials.filter(
        ({ outcome }) => !["whole", "partly", "refused", "absent"].includes(outcome),
      );
      assert.deepEqual(wrong, []);
      if (context.subject.traits.clones) return;
      for (const { name, outcome } of trials)
        assert.ok(outcome === "whole" || outcome === "absent", `${name} is ${outcome}`);
    },
  },
  {
    id: "cf-values-files",
    title: "files arrive with their bytes, there and back, and in the order of their calls",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const file = new File(["first"], "first.txt", { type: "text/plain", lastModified: 7 });
      const futures = [
        executor.submit(values.read, file, log.path),
        executor.submit(values.note, "second", log.path),
        executor.submit(values.read, new Blob(["third"]), log.path),
        executor.submit(values.note, "fourth", log.path),
      ];
      const texts = ["first", "second", "third", "fourth"];
      assert.deepEqual(await Promise.all(futures), texts);
      assert.deepEqual(log.lines(), texts);
      const { list } = await executor.submit(values.makeFile, "some text");
      const [made, blob] = list as [File, Blob];
      assert.deepEqual(
        [made.name, await made.text(), await blob.text()],
        ["made.txt", "some text", "some textsome text"],
      );
      assert.deepEqual(
        await Array.fromAsync(executor.map(values.sizeOf, [new Blob(["a"]), 1, new Blob(["abc"])])),
        [1, 0, 3],
      );
    },
  },
  {
    id: "cf-values-file-among-others",
    title:
      "where calls of one message are refused, and others wait for files, each has its own value",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const elements = [1, new Blob(["abc"]), 2, () => 1, new Error("x"), 3, new Blob(["de"]), 4];
      for (const chunkSize of [1, 3, 8]) {
        const results = executor.map(arithmetic.identity, elements, { chunkSize });
        const seen: unknown[] = [];
        for (let left = elements.length; left > 0; left--) {
          const next = await results.next().catch((error: Error) => ({ value: error.name }));
          seen.push(next.value);
        }
        const kinds = seen.map((value) =>
          value instanceof Blob ? value.size : value instanceof Error ? value.message : value,
        );
        assert.deepEqual(kinds, [1, 3, 2, "DataCloneError", "x", 3, 2, 4], `${chunkSize}`);
      }
    },
  },
  {
    id: "cf-values-file-cancelled",
    title: "a call that waits for its file to be read can be cancelled, and costs no other",
    applies: withCloning,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      await executor.submit(values.note, "warm", log.path);
      const future = executor.submit(values.read, new Blob(["never"]), log.path);
      const behind = executor.submit(values.note, "behind", log.path);
      // The calls have left by the end of the tick, and the bytes are not read yet.
      await Promise.resolve();
      const wasCancelled = future.cancel();
      assert.equal(await behind, "behind");
      if (wasCancelled) assert.deepEqual(log.lines(), ["warm", "behind"]);
      else assert.equal(await future, "never");
      const { lost, busy } = executor.stats();
      assert.deepEqual([lost, busy], [0, 0]);
    },
  },
  {
    id: "cf-values-file-unreadable",
    title: "a file that cannot be read fails its own call, by its path",
    applies: withProcesses,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const log = context.log();
      const file = await unreadableFile(`${context.directory}/gone`);
      const behind = executor.submit(values.note, "behind", log.path);
      if (file !== undefined) {
        const error = await executor.submit(values.takeNested, "Blob", within(file)).exception();
        assert.match(
          String(error),
          /^DataCloneError: Cannot send task "takeNested": argument 2, deep\[0\]\.get\("key"\) is a Blob whose bytes cannot be read/,
        );
      }
      assert.equal(await behind, "behind");
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-values-thrown",
    title: "an error arrives as its class with its message, whatever it carries",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const kind of UNSENDABLE) {
        const error = await executor.submit(values.throwWith, kind).exception();
        assert.ok(error instanceof RangeError, kind);
        assert.equal(error.message, "carries it", kind);
      }
      const { failed, lost, workers } = executor.stats();
      assert.deepEqual([failed, lost, workers <= 1], [UNSENDABLE.length, 0, true]);
    },
  },
  {
    id: "cf-values-late",
    title: "an error thrown late is reported, whatever it carries, and costs no task",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const kind of UNSENDABLE) {
        const before = context.reports.length;
        const gate = context.gate();
        for (const task of [values.throwLaterWith, values.rejectLaterWith])
          await executor.submit(task, kind);
        const innocent = executor.submit(gates.waitAt, gate.path, kind);
        await context.until(() => context.reports.length === before + 2);
        for (const { error, about } of context.reports.slice(before)) {
          assert.ok(error instanceof RangeError, `${kind}: ${error}`);
          assert.equal(error.message, "thrown late", kind);
          assert.equal(about.kind, "worker");
        }
        gate.open();
        assert.equal(await innocent, kind);
      }
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-values-reason",
    title: "a task's signal aborts, whatever the reason to cancel it carries",
    applies: everywhere,
    async run(context) {
      // Long: on a busy machine the worker may take its time to hear of it.
      const executor = context.create({ maxWorkers: 1, interruptGrace: 20_000 });
      for (const kind of UNSENDABLE) {
        const log = context.log();
        const future = executor.submit(contexts.logAbort, log.path);
        await context.until(() => log.lines().length === 1);
        const reason = { value: give(kind) };
        assert.equal(future.cancel({ interrupt: true, reason }), true);
        await context.until(() => log.lines().length === 2);
        assert.equal(log.lines()[1], "aborted CancelledError", kind);
      }
      assert.equal(await executor.submit(arithmetic.square, 3), 9);
      assert.equal(executor.stats().lost, 0);
    },
  },
  {
    id: "cf-values-progress",
    title: "a report of progress never fails its task: what of it cannot cross is told in words",
    applies: withOwnWorkers(withCloning),
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      for (const kind of ["function", "revoked proxy", "Promise (within an object)"]) {
        const before = context.reports.length;
        const future = executor.submit(values.progressWith, kind);
        assert.equal(await future, kind);
        assert.equal(future.snapshot().progress?.fraction, 0.5);
        await context.until(() => context.reports.length === before + 1);
        const [report] = context.reports.slice(before);
        assert.match(
          String(report?.error),
          /^DataCloneError: Cannot report progress of task "progressWith": detail\.value.* is a/,
        );
      }
    },
  },
  {
    id: "cf-values-initializer",
    title: "an argument of the initializer that cannot cross is refused when the pool is made",
    applies: withOwnWorkers(withCloning),
    run(context) {
      assert.throws(
        () =>
          context.create({
            initializer: values.take,
            initializerArgs: ["function", { run: [() => 1] }],
          }),
        {
          name: "DataCloneError",
          message: /^Cannot use initializerArgs: \[1\]\.run\[0\] is a function, which cannot cross/,
        },
      );
      return Promise.resolve();
    },
  },
];

/** As the fixture looks for it. */
function within(value: unknown): { deep: [Map<string, unknown>] } {
  return { deep: [new Map([["key", value]])] };
}
