// Cases of values: whatever they are made of, they arrive whole or are refused by their path.
import assert from "node:assert/strict";
import type { ConformanceCase } from "../conformance_case.ts";
import { give } from "../fixtures/specimens.ts";
import { arithmetic, contexts, gates, values } from "../tasks.ts";
import { tryValues } from "../value_trials.ts";
import { everywhere, withCloning, withRealWorkers } from "./_applicability.ts";

/** Kinds of specimens that no link carries, or not each. */
const UNSENDABLE = [
  "SharedArrayBuffer",
  "WebAssembly.Module",
  "function",
  "symbol",
  "proxy",
  "revoked proxy",
  "Promise (within an object)",
  "AbortSignal",
  "ArrayBuffer that was moved away",
];

/** Cases of values on their way. */
export const valuesCases: readonly ConformanceCase[] = [
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
    applies: withRealWorkers,
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
      const executor = context.create({ maxWorkers: 1 });
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
    applies: withCloning,
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
    applies: withCloning,
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
