// Cases of the initializer. Rows 64 to 75.
import assert from "node:assert/strict";
import { BrokenExecutorError } from "../../../mod.ts";
import {
  withOwnWorkers,
  withRealWorkers,
  withWorkerScripts,
  withWorkers,
} from "../applicability.ts";
import type { CaseContext } from "../case_context.ts";
import type { ConformanceCase } from "../conformance_case.ts";
import { runScript } from "../run_script.ts";
import { arithmetic, gates, places } from "../tasks.ts";

/** Cases of the initializer. */
export const initializerCases: readonly ConformanceCase[] = [
  {
    id: "py-64",
    title: "the initializer has run, once, in every worker before its first task",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const gate = context.gate();
      const executor = context.create({
        maxWorkers: 2,
        initializer: places.remember,
        initializerArgs: ["set", 1],
      });
      const running = [1, 2].map(() => executor.submit(places.recallAt, gate.path));
      await context.until(() => running.every((future) => future.running()));
      gate.open();
      const found = await Promise.all(running);
      assert.equal(new Set(found.map(({ workerId }) => workerId)).size, 2);
      for (const { remembered } of found) assert.deepEqual(remembered, ["set", 1]);
      assert.deepEqual(
        await executor.submit(places.recall),
        ["set", 1],
        "not again for a later task",
      );
    },
  },
  {
    id: "py-65",
    title: "an initializer that throws breaks the executor: every future and every submit()",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({
        maxWorkers: 1,
        initializer: places.failToInitialize,
        initializerArgs: ["no luck"],
      });
      const futures = [1, 2, 3].map((n) => executor.submit(arithmetic.square, n));
      for (const future of futures) {
        const error = await future.exception();
        assert.ok(error instanceof BrokenExecutorError);
        assert.match(textWithCauses(error), /no luck/);
      }
      assert.throws(() => executor.submit(arithmetic.square, 1), BrokenExecutorError);
      assert.throws(() => executor.map(arithmetic.square, [1]), BrokenExecutorError);
      await context.until(() => executor.stats().workers === 0);
      assertReported(context);
    },
  },
  {
    id: "py-70",
    title: "the initializer runs before the first task, an async one to its end",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const executor = context.create({
        maxWorkers: 1,
        initializer: places.rememberLater,
        initializerArgs: ["early"],
      });
      assert.deepEqual(await executor.submit(places.recall), ["early"]);
    },
  },
  {
    id: "py-71",
    title:
      "initializer and task can be functions of the main script, whose own globals stay untouched",
    applies: withWorkerScripts,
    async run(context) {
      const { stdout, stderr, code } = await runScript(context, "main_module.ts");
      assert.deepEqual(
        { stdout, code },
        { stdout: "worker: set by initializer\nmain: untouched\n", code: 0 },
      );
      assert.equal(stderr, "");
    },
  },
  {
    id: "py-72",
    title: "a closure as initializer is refused when the executor is made",
    applies: withWorkers,
    run(context) {
      const local = 1;
      const closure = (): number => local;
      assert.throws(() => context.create({ initializer: closure as never }), TypeError);
      return Promise.resolve();
    },
  },
  {
    id: "py-73",
    title: "a bound method as initializer is refused when the executor is made",
    applies: withWorkers,
    run(context) {
      class Local {
        n = 1;
        call(): number {
          return this.n;
        }
      }
      const local = new Local();
      const initializer = local.call.bind(local) as never;
      assert.throws(() => context.create({ initializer }), TypeError);
      return Promise.resolve();
    },
  },
  {
    id: "py-75",
    title: "what an initializer threw is the cause of the futures' errors",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({
        initializer: places.failToInitialize,
        initializerArgs: ["original text"],
      });
      const error = await executor.submit(arithmetic.square, 1).exception();
      assert.ok(error instanceof BrokenExecutorError);
      assert.ok(
        error.cause instanceof RangeError,
        "the cause is the error itself, its class included",
      );
      assert.equal(error.cause.message, "original text");
      assertReported(context);
    },
  },
  {
    id: "cf-initializer-failed-later-map",
    title: "an executor broken by its initializer fails what map() waits for",
    applies: withOwnWorkers(withWorkers),
    async run(context) {
      const executor = context.create({
        maxWorkers: 1,
        initializer: places.failToInitialize,
        initializerArgs: ["no luck"],
      });
      const results = executor.map(arithmetic.square, [1, 2, 3], { bufferSize: 1 });
      await assert.rejects(Array.fromAsync(results), BrokenExecutorError);
      assertReported(context);
    },
  },
  {
    id: "cf-initializer-replacement",
    title: "the initializer runs again in the worker that replaces another",
    applies: withOwnWorkers(withRealWorkers),
    async run(context) {
      const log = context.log();
      const executor = context.create({
        maxWorkers: 1,
        maxTasksPerWorker: 1,
        initializer: gates.logLine,
        initializerArgs: [log.path, "initialized"],
      });
      for (const n of [1, 2, 3]) assert.equal(await executor.submit(arithmetic.square, n), n * n);
      assert.equal(log.lines().length, 3);
    },
  },
];

/** A broken executor is told to more than those who wait: Python logs it as critical. */
function assertReported({ reports }: CaseContext): void {
  assert.ok(reports.length >= 1);
  assert.ok(reports.every(({ about }) => about.kind === "worker"));
}

function textWithCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return `${error.message}\n${textWithCauses(error.cause)}`;
}
