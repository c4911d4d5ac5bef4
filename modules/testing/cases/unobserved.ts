// Cases of failures nobody looks at: each is told once, and what strikes many is one report with a count.
import assert from "node:assert/strict";
import { BrokenExecutorError } from "../../../mod.ts";
import { everywhere, withOwnWorkers, withWorkers } from "../applicability.ts";
import type { CaseContext, Report } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { arithmetic, failures, places } from "../tasks.ts";

/** What was reported of failures nobody looked at. */
const told = (context: CaseContext): readonly Report[] =>
  context.reports.filter(({ about }) => about.kind === "unobserved");

/** Cases of failures nobody looks at. */
export const unobservedCases: readonly ConformanceCase[] = [
  {
    id: "cf-unobserved-map",
    title: "a map that fails at each element is one report with a count, once its reader has gone",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 2 });
      const pairs = Array.from({ length: 1000 }, (_, n): [number, number] => [n, n]);
      const results = executor.starmap(arithmetic.squareOrThrowAt.with({ name: "bad" }), pairs);
      await assert.rejects(async () => {
        // Leaves the loop, and by the rules of the language the rest unread.
        for await (const _ of results);
      }, /bad element 0/);
      await executor.shutdown();
      assert.equal(told(context).length, 1);
      const [report] = told(context);
      assert.match(String(report?.error), /bad element 1$/);
      assert.deepEqual(report?.about, { kind: "unobserved", task: "bad", count: 999 });
    },
  },
  {
    id: "cf-unobserved-kinds",
    title: "of one map each kind of error is told once, and no more than some",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const kinds = ["RangeError", "TypeError", "SyntaxError"];
      const results = executor.map(
        failures.throwBuiltIn,
        Array.from({ length: 30 }, (_, n) => kinds[n % 3] as string),
      );
      const letters = Array.from({ length: 26 * 26 }, (_, n) =>
        [Math.floor(n / 26), n % 26].map((at) => String.fromCharCode(97 + at)).join(""),
      );
      const endless = executor.map(failures.throwRangeError, letters);
      await executor.shutdown();
      const counts = (name: string) =>
        told(context)
          .filter(({ about }) => about.task === name)
          .map(({ about }) => about.count ?? 1);
      assert.deepEqual(counts("throwBuiltIn"), [10, 10, 10]);
      const bounded = counts("throwRangeError");
      assert.ok(bounded.length > 1 && bounded.length <= 16, `${bounded.length} reports`);
      assert.equal(
        bounded.reduce((sum, count) => sum + count),
        letters.length,
      );
      await Promise.all([results.return(), endless.return()]);
    },
  },
  {
    id: "cf-unobserved-odd",
    title: "errors of a map that cannot be read are told once, too, and the shutdown goes on",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      void executor.map(failures.throwRevokedProxy as never, Array(20).fill(0));
      void executor.map(failures.throwValue, Array(20).fill(undefined));
      await executor.shutdown();
      assert.deepEqual(
        told(context).map(({ about }) => about.count),
        [20, 20],
      );
    },
  },
  {
    id: "cf-unobserved-broken",
    title: "an executor that breaks under thousands of calls tells of it once",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({ maxWorkers: 2, initializer: places.failToInitialize });
      const results = executor.map(
        arithmetic.square,
        Array.from({ length: 2000 }, (_, n) => n),
      );
      const first = executor.submit(arithmetic.squareLater, 0);
      for (let n = 1; n < 2000; n++)
        executor.submit(arithmetic.squareLater.with({ name: `${n}` }), n);
      await executor.shutdown();
      assert.equal(first.done(), true);
      assert.equal(told(context).length, 1);
      const [report] = told(context);
      assert.ok(report?.error instanceof BrokenExecutorError);
      assert.equal(report.about.count, 4000);
      assert.equal(report.about.task, "square");
      await results.return();
    },
  },
  {
    id: "cf-unobserved-task",
    title: "the report of a failure nobody looked at names its task, in the console too",
    applies: everywhere,
    async run(context) {
      const executor = context.create({ maxWorkers: 1 });
      const future = executor.submit(failures.throwRangeError.with({ name: "save" }), "unseen");
      await executor.shutdown();
      const { error, about } = told(context)[0] as Report;
      assert.match(String(error), /unseen/);
      assert.deepEqual(Object.keys(about).toSorted(), ["future", "kind", "task"]);
      assert.deepEqual([about.future, about.task], [future, "save"]);
    },
  },
];
